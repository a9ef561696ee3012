package io.gohsp;

import io.gohsp.ir.Model;
import io.gohsp.ir.ModelException;
import io.gohsp.ort.OrtOptions;
import io.gohsp.ort.OrtProgram;
import io.gohsp.plan.PruningPlan;
import io.gohsp.prune.Pruning;
import io.gohsp.verify.SampleInputs;
import io.gohsp.verify.Tolerance;
import io.gohsp.verify.Verdict;
import io.gohsp.verify.Verifier;
import org.jspecify.annotations.Nullable;

/** What a pruned model must equal, ready to run. */
final class Reference implements AutoCloseable {
  private final Verification settings;
  private final Verdict.Mode mode;
  private final Tolerance tolerance;
  private final OrtOptions options;
  private final OrtProgram program;
  private final SampleInputs inputs;
  private final @Nullable Verdict failedBasis;

  private Reference(
      Verification settings,
      Verdict.Mode mode,
      Tolerance tolerance,
      OrtOptions options,
      OrtProgram program,
      SampleInputs inputs,
      @Nullable Verdict failedBasis) {
    this.settings = settings;
    this.mode = mode;
    this.tolerance = tolerance;
    this.options = options;
    this.program = program;
    this.inputs = inputs;
    this.failedBasis = failedBasis;
  }

  static Reference of(Model original, PruningPlan plan, Verdict.Mode mode, Verification settings) {
    boolean plain = mode == Verdict.Mode.PLAIN;
    Model model = plain ? original : Pruning.mask(original, plan);
    OrtOptions options =
        OrtOptions.VERIFY.withDevice(settings.device()).withThreads(settings.threads());
    OrtProgram program = null;
    try {
      program = OrtProgram.compile(plain ? "the original" : "the masked original", model, options);
      SampleInputs inputs = SampleInputs.find(model, program, settings.sizes(), settings.seed());
      Tolerance tolerance = Tolerance.of(original);
      Verdict basis =
          plain || !plan.changesBasis()
              ? null
              : inBasis(original, plan, options, inputs, settings.samples(), tolerance);
      boolean failed = basis != null && !basis.passed();
      return new Reference(
          settings, mode, tolerance, options, program, inputs, failed ? basis : null);
    } catch (ModelException e) {
      if (program != null) {
        program.close();
      }
      throw new NotVerifiable(e);
    }
  }

  /** At full width, the original in the plan's basis must be the original. */
  private static Verdict inBasis(
      Model original,
      PruningPlan plan,
      OrtOptions options,
      SampleInputs inputs,
      int samples,
      Tolerance tolerance) {
    try (OrtProgram whole = OrtProgram.compile("the original", original, options);
        OrtProgram turned =
            OrtProgram.compile(
                "the original in another basis", Pruning.inBasis(original, plan), options)) {
      return Verifier.compare(whole, turned, inputs, samples, tolerance, Verdict.Mode.PLAIN)
          .because("in the plan's basis the original is another model");
    }
  }

  Tolerance tolerance() {
    return tolerance;
  }

  /** Runs the pruned model; if it does not even run, that is a failed verdict. */
  Verdict compare(Model pruned) {
    if (failedBasis != null) {
      return failedBasis;
    }
    try (OrtProgram candidate = OrtProgram.compile("the pruned model", pruned, options)) {
      return compare(candidate);
    } catch (ModelException.ExecutionFailed e) {
      return new Verdict(
          false,
          Double.POSITIVE_INFINITY,
          Double.POSITIVE_INFINITY,
          0,
          program.device(),
          mode,
          tolerance,
          null,
          e.getMessage());
    }
  }

  private Verdict compare(OrtProgram candidate) {
    try {
      return Verifier.compare(program, candidate, inputs, settings.samples(), tolerance, mode);
    } catch (ModelException e) { // of the reference; one of the candidate is a verdict
      throw new NotVerifiable(e);
    }
  }

  @Override
  public void close() {
    program.close();
  }
}
