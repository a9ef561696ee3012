package io.gohsp.study;

import io.gohsp.basis.Basis;
import io.gohsp.basis.BasisChange;
import io.gohsp.calibration.Calibration;
import io.gohsp.calibration.EnoughSamples;
import io.gohsp.calibration.Spread;
import io.gohsp.data.ModelInputs;
import io.gohsp.data.Samples;
import io.gohsp.equivalence.UserSamples;
import io.gohsp.ir.Location;
import io.gohsp.ir.Model;
import io.gohsp.ir.ModelException;
import io.gohsp.linalg.OpenBlas;
import io.gohsp.method.Evidence;
import io.gohsp.method.PruningMethod.Planner;
import io.gohsp.normalize.WorkingModel;
import io.gohsp.plan.InvalidOption;
import io.gohsp.plan.PruningPlan;
import io.gohsp.recover.LayerInputs;
import io.gohsp.recover.RecoverySettings;
import io.gohsp.rotation.Rotation;
import io.gohsp.selection.Importance;
import io.gohsp.selection.LossTable;
import io.gohsp.selection.SelectionOptions.Allocation;
import io.gohsp.stream.Streams;
import io.gohsp.tables.LossImportance;
import io.gohsp.vit.TransformerRecognizer;
import io.gohsp.work.Fingerprint;
import io.gohsp.workers.Shards;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * What calibration samples say about a model: the bases that the columns of its heads are cut in,
 * and what each group costs the loss there. Everything is measured once, however many plans are
 * made of it.
 */
public final class Study {
  private final Model original;
  private final @Nullable List<@Nullable Basis> bases;
  private final Evidence evidence;
  private @Nullable Widths widths;

  private Study(Model original, @Nullable List<@Nullable Basis> bases, Evidence evidence) {
    this.original = original;
    this.bases = bases;
    this.evidence = evidence;
  }

  /** What a backward pass adds up of a model, in the bases that were chosen. */
  private record Losses() implements Spread.Summing {
    @Override
    public Shards.Summing of(Model model, Calibration all) {
      return LossImportance.summing(WorkingModel.forSamples(model), all);
    }
  }

  /**
   * Chooses bases; what groups cost is measured when first asked for.
   *
   * @param rotated whether columns are to be cut in bases of their own
   * @param labelled whether the data say which class samples are of
   * @param progress is told what is being done
   * @throws io.gohsp.data.DataException if the samples cannot be used
   */
  public static Study of(
      Model original,
      boolean rotated,
      Calibration calibration,
      boolean labelled,
      Consumer<String> progress) {
    OpenBlas.useThreads(calibration.options().threads());
    if (!rotated) {
      return new Study(original, null, evidence(original, calibration, labelled, progress));
    }
    progress.accept("choosing bases");
    WorkingModel dense = WorkingModel.forSamples(original);
    Rotation rotation = Rotation.measure(dense, EnoughSamples.varied(dense, calibration));
    Model turned = BasisChange.apply(original, rotation.bases());
    return new Study(
        original,
        rotation.bases(),
        evidence(turned, calibration, rotation.inputs(), labelled, progress));
  }

  /** What a method may look at. */
  public static Evidence evidence(
      Model model, Calibration calibration, boolean labelled, Consumer<String> progress) {
    return evidence(model, calibration, null, labelled, progress);
  }

  /**
   * @param inputs what output layers read, by name, where that is known already
   */
  private static Evidence evidence(
      Model model,
      Calibration calibration,
      @Nullable Map<String, LayerInputs> inputs,
      boolean labelled,
      Consumer<String> progress) {
    progress.accept("analysing");
    WorkingModel working = WorkingModel.forSamples(model);
    return new Evidence(
        model,
        working,
        calibration,
        labelled,
        progress,
        losses(
            working,
            calibration,
            inputs,
            progress,
            Spread.shards(calibration, model, new Losses())));
  }

  /** Measured once, when something asks for it. */
  private static Supplier<Importance> losses(
      WorkingModel working,
      Calibration calibration,
      @Nullable Map<String, LayerInputs> inputs,
      Consumer<String> progress,
      Shards shards) {
    return new Supplier<>() {
      private @Nullable Map<String, LayerInputs> known = inputs; // large; not needed twice
      private @Nullable Importance measured;

      @Override
      public Importance get() {
        if (measured == null) {
          progress.accept("measuring what groups cost the loss");
          measured =
              LossImportance.measure(
                  working, calibration, known, RecoverySettings.STANDARD, shards);
          known = null;
        }
        return measured;
      }
    };
  }

  /** What methods may look at; the model there is in the bases that were chosen. */
  public Evidence evidence() {
    return evidence;
  }

  /**
   * For every block and kind of group what it costs the loss to keep only some of it.
   *
   * @throws ModelException.NothingToPrune if there is none of which anything can go
   */
  public List<LossTable> tables() {
    WorkingModel working = evidence.working();
    if (working.blocks().isEmpty()) {
      throw TransformerRecognizer.nothingFound(Location.of(original), working.analysis());
    }
    List<LossTable> tables = LossTable.of(working, evidence.losses().get());
    if (tables.stream().noneMatch(table -> table.reasonToKeep().isEmpty())) {
      throw new ModelException.NothingToPrune(
          Location.of(original), "nothing can be pruned", "inspect the model to see every reason");
    }
    return tables;
  }

  /**
   * A plan that reaches a goal, in the bases that were chosen.
   *
   * @param planner a method's, of what is studied
   * @param seed what the plan is to say about it
   * @throws io.gohsp.ir.ModelException.NothingToPrune if it cannot be reached
   */
  public Goal.Reached reach(Goal goal, Planner planner, long seed) {
    Samples samples = evidence.calibration().samples().apply(ModelInputs.of(original));
    Goal.Reached reached =
        goal.seeing(UserSamples.shapes(samples))
            .reach(
                evidence.original(), narrowing(goal, weighing(goal, planner)), evidence.progress());
    Map<String, String> provenance = new LinkedHashMap<>(reached.plan().provenance());
    provenance.put("seed", Long.toString(seed));
    String sha256 = Fingerprint.of(original);
    if (sha256 != null) {
      provenance.put("sha256", sha256);
    }
    if (isNarrowed(goal)) {
      provenance.put("width", goal.width().toString());
    }
    PruningPlan plan = reached.plan().from(provenance);
    return new Goal.Reached(bases == null ? plan : plan.in(bases), reached.latency());
  }

  /** Whether streams may get narrower: where nobody says so, only what losses are weighed for. */
  private boolean isNarrowed(Goal goal) {
    if (goal.width().keepsAll() || goal.width().stated()) {
      return !goal.width().keepsAll();
    }
    boolean weighed =
        goal.allocation() == Allocation.KNAPSACK
            && (goal.budget() != null || goal.latency() != null);
    return weighed
        && Streams.of(evidence.working()).all().stream()
            .anyMatch(stream -> stream.obstacle() == null);
  }

  private Planner narrowing(Goal goal, Planner planner) {
    if (!isNarrowed(goal)) {
      return planner;
    }
    if (widths == null) {
      widths =
          Widths.measure(
              original,
              evidence.calibration(),
              EnoughSamples.of(evidence.working(), evidence.calibration()),
              evidence.progress());
    }
    if (widths == null && goal.width().stated()) {
      throw new InvalidOption(
          "--width: no residual stream of this model may be narrower; gohsp inspect says why");
    }
    if (widths == null) {
      return planner;
    }
    return widths.planner(goal.width(), planner, evidence.losses());
  }

  /** Where a knapsack spreads the budget it weighs losses, whatever the method. */
  private Planner weighing(Goal goal, Planner planner) {
    return goal.allocation() == Allocation.KNAPSACK
        ? options ->
            planner.plan(options == null ? null : options.withLosses(evidence.losses().get()))
        : planner;
  }
}
