package io.gohsp;

import io.gohsp.ir.Location;
import io.gohsp.ir.Model;
import io.gohsp.ir.ModelException;
import io.gohsp.normalize.WorkingModel;
import io.gohsp.ort.OrtOptions;
import io.gohsp.ort.OrtOptions.Optimization;
import io.gohsp.ort.OrtProgram;
import io.gohsp.plan.PlanCompletion;
import io.gohsp.plan.PruningPlan;
import io.gohsp.prune.Pruning;
import io.gohsp.verify.Evidence;
import io.gohsp.verify.Rounding;
import io.gohsp.verify.SampleInputs;
import io.gohsp.verify.Tolerance;
import io.gohsp.verify.Verdict;
import io.gohsp.verify.Verifier;
import io.gohsp.vit.Block;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What a pruned model must equal, ready to run: the original masked as the axis analysis reads the
 * plan, and a {@link SecondReference} that does without that analysis.
 */
final class Reference implements AutoCloseable {
  private final Verification settings;
  private final Verdict.Mode mode;
  private final Model model;
  private final StreamProbes probes;
  private final OrtOptions options;
  private final OrtProgram program;
  private final SampleInputs inputs;
  private final @Nullable Verdict failedBasis;
  private final @Nullable SecondReference second;

  private Reference(
      Verification settings,
      Verdict.Mode mode,
      Model model,
      StreamProbes probes,
      OrtOptions options,
      OrtProgram program,
      SampleInputs inputs,
      @Nullable Verdict failedBasis,
      @Nullable SecondReference second) {
    this.settings = settings;
    this.mode = mode;
    this.model = model;
    this.probes = probes;
    this.options = options;
    this.program = program;
    this.inputs = inputs;
    this.failedBasis = failedBasis;
    this.second = second;
  }

  static Reference of(Model original, PruningPlan plan, Verdict.Mode mode, Verification settings) {
    return of(original, plan, mode, settings, Pruning::mask);
  }

  /**
   * @throws ModelException.BadPlan if the plan does not fit the original, or lacks something that
   *     goes with what it names
   * @param masking the first reading of the plan
   */
  static Reference of(
      Model original,
      PruningPlan plan,
      Verdict.Mode mode,
      Verification settings,
      SecondReference.Masking masking) {
    if (PlanCompletion.mayLack(plan)) {
      List<Block> blocks = WorkingModel.normalized(original).blocks();
      PlanCompletion.require(plan, blocks, Location.of(original));
    }
    boolean plain = mode == Verdict.Mode.PLAIN;
    StreamProbes probes = StreamProbes.of(original);
    Model model = probes.in(plain ? original : masking.mask(original, plan));
    String name = plain ? "the original" : "the masked original";
    OrtOptions strict =
        OrtOptions.VERIFY.withDevice(settings.device()).withThreads(settings.threads());
    OrtProgram program = null;
    try {
      OrtOptions options = strict;
      try {
        program = OrtProgram.compile(name, model, options);
      } catch (ModelException.ExecutionFailed e) {
        options = runnable(name, model, strict, e);
        program = OrtProgram.compile(name, model, options);
      }
      SampleInputs inputs =
          SampleInputs.find(model, program, settings.sizes(), settings.seed()).varied(program);
      Verdict basis =
          plain || !plan.changesBasis()
              ? null
              : inBasis(original, plan, options, inputs, settings.samples());
      boolean failed = basis != null && !basis.passed();
      Model turned = plan.changesBasis() ? Pruning.inBasis(original, plan) : original;
      return new Reference(
          settings,
          mode,
          model,
          probes,
          options,
          program,
          inputs,
          failed ? basis : null,
          failed ? null : SecondReference.of(turned, plan, masking, probes, inputs, options));
    } catch (ModelException e) {
      if (program != null) {
        program.close();
      }
      throw new NotVerifiable(e);
    }
  }

  /** At full width, the original in the plan's basis must be the original. */
  private static Verdict inBasis(
      Model original, PruningPlan plan, OrtOptions options, SampleInputs inputs, int samples) {
    try (OrtProgram whole = OrtProgram.compile("the original", original, options);
        OrtProgram turned =
            OrtProgram.compile(
                "the original in another basis", Pruning.inBasis(original, plan), options)) {
      Rounding rounding = Rounding.ofWeights(original, options);
      return Verifier.compare(whole, turned, inputs, samples, rounding, Verdict.Mode.PLAIN)
          .because("in the plan's basis the original is another model");
    }
  }

  /**
   * The least optimisation that ONNX Runtime takes the model with; some of half precision it
   * refuses as they are written.
   *
   * @param refusal of the model as it is written
   */
  private static OrtOptions runnable(
      String name, Model model, OrtOptions strict, ModelException.ExecutionFailed refusal) {
    for (Optimization level : Optimization.values()) {
      OrtOptions options = strict.withOptimization(level);
      try {
        OrtProgram.compile(name, model, options).close();
        return options;
      } catch (ModelException.ExecutionFailed e) {
        // The next level may do; if none does, the first refusal is told.
      }
    }
    throw refusal;
  }

  /** Runs the pruned model; if it does not even run, that is a failed verdict. */
  Verdict compare(Model pruned) {
    if (failedBasis != null) {
      return failedBasis;
    }
    try (OrtProgram candidate =
        OrtProgram.compile("the pruned model", probes.in(pruned), options)) {
      return compare(candidate);
    } catch (ModelException.ExecutionFailed e) {
      return new Verdict(
          false,
          Double.POSITIVE_INFINITY,
          Double.POSITIVE_INFINITY,
          0,
          program.device(),
          mode,
          Tolerance.STANDARD,
          null,
          e.getMessage(),
          Evidence.NONE);
    }
  }

  private Verdict compare(OrtProgram candidate) {
    try {
      Verdict verdict =
          Verifier.compare(
              program,
              candidate,
              inputs,
              settings.samples(),
              Rounding.of(model, options),
              mode,
              probes.labels());
      return !verdict.passed() || second == null
          ? verdict
          : second.confirm(verdict, candidate, settings.samples());
    } catch (ModelException e) { // of the reference; one of the candidate is a verdict
      throw new NotVerifiable(e);
    }
  }

  @Override
  public void close() {
    if (second != null) {
      second.close();
    }
    program.close();
  }
}
