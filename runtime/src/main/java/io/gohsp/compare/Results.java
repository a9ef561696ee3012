package io.gohsp.compare;

import io.gohsp.cost.Cost;
import io.gohsp.train.Evaluation;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.function.ToDoubleFunction;
import java.util.stream.DoubleStream;
import org.jspecify.annotations.Nullable;

/**
 * What a comparison came to, so far.
 *
 * @param terms what holds for all cells
 * @param cells those that are finished, in the order of the grid
 * @param failures those that failed in this call
 * @param missing cells that have not been tried yet
 * @param latencies those that are known
 */
public record Results(
    Terms terms,
    List<CellResult> cells,
    List<CellFailure> failures,
    int missing,
    List<CellLatency> latencies) {

  /**
   * What holds for all cells.
   *
   * @param model the name of the dense model's file; null if it was made in memory
   * @param data in a line
   * @param methods in the order asked for
   * @param budgets in the order asked for
   * @param seeds in the order asked for
   * @param steps updates of each run
   * @param settings everything else that has a part in the results, as text
   * @param sourceSha256 of the dense model; null if it was made in memory
   * @param dense what the dense model costs
   */
  public record Terms(
      @Nullable String model,
      String data,
      List<String> methods,
      List<String> budgets,
      List<Long> seeds,
      long steps,
      String settings,
      @Nullable String sourceSha256,
      Cost dense) {
    public Terms {
      methods = List.copyOf(methods);
      budgets = List.copyOf(budgets);
      seeds = List.copyOf(seeds);
    }
  }

  public Results {
    cells = List.copyOf(cells);
    failures = List.copyOf(failures);
    latencies = List.copyOf(latencies);
  }

  /** The dense model as it is; null if no cell is finished. */
  public @Nullable Evaluation dense() {
    return cells.isEmpty() ? null : cells.get(0).dense();
  }

  /** Whether it is known how long pruned models take. */
  public boolean hasLatency() {
    return rows().stream().anyMatch(row -> row.latency() != null);
  }

  /** Whether models have class scores, so that there are accuracies. */
  public boolean hasAccuracy() {
    Evaluation dense = dense();
    return dense != null && Double.isFinite(dense.accuracy());
  }

  /** The control over all seeds; null if it is not finished for any. */
  public @Nullable Row control() {
    return row(Cell.DENSE, null);
  }

  /** By budget and method, as far as there is something. */
  public List<Row> rows() {
    List<Row> rows = new ArrayList<>();
    for (String budget : terms.budgets()) {
      for (String method : terms.methods()) {
        Row row = row(method, budget);
        if (row != null) {
          rows.add(row);
        }
      }
    }
    return rows;
  }

  private List<CellResult> cells(String method, @Nullable String budget) {
    return cells.stream()
        .filter(cell -> cell.method().equals(method) && Objects.equals(cell.budget(), budget))
        .toList();
  }

  private @Nullable Row row(String method, @Nullable String budget) {
    List<CellResult> own = cells(method, budget);
    if (own.isEmpty()) {
      return null;
    }
    ToDoubleFunction<CellResult> score =
        hasAccuracy() ? cell -> cell.last().accuracy() : cell -> cell.last().loss();
    List<CellResult> controls = cells(Cell.DENSE, null);
    DoubleStream differences =
        own.stream()
            .flatMapToDouble(
                cell ->
                    controls.stream()
                        .filter(control -> control.seed() == cell.seed())
                        .mapToDouble(
                            control -> score.applyAsDouble(cell) - score.applyAsDouble(control)));
    return new Row(
        method,
        budget,
        spread(own, cell -> cell.last().accuracy()),
        spread(own, cell -> cell.last().loss()),
        spread(own, cell -> cell.atCut().accuracy()),
        spread(own, cell -> cell.agreement().sameClass()),
        Spread.of(differences),
        spread(own, CellResult::params).mean(),
        spread(own, CellResult::macs).mean(),
        spread(own, CellResult::steps).mean(),
        latencies.stream()
            .filter(each -> each.method().equals(method) && each.budget().equals(budget))
            .findFirst()
            .orElse(null));
  }

  private static Spread spread(List<CellResult> cells, ToDoubleFunction<CellResult> number) {
    return Spread.of(cells.stream().mapToDouble(number));
  }
}
