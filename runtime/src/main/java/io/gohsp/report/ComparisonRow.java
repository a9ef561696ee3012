package io.gohsp.report;

import io.gohsp.compare.CellLatency;
import io.gohsp.compare.Results;
import io.gohsp.compare.Row;
import io.gohsp.compare.Spread;
import io.gohsp.train.Evaluation;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** A line of the table of a comparison, as people read it: on the console, in Markdown, in HTML. */
public record ComparisonRow(String name, @Nullable Row row, List<String> cells) {
  /** Of the cells, where latency is; left out where none was measured. */
  private static final int LATENCY = 6;

  /** What is above the cells. */
  public static List<String> header(Results results) {
    String score = results.hasAccuracy() ? "accuracy" : "loss";
    return shown(
        results,
        "params",
        "MACs",
        "at cut",
        score,
        "to dense, trained",
        "top-1 agreement",
        "relative latency",
        "runs");
  }

  /** The dense model as it is, the control, and every method at every budget. */
  public static List<ComparisonRow> of(Results results) {
    List<ComparisonRow> rows = new ArrayList<>();
    Evaluation dense = results.dense();
    if (dense != null) {
      String score =
          results.hasAccuracy()
              ? Quantity.accuracy(dense.accuracy())
              : Quantity.fixed(dense.loss(), 4);
      rows.add(
          new ComparisonRow(
              "dense, as it is",
              null,
              shown(
                  results,
                  Quantity.of(results.terms().dense().params()),
                  Quantity.of(results.terms().dense().macs()),
                  "–",
                  score,
                  "–",
                  "–",
                  "1.00",
                  "–")));
    }
    Row control = results.control();
    if (control != null) {
      rows.add(of("dense, trained", control, results));
    }
    results.rows().forEach(row -> rows.add(of(row.method() + ", " + row.budget(), row, results)));
    return rows;
  }

  private static ComparisonRow of(String name, Row row, Results results) {
    boolean scored = results.hasAccuracy();
    boolean control = row.budget() == null;
    CellLatency latency = row.latency();
    return new ComparisonRow(
        name,
        row,
        shown(
            results,
            Quantity.of(Math.round(row.params())),
            Quantity.of(Math.round(row.macs())),
            control || !scored ? "–" : percent(row.atCut()),
            scored ? percent(row.accuracy()) : plain(row.loss()),
            control ? "–" : scored ? points(row.difference()) : signed(row.difference()),
            scored ? percent(row.agreement()) : "–",
            control ? "1.00" : latency == null ? "–" : Quantity.fixed(latency.pruned().ratio(), 2),
            Integer.toString(row.loss().runs())));
  }

  private static List<String> shown(Results results, String... cells) {
    List<String> shown = new ArrayList<>(List.of(cells));
    if (!results.hasLatency()) {
      shown.remove(LATENCY);
    }
    return List.copyOf(shown);
  }

  /** {@code 81.25 ± 0.31 %}. */
  private static String percent(Spread spread) {
    return Double.isFinite(spread.deviation())
        ? Quantity.fixed(100 * spread.mean(), 2)
            + " ± "
            + Quantity.fixed(100 * spread.deviation(), 2)
            + " %"
        : Quantity.accuracy(spread.mean());
  }

  private static String plain(Spread spread) {
    return Quantity.fixed(spread.mean(), 4) + deviation(spread, 1, 4);
  }

  private static String points(Spread spread) {
    return Double.isFinite(spread.mean())
        ? sign(100 * spread.mean(), 2) + deviation(spread, 100, 2)
        : "–";
  }

  private static String signed(Spread spread) {
    return Double.isFinite(spread.mean()) ? sign(spread.mean(), 4) + deviation(spread, 1, 4) : "–";
  }

  private static String sign(double value, int places) {
    return String.format(Locale.ROOT, "%+." + places + "f", value).replace('-', '−');
  }

  private static String deviation(Spread spread, double factor, int places) {
    return Double.isFinite(spread.deviation())
        ? " ± " + Quantity.fixed(factor * spread.deviation(), places)
        : "";
  }
}
