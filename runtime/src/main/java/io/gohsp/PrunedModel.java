package io.gohsp;

import io.gohsp.cost.Cost;
import io.gohsp.cost.CostModel;
import io.gohsp.equivalence.NotEquivalent;
import io.gohsp.equivalence.NotVerifiable;
import io.gohsp.equivalence.Provenance;
import io.gohsp.equivalence.Reference;
import io.gohsp.equivalence.Verification;
import io.gohsp.io.OnnxReader;
import io.gohsp.io.OnnxWriter;
import io.gohsp.io.StagedModel;
import io.gohsp.ir.Location;
import io.gohsp.ir.Model;
import io.gohsp.ir.ModelException;
import io.gohsp.latency.MeasuredLatency;
import io.gohsp.normalize.WorkingModel;
import io.gohsp.plan.PlanCompletion;
import io.gohsp.plan.PlanResolver;
import io.gohsp.plan.PruningPlan;
import io.gohsp.prune.Pruning;
import io.gohsp.verify.Evidence;
import io.gohsp.verify.GivenSamples;
import io.gohsp.verify.Tolerance;
import io.gohsp.verify.Verdict;
import io.gohsp.vit.TransformerRecognizer;
import io.gohsp.work.Background;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * A model and what a plan makes of it.
 *
 * @param original not changed
 * @param model the smaller one, with the plan in its metadata; weights stay in the original's files
 *     until it is written
 * @param plan what stays
 * @param before what the original costs
 * @param after what the smaller one costs
 * @param mode what the smaller one must equal: the original with everything that was removed
 *     switched off or, where only dead weight was removed, the original as it is
 * @param latency what was measured, if a latency was asked for or models were timed; else null
 * @param progress is told what is being done
 */
public record PrunedModel(
    Model original,
    Model model,
    PruningPlan plan,
    Cost before,
    Cost after,
    Verdict.Mode mode,
    @Nullable MeasuredLatency latency,
    Consumer<String> progress) {

  /**
   * What a plan makes of a model. Where it says nothing of an axis that it cuts in another block,
   * the result's plan does.
   *
   * @param mode what the smaller one must equal
   * @param sha256 of the original's files; null if it was made in memory
   * @param command what made it; null if that was no command
   * @param progress is told what is being done
   * @throws ModelException.NothingToPrune if the model has no block, and the plan names none
   * @throws ModelException.BadPlan if the plan does not fit the model
   */
  static PrunedModel of(
      Model original,
      PruningPlan incomplete,
      Verdict.Mode mode,
      @Nullable String sha256,
      @Nullable String command,
      Consumer<String> progress) {
    PruningPlan plan = completed(original, PlanCompletion.asWritten(incomplete));
    Cost before = CostModel.of(original);
    if (plan.isEmpty()) {
      requireFit(original, plan);
      return new PrunedModel(original, original, plan, before, before, mode, null, progress);
    }
    Model pruned = Pruning.prune(original, plan);
    Cost after = CostModel.of(pruned);
    new Provenance(plan, sha256, mode).writeTo(pruned, command);
    return new PrunedModel(original, pruned, plan, before, after, mode, null, progress);
  }

  private static PruningPlan completed(Model original, PruningPlan plan) {
    return PlanCompletion.mayLack(plan)
        ? PlanCompletion.complete(
            plan, WorkingModel.normalized(original).blocks(), Location.of(original))
        : plan;
  }

  private static void requireFit(Model original, PruningPlan plan) {
    WorkingModel plain = WorkingModel.plain(original);
    if (plain.blocks().isEmpty()) {
      throw TransformerRecognizer.nothingFound(Location.of(original), plain.analysis());
    }
    PlanResolver.resolve(plan, plain.blocks(), Location.of(original));
  }

  /** Whether the plan removes nothing; writing copies the original's files then. */
  public boolean isCopy() {
    return plan.isEmpty();
  }

  /**
   * The same, with how long both models take; {@link MeasuredLatency#between} measures it.
   *
   * @param measured null if it was not measured
   */
  public PrunedModel timed(@Nullable MeasuredLatency measured) {
    return new PrunedModel(original, model, plan, before, after, mode, measured, progress);
  }

  /** {@link #verify(Verification)} on three samples on the processor. */
  public VerifiedModel verify() {
    return verify(Verification.STANDARD);
  }

  /**
   * Runs the pruned model and what it must equal on the same random inputs.
   *
   * @throws NotEquivalent if they differ
   * @throws NotVerifiable if the original does not run
   */
  public VerifiedModel verify(Verification settings) {
    progress.accept("verifying");
    Verdict verdict = passed(settings.compare(original, plan, mode, model));
    return new VerifiedModel(
        verdict,
        file -> {
          if (!isCopy()) {
            Provenance.writeVerification(model, settings, mode, Tolerance.STANDARD);
          }
          write(file);
        });
  }

  private static Verdict passed(Verdict verdict) {
    if (!verdict.passed()) {
      throw new NotEquivalent(verdict);
    }
    return verdict;
  }

  /**
   * Writes the pruned model without any verification. The file appears complete or not at all.
   *
   * @throws IOException if it cannot be written, or is a file that the original was read from
   */
  public void write(Path file) throws IOException {
    progress.accept("writing");
    try (StagedModel staged = stage(file)) {
      staged.commit();
    }
  }

  /**
   * Writes the pruned model, verifies what was written, and only then puts it in its place.
   *
   * @throws NotEquivalent if it does not compute what it must; nothing is written then
   * @throws NotVerifiable if the original does not run; likewise
   * @throws IOException if it cannot be written, or is a file that the original was read from
   */
  public Verdict writeVerified(Path file, Verification settings) throws IOException {
    return writeVerified(file, settings, List.of());
  }

  /**
   * Likewise.
   *
   * @param given samples that somebody has, compared beside the random ones
   */
  public Verdict writeVerified(Path file, Verification settings, List<GivenSamples> given)
      throws IOException {
    if (isCopy()) {
      write(file);
      return identical(settings); // weights are the same bytes, wherever they lie
    }
    Provenance.writeVerification(model, settings, mode, Tolerance.STANDARD);
    // The original is made ready while the other is written.
    Background<Reference> preparing =
        Background.start("reference", () -> Reference.of(original, plan, mode, settings, given));
    progress.accept("writing");
    try (StagedModel staged = stageOrWait(file, preparing)) {
      progress.accept("verifying");
      Verdict verdict;
      try (Reference reference = preparing.get()) {
        verdict = passed(reference.compare(OnnxReader.read(staged.file())));
      }
      staged.commit();
      return verdict;
    }
  }

  private StagedModel stageOrWait(Path file, Background<Reference> preparing) throws IOException {
    try {
      return stage(file);
    } catch (IOException | RuntimeException e) {
      preparing.discard(Reference::close);
      throw e;
    }
  }

  private StagedModel stage(Path file) throws IOException {
    return isCopy() && original.source() != null && !OnnxWriter.isInOneFile(original)
        ? StagedModel.copy(original, file)
        : StagedModel.write(model, file);
  }

  /** The verdict on the very same bytes, for which nothing has to run. */
  private static Verdict identical(Verification settings) {
    return new Verdict(
        true,
        0,
        0,
        0,
        settings.device(),
        Verdict.Mode.PLAIN,
        new Tolerance("identical files", 0),
        null,
        null,
        Evidence.NONE.withStructure("the same bytes", true));
  }
}
