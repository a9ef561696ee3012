package io.gohsp.compare;

import io.gohsp.data.Splits;
import io.gohsp.phase.Material;
import io.gohsp.phase.Part;
import io.gohsp.pipeline.DataRun;
import io.gohsp.pipeline.PruningSettings;
import io.gohsp.selection.Budget;
import io.gohsp.study.Goal;
import io.gohsp.train.Recipe;
import java.util.List;

/**
 * What a comparison is going to take.
 *
 * @param cells in the whole grid, controls included
 * @param finished those that an earlier call finished
 * @param steps updates of each
 * @param stepSeconds of an update of the dense model, measured
 * @param seconds about how long the others take, if what is pruned is no faster than the dense
 *     model
 */
public record Outlook(int cells, int finished, long steps, double stepSeconds, double seconds) {
  /**
   * What one run of a pipeline is going to take, by a few updates of the dense model. The sizes
   * that a search for an accuracy tries are counted; what one for a latency times comes on top.
   *
   * @throws io.gohsp.data.DataException if the data cannot be used
   */
  public static Outlook of(DataRun run) {
    PruningSettings settings = run.settings();
    Material material = run.material();
    Splits splits = material.splits();
    List<Recipe> recipes = settings.recipes();
    long steps =
        recipes.stream()
            .mapToLong(recipe -> recipe.updates(splits.train().size(), recipe.epochs()))
            .sum();
    ComparisonSettings one =
        new ComparisonSettings(
            List.of(new Entrant(settings.method().name(), seed -> settings.method())),
            List.of(Goal.of(Budget.params("50%"))), // of which nothing depends
            List.of(0L),
            Math.max(ComparisonSettings.LEAST_STEPS, steps),
            recipes.isEmpty() ? Recipe.STANDARD : recipes.get(0),
            settings.rotated(),
            settings.recovery(),
            settings.training().gentle(),
            settings.training().supervision(),
            settings.verification(),
            null);
    Pace pace =
        Pace.measure(material.original(), one, material.preparation(), splits, material.engine());
    double trials = run.workload().of(Part.TRIALS) * pace.sampleSeconds();
    return new Outlook(1, 0, steps, pace.stepSeconds(), pace.cellSeconds(one, splits) + trials);
  }

  /** Cells that are to be run. */
  public int left() {
    return cells - finished;
  }
}
