package io.gohsp.report;

import io.gohsp.report.LineChart.Level;
import io.gohsp.report.LineChart.Point;
import io.gohsp.report.LineChart.Series;
import io.gohsp.report.Timeline.Span;
import io.gohsp.soft.Remaining;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.ToDoubleFunction;

/** Relative norms of the groups that are pruned, while the model trained. */
final class SparsitySection {
  /** METHOD.md section 3: the relative norm that is asked for before the cut. */
  private static final double ENOUGH = 0.01;

  private SparsitySection() {}

  static void render(PruningReport report, Markup page) {
    List<Span> spans =
        Timeline.of(report.phases()).stream()
            .filter(span -> !span.phase().remaining().isEmpty())
            .toList();
    if (spans.isEmpty()) {
      return;
    }
    Section.open(page, "sparsity", "Sparsity over time");
    page.element(
        "p",
        "Relative norm of pruned groups: the largest norm of a group that is pruned, by the median of"
            + " those that are kept, in the worst layer. Below a hundredth, the cut changes little.");
    page.open("div", "class", "charts");
    new LineChart(
            "sparsity",
            "Relative norm of pruned groups",
            "Norms of heads, columns and neurons that are pruned, by those that are kept, over the"
                + " updates made; the table below has the numbers.",
            "updates",
            "relative norm",
            true,
            List.of(
                new Series("heads", points(spans, Remaining::heads)),
                new Series("columns", points(spans, Remaining::columns)),
                new Series("neurons", points(spans, Remaining::neurons))),
            spans,
            List.of(new Level("a hundredth", ENOUGH)))
        .render(page);
    page.close("div");
    page.open("details").element("summary", "Numbers");
    Table table = Table.open(page, "Sparsity", "updates", "heads", "columns", "neurons");
    for (Span span : spans) {
      for (Map.Entry<Long, Remaining> entry : span.phase().remaining().entrySet()) {
        Remaining left = entry.getValue();
        table.row(Long.toString(span.start() + entry.getKey()));
        for (double value : new double[] {left.heads(), left.columns(), left.neurons()}) {
          table.number(value, Quantity.scientific(value));
        }
        table.end();
      }
    }
    table.close();
    page.close("details");
    Section.close(page);
  }

  private static List<List<Point>> points(List<Span> spans, ToDoubleFunction<Remaining> quantity) {
    List<List<Point>> segments = new ArrayList<>();
    for (Span span : spans) {
      List<Point> points = new ArrayList<>();
      span.phase()
          .remaining()
          .forEach(
              (step, left) ->
                  points.add(new Point(span.start() + step, quantity.applyAsDouble(left))));
      segments.add(points);
    }
    return segments;
  }
}
