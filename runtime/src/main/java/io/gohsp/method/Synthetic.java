package io.gohsp.method;

import io.gohsp.basis.Basis;
import io.gohsp.basis.BasisChange;
import io.gohsp.calibration.Calibration;
import io.gohsp.calibration.SyntheticSamples;
import io.gohsp.data.DataException;
import io.gohsp.ir.ModelException;
import io.gohsp.normalize.WorkingModel;
import io.gohsp.ort.OrtOptions;
import io.gohsp.plan.PruningPlan;
import io.gohsp.recover.RecoverySettings;
import io.gohsp.rotation.Rotation;
import io.gohsp.selection.Importance;
import io.gohsp.selection.SelectionOptions;
import io.gohsp.selection.SelectionOptions.Allocation;
import io.gohsp.tables.LossImportance;
import io.gohsp.workers.Shards;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * What pruning with data does, on samples that are made up: columns of heads in the basis that
 * loses least on them, and of everything what costs the loss least. Weights stay what they are: a
 * correction would fit what the model does with noise. What cannot run on such samples is pruned by
 * its weights, and the plan says so ({@link #INSTEAD}).
 */
public final class Synthetic implements PruningMethod {
  /** The same plan everywhere that rounds alike: what comes out is to be the same bytes. */
  private static final OrtOptions EXACT = OrtOptions.DEFAULT.withThreads(1).withDeterministic(true);

  private static final int SAMPLES = 64;

  /** Where a plan's provenance tells why weights decided. */
  public static final String INSTEAD = "notSynthetic";

  Synthetic() {}

  @Override
  public String name() {
    return "synthetic";
  }

  @Override
  public String description() {
    return "removes what costs least on random tokens or pictures of noise";
  }

  @Override
  public PruningPlan plan(WorkingModel model, @Nullable SelectionOptions options, long seed) {
    return planner(model, seed).plan(options);
  }

  @Override
  public Planner planner(WorkingModel model, long seed) {
    try {
      Calibration calibration =
          SyntheticSamples.calibration(model.model(), SAMPLES, Calibration.BATCH, EXACT, seed);
      return calibration == null
          ? byWeights(model, seed, "its inputs are not samples side by side")
          : measured(model, calibration);
    } catch (ModelException.Unsupported | ModelException.ExecutionFailed e) {
      return byWeights(model, seed, e.problem());
    } catch (DataException e) {
      return byWeights(model, seed, Objects.requireNonNullElse(e.getMessage(), "it does not run"));
    }
  }

  /** Weights tell something of every model. */
  private static Planner byWeights(WorkingModel model, long seed, String why) {
    Planner planner = Methods.SOMP.planner(model, seed);
    return options -> {
      PruningPlan plan =
          planner.plan(
              options != null && options.allocation() == Allocation.KNAPSACK
                  ? options.with(Allocation.UNIFORM)
                  : options);
      Map<String, String> provenance = new LinkedHashMap<>(plan.provenance());
      provenance.put(INSTEAD, why);
      return new PruningPlan(plan.blocks(), provenance);
    };
  }

  private Planner measured(WorkingModel model, Calibration calibration) {
    Rotation rotation = Rotation.measure(model, calibration);
    List<@Nullable Basis> bases = rotation.bases();
    WorkingModel turned = WorkingModel.forSamples(BasisChange.apply(model.model(), bases));
    Importance losses =
        LossImportance.measure(
            turned, calibration, rotation.inputs(), RecoverySettings.STANDARD, Shards.HERE);
    Planner planner = Selection.planner(name(), turned, losses);
    return options -> planner.plan(options == null ? null : options.withLosses(losses)).in(bases);
  }

  @Override
  public Allocation allocation() {
    return Allocation.KNAPSACK;
  }
}
