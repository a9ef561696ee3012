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

/** What a pruned model must equal, ready to run. */
final class Reference implements AutoCloseable {
  private final Verification settings;
  private final Verdict.Mode mode;
  private final Tolerance tolerance;
  private final OrtOptions options;
  private final OrtProgram program;
  private final SampleInputs inputs;

  private Reference(
      Verification settings,
      Verdict.Mode mode,
      Tolerance tolerance,
      OrtOptions options,
      OrtProgram program,
      SampleInputs inputs) {
    this.settings = settings;
    this.mode = mode;
    this.tolerance = tolerance;
    this.options = options;
    this.program = program;
    this.inputs = inputs;
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
      return new Reference(settings, mode, Tolerance.of(original), options, program, inputs);
    } catch (ModelException e) {
      if (program != null) {
        program.close();
      }
      throw new NotVerifiable(e);
    }
  }

  Tolerance tolerance() {
    return tolerance;
  }

  /** Runs the pruned model; if it does not even run, that is a failed verdict. */
  Verdict compare(Model pruned) {
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
