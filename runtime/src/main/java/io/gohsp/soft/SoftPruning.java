package io.gohsp.soft;

import io.gohsp.calibration.Calibration;
import io.gohsp.engine.FlatVector;
import io.gohsp.ir.Location;
import io.gohsp.normalize.WorkingModel;
import io.gohsp.plan.Importance;
import io.gohsp.plan.Keeps;
import io.gohsp.plan.MagnitudeImportance;
import io.gohsp.plan.PlanJson;
import io.gohsp.plan.PlanResolver;
import io.gohsp.plan.PlanSelector;
import io.gohsp.plan.PruningPlan;
import io.gohsp.recover.RecoverySettings;
import io.gohsp.train.ParameterStore;
import io.gohsp.train.Vectors;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.BiConsumer;
import org.jspecify.annotations.Nullable;

/**
 * Imposes a plan gradually (METHOD.md section 3). The source states: all three patterns at once,
 * while the whole model trains, by a quadratic penalty. Our choice: how many heads, columns and
 * neurons each layer keeps is the plan's, and which heads too; after each update marked weights
 * become {@code W / (1 + s)}, and what stays takes over from them ({@link Handover}). Until the
 * support is frozen, if it is not from the start, columns and neurons are chosen by their norms,
 * again and again (the projection of ADMM), those marked becoming {@code (W - s U) / (1 + s)} where
 * the scaled dual {@code U} is wanted. What stays is left alone, where the textbook would hold it
 * to its value at the last projection.
 */
public final class SoftPruning implements PruningRule {
  private final WorkingModel working;
  private final ParameterStore store;
  private final SoftSettings settings;
  private final long steps;
  private final BiConsumer<Long, Remaining> listener;
  private final PlanMask mask;
  private final FlatVector markedHeads;
  private final FlatVector markedColumns;
  private final @Nullable FlatVector dual;
  private final @Nullable Handover handover;
  private final FlatVector scratch; // not its array alone, under which the memory would be freed
  private PruningPlan plan;

  /**
   * Marks what a plan removes.
   *
   * @param working what was made of the model
   * @param store the model's parameters, in training
   * @param plan how much each layer keeps, and which heads
   * @param calibration for {@link SoftSettings#handover}; null to do without
   * @param steps updates of the phase
   * @param listener is told after each projection, with the number of updates, how small what is
   *     marked has become
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
    dual = settings.dual() ? store.vector() : null;
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
    if (dual != null) {
      Vectors.add(store.weights(), -part, dual);
    }
    long interval = Math.max(1, steps / settings.projections());
    if ((step + 1) % interval == 0 || step + 1 == steps) {
      project(step + 1 <= steps * (1 - settings.freeze()));
      listener.accept(step + 1, remaining());
    }
  }

  private void shrink(double part, FlatVector marked) {
    store.weights().array().mul(marked.array(), scratch.array());
    Vectors.add(store.weights(), -part, scratch);
  }

  /** Chooses columns and neurons anew, unless they are frozen, and adds to the dual. */
  private void project(boolean choose) {
    if (dual != null) {
      dual.array().addi(store.weights().array()); // W + U
    }
    if (choose) {
      FlatVector shifted = dual == null ? store.weights() : dual;
      plan = PlanSelector.reselect(working, importance(shifted), plan);
      mark();
    }
    if (dual != null) {
      dual.array().muli(markedColumns.array()); // less its projection, which keeps or zeroes groups
    }
  }

  /** Norms in a vector; heads that stay are above all others. */
  private Importance importance(FlatVector vector) {
    Importance norms = norms(vector);
    List<Importance.Scores> blocks = new ArrayList<>();
    for (int i = 0; i < norms.blocks().size(); i++) {
      Importance.Scores own = norms.blocks().get(i);
      List<Integer> kept = plan.blocks().get(i).headsKept();
      double[] heads = own.heads();
      if (kept != null) {
        heads = new double[own.heads().length];
        for (int head : kept) {
          heads[head] = 1;
        }
      }
      blocks.add(new Importance.Scores(heads, own.qk(), own.v(), own.neurons()));
    }
    return new Importance(blocks);
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

  @Override
  public Map<String, FlatVector> state() {
    return dual == null ? Map.of() : Map.of("dual", dual);
  }

  @Override
  public String memo() {
    return PlanJson.compact(plan);
  }

  @Override
  public void restore(String memo) {
    plan = PlanJson.parse(memo, Location.of(working.model()));
    mark();
  }
}
