package io.gohsp.equivalence;

import io.gohsp.io.OnnxReader;
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
import io.gohsp.verify.DataShapes;
import io.gohsp.verify.Evidence;
import io.gohsp.verify.Expected;
import io.gohsp.verify.GivenSamples;
import io.gohsp.verify.Rounding;
import io.gohsp.verify.SampleInputs;
import io.gohsp.verify.Tolerance;
import io.gohsp.verify.Verdict;
import io.gohsp.verify.Verifier;
import io.gohsp.vit.Block;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What a pruned model must equal: what the original answers, masked as the axis analysis reads the
 * plan. A {@link SecondReference}, which does without that analysis, must answer the same.
 */
public final class Reference implements AutoCloseable {
  private final Model original;
  private final StreamProbes probes;
  private final OrtOptions options;
  private final Verdict.Mode mode;
  private final OrtProgram program;
  private final Expected expected;
  private final List<String> unread;

  /** Why no model can be right; null if nothing speaks against it. */
  private final @Nullable Verdict refusal;

  private Reference(
      Model original,
      StreamProbes probes,
      OrtOptions options,
      Verdict.Mode mode,
      OrtProgram program,
      Expected expected,
      List<String> unread,
      @Nullable Verdict refusal) {
    this.original = original;
    this.probes = probes;
    this.options = options;
    this.mode = mode;
    this.program = program;
    this.expected = expected;
    this.unread = unread;
    this.refusal = refusal;
  }

  /**
   * @param given samples beside the random ones
   * @throws ModelException.BadPlan if the plan does not fit the original, or lacks something that
   *     goes with what it names
   * @throws NotVerifiable if the original does not run
   */
  public static Reference of(
      Model original,
      PruningPlan plan,
      Verdict.Mode mode,
      Verification settings,
      List<GivenSamples> given) {
    return of(original, plan, mode, settings, given, Pruning::mask);
  }

  /**
   * Likewise.
   *
   * @param masking the first reading of the plan
   */
  public static Reference of(
      Model original,
      PruningPlan plan,
      Verdict.Mode mode,
      Verification settings,
      List<GivenSamples> given,
      SecondReference.Masking masking) {
    if (PlanCompletion.mayLack(plan)) {
      List<Block> blocks = WorkingModel.normalized(original).blocks();
      PlanCompletion.require(plan, blocks, Location.of(original));
    }
    boolean plain = mode == Verdict.Mode.PLAIN;
    StreamProbes probes = StreamProbes.of(original, plan);
    Model model = probes.inOriginal(plain ? original : masking.mask(original, plan));
    String name = plain ? "the original" : "the masked original";
    OrtOptions strict =
        OrtOptions.VERIFY.withDevice(settings.device()).withThreads(settings.threads());
    OrtProgram program = null;
    boolean open = true;
    try {
      OrtOptions options = strict;
      try {
        program = OrtProgram.compile(name, model, options);
      } catch (ModelException.ExecutionFailed e) {
        options = runnable(name, model, strict, e);
        program = OrtProgram.compile(name, model, options);
      }
      SampleInputs inputs =
          SampleInputs.find(model, program, settings.sizes(), settings.seed(), DataShapes.of(given))
              .varied(program);
      Expected expected =
          Expected.of(
              program,
              inputs,
              settings.samples(),
              given,
              plan.streams().isEmpty()
                  ? Rounding.of(model, options)
                  : Rounding.ofWeights(model, options),
              probes.labels());
      open = !expected.isKept();
      if (!open) {
        program.close(); // each that is open maps the weights once more
      }
      List<String> unread = new ArrayList<>(probes.hidden());
      Verdict refusal =
          plain || !plan.changesBasis()
              ? null
              : otherInBasis(original, plan, options, inputs, settings.samples());
      if (refusal == null) {
        Model turned = plan.changesBasis() ? Pruning.inBasis(original, plan) : original;
        refusal =
            new SecondReference(turned, plan, masking, probes, inputs, options, unread)
                .disagreement(expected, mode);
      }
      return new Reference(original, probes, options, mode, program, expected, unread, refusal);
    } catch (ModelException e) {
      if (program != null && open) {
        program.close();
      }
      OnnxReader.requireUnchanged(original); // or that is why
      throw new NotVerifiable(e);
    }
  }

  /** At full width, the original in the plan's basis must be the original; null if it is. */
  private static @Nullable Verdict otherInBasis(
      Model original, PruningPlan plan, OrtOptions options, SampleInputs inputs, int samples) {
    try (OrtProgram whole = OrtProgram.compile("the original", original, options);
        OrtProgram turned =
            OrtProgram.compile(
                "the original in another basis", Pruning.inBasis(original, plan), options)) {
      Rounding rounding = Rounding.ofWeights(original, options);
      Verdict verdict =
          Verifier.compare(whole, turned, inputs, samples, rounding, Verdict.Mode.PLAIN);
      return verdict.passed()
          ? null
          : verdict.because("in the plan's basis the original is another model");
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
  public Verdict compare(Model pruned) {
    Verdict verdict = verdict(pruned);
    OnnxReader.requireUnchanged(original);
    OnnxReader.requireUnchanged(pruned);
    return verdict;
  }

  private Verdict verdict(Model pruned) {
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
      Verdict verdict = Verifier.compare(expected, candidate, mode);
      return (verdict.passed() && refusal != null ? refusal : verdict)
          .with(verdict.evidence().withUnread(unread));
    } catch (ModelException e) { // of the reference; one of the candidate is a verdict
      throw new NotVerifiable(e);
    }
  }

  @Override
  public void close() {
    if (!expected.isKept()) {
      program.close();
    }
  }
}
