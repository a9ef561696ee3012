package io.gohsp.soft;

import io.gohsp.calibration.Calibration;
import io.gohsp.engine.FlatVector;
import io.gohsp.ir.Location;
import io.gohsp.normalize.WorkingModel;
import io.gohsp.plan.Keeps;
import io.gohsp.plan.PlanResolver;
import io.gohsp.plan.PruningPlan;
import io.gohsp.recover.RecoverySettings;
import io.gohsp.selection.Importance;
import io.gohsp.selection.MagnitudeImportance;
import io.gohsp.train.ParameterStore;
import io.gohsp.train.Vectors;
import java.util.function.BiConsumer;
import org.jspecify.annotations.Nullable;

/**
 * Imposes a plan gradually (METHOD.md section 3). The source states: all three patterns at once,
 * while the whole model trains, by a quadratic penalty. Our choice: what goes is the plan's from
 * the start; after each update marked weights become {@code W / (1 + s)}, and what stays takes over
 * from them ({@link Handover}). What stays is left alone otherwise, where the textbook's ADMM would
 * hold it to its value at the last projection.
 */
public final class SoftPruning implements PruningRule {
  /** How often the listener is told. */
  private static final int REPORTS = 25;

  private final WorkingModel working;
  private final ParameterStore store;
  private final SoftSettings settings;
  private final long steps;
  private final BiConsumer<Long, Remaining> listener;
  private final PlanMask mask;
  private final FlatVector markedHeads;
  private final FlatVector markedColumns;
  private final @Nullable Handover handover;
  private final FlatVector scratch; // not its array alone, under which the memory would be freed
  private final PruningPlan plan;

  /**
   * Marks what a plan removes.
   *
   * @param working what was made of the model
   * @param store the model's parameters, in training
   * @param plan what each layer keeps
   * @param calibration for {@link SoftSettings#handover}; null to do without
   * @param steps updates of the phase
   * @param listener is told from time to time, with the number of updates, how small what is marked
   *     has become
   */
  public SoftPruning(
      WorkingModel working,
      ParameterStore store,
      PruningPlan plan,
      SoftSettings settings,
      @Nullable Calibration calibration,
      long steps,
      BiConsumer<Long, Remaining> listener) {
    this.working = working;
    this.store = store;
    this.plan = plan;
    this.settings = settings;
    this.steps = steps;
    this.listener = listener;
    this.mask = new PlanMask(working, store);
    markedHeads = store.vector();
    markedColumns = store.vector();
    scratch = store.vector();
    handover =
        settings.handover() && calibration != null
            ? Handover.of(working, mask, calibration, RecoverySettings.STANDARD)
            : null;
    mark();
  }

  @Override
  public void afterUpdate(long step, double rate) {
    double shrink = settings.shrink(step, steps);
    double part = shrink / (1 + shrink);
    if (handover != null) {
      handover.apply(part);
    }
    shrink(part, markedHeads);
    shrink(part, markedColumns);
    long interval = Math.max(1, steps / REPORTS);
    if ((step + 1) % interval == 0 || step + 1 == steps) {
      listener.accept(step + 1, remaining());
    }
  }

  private void shrink(double part, FlatVector marked) {
    store.weights().array().mul(marked.array(), scratch.array());
    Vectors.add(store.weights(), -part, scratch);
  }

  private Importance norms(FlatVector vector) {
    return MagnitudeImportance.of(working, constant -> mask.numbers(constant, vector));
  }

  private void mark() {
    Keeps keeps = PlanResolver.resolve(plan, working.blocks(), Location.of(working.model()));
    mask.write(mask.ofHeads(keeps), markedHeads);
    mask.write(keeps, markedColumns);
    markedColumns.array().subi(markedHeads.array());
    if (handover != null) {
      handover.mark(markedHeads, markedColumns);
    }
  }

  @Override
  public PruningPlan plan() {
    return plan;
  }

  /** How small what is marked has become. */
  public Remaining remaining() {
    return Remaining.of(norms(store.weights()), plan);
  }
}
