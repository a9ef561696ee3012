package io.gohsp.cli;

import io.gohsp.Fingerprint;
import io.gohsp.NotVerifiable;
import io.gohsp.Provenance;
import io.gohsp.io.OnnxReader;
import io.gohsp.ir.Location;
import io.gohsp.ir.Model;
import io.gohsp.ir.ModelException;
import io.gohsp.verify.Verdict;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Compares a pruned model with its original. */
@Command(
    name = "verify",
    mixinStandardHelpOptions = true,
    sortOptions = false,
    description = {
      "Proves that a pruned model computes what its original does without the removed parts.",
      "The plan is in the pruned model's metadata.",
      ""
    },
    footerHeading = "%nExample:%n",
    footer = "  gohsp verify model.onnx pruned.onnx")
final class VerifyCommand implements Callable<Integer> {
  @Spec private CommandSpec spec;

  @Parameters(index = "0", paramLabel = "ORIGINAL", description = "The model before pruning.")
  private Path originalFile;

  @Parameters(index = "1", paramLabel = "PRUNED", description = "The model after it.")
  private Path prunedFile;

  @Option(
      names = "--plan",
      paramLabel = "PLAN",
      description = "What was removed, if the pruned model does not say or is not to be asked.")
  private @Nullable Path planFile;

  @Option(
      names = "--seed",
      paramLabel = "N",
      defaultValue = "0",
      description = "Of the random inputs (default: ${DEFAULT-VALUE}).")
  private long seed;

  @Mixin private VerificationOptions verification = new VerificationOptions();
  @Mixin private ConsoleOptions console = new ConsoleOptions();

  @Override
  public Integer call() {
    try (Phases phases = new Phases(console, spec.commandLine().getErr())) {
      phases.accept("reading");
      Model original = OnnxReader.read(originalFile);
      Model pruned = OnnxReader.read(prunedFile);
      requireUntrained(pruned);
      Provenance provenance = provenance(original, pruned);
      phases.accept("verifying");
      Verdict verdict = compare(original, provenance, pruned);
      phases.finish();
      PrintWriter out = spec.commandLine().getOut();
      if (console.json()) {
        Json.print(out, json -> VerdictReport.write(json, verdict));
      } else if (verdict.passed() && console.text()) {
        out.println(prunedFile + ": " + VerdictReport.text(verdict));
      }
      out.flush();
      if (!verdict.passed()) {
        PrintWriter err = spec.commandLine().getErr();
        err.println("gohsp: " + prunedFile + " is " + verdict.summary());
        err.flush();
      }
      return verdict.passed() ? ExitCodes.DONE : ExitCodes.NOT_EQUIVALENT;
    }
  }

  private void requireUntrained(Model pruned) {
    String steps = pruned.metadata().get(Provenance.TRAINED);
    if (steps != null) {
      throw new ModelException.Unsupported(
          Location.of(prunedFile),
          "was trained for "
              + steps
              + " steps after it was pruned: its weights are no longer the original's, and what it"
              + " computes cannot be compared with it",
          "verify the file that was trained, as prune wrote it");
    }
  }

  private Verdict compare(Model original, Provenance provenance, Model pruned) {
    try {
      return verification
          .settings(seed)
          .compare(original, provenance.plan(), provenance.mode(), pruned);
    } catch (NotVerifiable e) {
      throw new ModelException.Unsupported(
          Location.UNKNOWN,
          e.getMessage(),
          "give the sizes of symbolic dimensions with --size NAME=NUMBER");
    }
  }

  private Provenance provenance(Model original, Model pruned) {
    if (planFile != null) {
      return new Provenance(ApplyCommand.readPlan(planFile), null, Verdict.Mode.MASKED);
    }
    String sha256 = Fingerprint.of(original);
    if (!pruned.metadata().containsKey(Provenance.PLAN)
        && sha256 != null
        && sha256.equals(Fingerprint.of(pruned))) { // what an empty plan makes of a model
      return new Provenance(
          new io.gohsp.plan.PruningPlan(List.of(), Map.of()), sha256, Verdict.Mode.PLAIN);
    }
    Provenance provenance = Provenance.of(pruned);
    String expected = provenance.sourceSha256();
    if (expected != null && !expected.equals(sha256)) {
      throw new ModelException.BadPlan(
          Location.of(originalFile),
          "is not the model that "
              + prunedFile
              + " was made from: its SHA-256 is "
              + sha256
              + ", expected "
              + expected,
          "give that model, or the plan with --plan");
    }
    return provenance;
  }
}
