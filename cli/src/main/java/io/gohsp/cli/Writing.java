package io.gohsp.cli;

import io.gohsp.PrunedModel;
import io.gohsp.equivalence.NotEquivalent;
import io.gohsp.equivalence.Verification;
import io.gohsp.ir.ModelException;
import io.gohsp.ort.Device;
import io.gohsp.verify.GivenSamples;
import io.gohsp.verify.Verdict;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.function.BiConsumer;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Model.CommandSpec;

/**
 * The end of {@code prune} and {@code apply}: verify, write, report.
 *
 * @param verification null if that is not wanted
 */
record Writing(CommandSpec spec, ConsoleOptions console, @Nullable Verification verification) {
  Writing {
    if (verification != null) {
      loadOnnxRuntime();
    }
  }

  /** Its native library takes a moment to load, in which the model can be analysed. */
  private static void loadOnnxRuntime() {
    Thread loading =
        new Thread(
            () -> {
              try {
                Device.hasCudaProvider();
              } catch (ModelException | LinkageError e) {
                // told when it is really needed
              }
            },
            "gohsp-load");
    loading.setDaemon(true);
    loading.start();
  }

  int write(PrunedModel pruned, Path target, Phases phases) {
    return write(pruned, target, phases, List.of(), cut -> cut, (cut, verdict) -> {});
  }

  /**
   * Verifies, writes and reports.
   *
   * @param given samples to compare on beside random ones
   * @param timing adds how long models take, once the model is written
   * @param page what else is written then
   */
  int write(
      PrunedModel pruned,
      Path target,
      Phases phases,
      List<GivenSamples> given,
      UnaryOperator<PrunedModel> timing,
      BiConsumer<PrunedModel, @Nullable Verdict> page) {
    Verdict verdict;
    try {
      verdict = OutputFile.write(target, () -> writeTo(target, pruned, given));
    } catch (NotEquivalent e) {
      phases.finish();
      if (console.json()) {
        new PrunedReport(pruned, null, e.verdict()).print(console, Printed.out(spec));
      }
      throw e;
    }
    PrunedModel timed = pruned.isCopy() ? pruned : timing.apply(pruned);
    phases.finish();
    page.accept(timed, verdict);
    new PrunedReport(timed, target, verdict).print(console, Printed.out(spec));
    return ExitCodes.DONE;
  }

  private @Nullable Verdict writeTo(Path target, PrunedModel pruned, List<GivenSamples> given)
      throws IOException {
    if (verification != null) {
      return pruned.writeVerified(target, verification, given);
    }
    pruned.write(target);
    return null;
  }
}
