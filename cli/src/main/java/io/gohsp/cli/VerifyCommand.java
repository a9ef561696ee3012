package io.gohsp.cli;

import io.gohsp.data.Augmentation;
import io.gohsp.data.ModelData;
import io.gohsp.data.ModelInputs;
import io.gohsp.data.Samples;
import io.gohsp.data.Splits;
import io.gohsp.engine.Engine;
import io.gohsp.engine.OrtEngine;
import io.gohsp.equivalence.NotVerifiable;
import io.gohsp.equivalence.Provenance;
import io.gohsp.equivalence.UserSamples;
import io.gohsp.io.OnnxReader;
import io.gohsp.ir.Location;
import io.gohsp.ir.Model;
import io.gohsp.ir.ModelException;
import io.gohsp.ort.OrtOptions;
import io.gohsp.pipeline.PruningDefaults;
import io.gohsp.train.Agreement;
import io.gohsp.verify.Evidence;
import io.gohsp.verify.GivenSamples;
import io.gohsp.verify.Verdict;
import io.gohsp.work.Fingerprint;
import io.gohsp.workers.Shards;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Objects;
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
      "The plan is in the pruned model's metadata. Compared are what both compute on random inputs,"
          + " and graph and constants with a fresh cut of the original. A model that was trained"
          + " cannot equal its original: all that training leaves alone must, and what was found"
          + " when it was cut is told. With data: how far both agree on it.",
      ""
    },
    footerHeading = "%nExamples:%n",
    footer = {
      "  gohsp verify model.onnx pruned.onnx",
      "  gohsp verify model.onnx tuned.onnx --data images/"
    })
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
      description = "Of the random inputs and the validation part (default: ${DEFAULT-VALUE}).")
  private long seed;

  @Mixin private ShardOptions shards = new ShardOptions();
  @Mixin private DataOptions data = new DataOptions();
  @Mixin private VerificationOptions verification = new VerificationOptions();
  @Mixin private ConsoleOptions console = new ConsoleOptions();

  @Override
  public Integer call() {
    Integer elsewhere = shards.elsewhere(spec);
    if (elsewhere != null) {
      return elsewhere;
    }
    try (Phases phases = new Phases(console, Printed.err(spec))) {
      phases.accept("reading");
      Model original = OnnxReader.read(originalFile);
      Model pruned = OnnxReader.read(prunedFile);
      Provenance provenance = provenance(original, pruned);
      if (!provenance.isFaithful()) {
        requireRecorded(provenance);
      }
      phases.accept("verifying");
      if (!data.isGiven()) {
        return told(provenance, check(original, provenance, pruned, List.of()), null, phases);
      }
      try (ModelData opened = data.open(pruned, original).requireClasses()) {
        DataOptions.tell(phases, opened);
        Samples samples = samples(opened, original);
        if (shards.isPart()) {
          return shards.print(summing(original, pruned, samples), spec);
        }
        List<GivenSamples> given = UserSamples.first(original, samples);
        Verdict verdict = check(original, provenance, pruned, given);
        phases.accept("comparing on data");
        Agreement agreement = agreement(original, pruned, samples);
        new Notes(console, Printed.err(spec))
            .onChance(agreement.firstAccuracy(), agreement.samples(), opened.source());
        return told(provenance, verdict, agreement, phases);
      }
    }
  }

  private int told(
      Provenance provenance, Verdict verdict, @Nullable Agreement agreement, Phases phases) {
    phases.finish();
    print(provenance, verdict, agreement);
    return verdict.passed() ? ExitCodes.DONE : ExitCodes.NOT_EQUIVALENT;
  }

  private void print(Provenance provenance, Verdict verdict, @Nullable Agreement agreement) {
    boolean trained = !provenance.isFaithful();
    PrintWriter out = Printed.out(spec);
    if (console.json()) {
      Json.print(
          out,
          json -> {
            if (trained) {
              VerdictReport.write(json, Objects.requireNonNull(provenance.recorded()), verdict);
            } else {
              VerdictReport.write(json, verdict);
            }
            json.put("trainedSteps", provenance.trained());
            json.put("correctedLayers", provenance.corrected());
            if (agreement == null) {
              json.putNull("data");
            } else {
              json.object("data", object -> AgreementReport.write(object, agreement));
            }
          });
    } else if (console.text()) {
      if (trained && verdict.passed()) {
        out.println(
            prunedFile
                + ": "
                + changes(provenance)
                + ", so that it computes something else than its original; when it was cut"
                + " it was "
                + VerdictReport.text(Objects.requireNonNull(provenance.recorded())));
      } else if (verdict.passed()) {
        out.println(prunedFile + ": " + VerdictReport.text(verdict));
      }
      if (verdict.passed() && !verdict.evidence().equals(Evidence.NONE)) {
        out.println(prunedFile + ": " + VerdictReport.seen(verdict.evidence()));
        if (!verdict.evidence().unseen().isEmpty()) {
          out.println(prunedFile + ": " + VerdictReport.unseen(verdict.evidence()));
        }
      }
      if (agreement != null) {
        out.println(prunedFile + ": " + AgreementReport.text(agreement));
      }
    }
    out.flush();
    if (!verdict.passed()) {
      PrintWriter err = Printed.err(spec);
      err.println(
          "gohsp: "
              + prunedFile
              + (trained
                  ? " is NOT what its metadata say, a cut of the original that was "
                      + changes(provenance)
                      + " since: "
                      + verdict.reason()
                      + " (if another tool converted or fused it since, verify the file that gohsp"
                      + " wrote)"
                  : " is " + verdict.summary()));
      err.flush();
    }
  }

  private static String changes(Provenance provenance) {
    return Provenance.changes(provenance.corrected(), provenance.trained());
  }

  private void requireRecorded(Provenance provenance) {
    if (provenance.recorded() == null) {
      throw new ModelException.Unsupported(
          Location.of(prunedFile),
          "was "
              + changes(provenance)
              + " and does not say what was found when it was cut: its weights are no longer"
              + " the original's, and what it computes cannot be compared with it",
          "verify the file that was trained, as prune wrote it");
    }
  }

  /** The validation part: what a training with the same seed never saw. */
  private Samples samples(ModelData opened, Model original) {
    new Notes(console, Printed.err(spec)).onMask(original, data.mask());
    return opened.samples(
        Splits.of(opened.source(), 0, seed).validation(),
        ModelInputs.of(original),
        Augmentation.NONE);
  }

  private Agreement agreement(Model original, Model pruned, Samples samples) {
    return Agreement.of(
        original,
        pruned,
        samples,
        batch(original),
        engine(),
        data.mask(),
        shards.shards(spec, samples.dataset().size()));
  }

  private Shards.Summing summing(Model original, Model pruned, Samples samples) {
    return Agreement.summing(original, pruned, samples, batch(original), engine(), data.mask());
  }

  private static int batch(Model original) {
    return PruningDefaults.training(original).batch();
  }

  private Engine engine() {
    ExecutionOptions execution = verification.execution();
    return new OrtEngine(
        OrtOptions.DEFAULT
            .withDevice(execution.device())
            .withThreads(execution.threads())
            .withDims(execution.sizes()));
  }

  private Verdict check(
      Model original, Provenance provenance, Model pruned, List<GivenSamples> given) {
    try {
      return verification.settings(seed).check(original, provenance, pruned, given);
    } catch (NotVerifiable e) {
      throw new ModelException.Unsupported(
          Location.UNKNOWN,
          e.getMessage(),
          "give the sizes of symbolic dimensions with --size NAME=NUMBER");
    }
  }

  private Provenance provenance(Model original, Model pruned) {
    if (planFile != null) {
      return Provenance.withPlan(ApplyCommand.readPlan(planFile).settled(), pruned);
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
