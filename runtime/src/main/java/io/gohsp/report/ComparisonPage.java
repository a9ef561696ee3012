package io.gohsp.report;

import io.gohsp.compare.CellResult;
import io.gohsp.compare.Results;
import io.gohsp.compare.Row;
import io.gohsp.cost.Cost;
import io.gohsp.train.Evaluation;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.ToDoubleFunction;
import org.jspecify.annotations.Nullable;

/** A comparison as one HTML page, in the form of {@link HtmlReport}. */
final class ComparisonPage {
  private final Results results;
  private final @Nullable String command;

  private ComparisonPage(Results results, @Nullable String command) {
    this.results = results;
    this.command = command;
  }

  static String html(Results results, @Nullable String command) {
    ComparisonPage comparison = new ComparisonPage(results, command);
    return HtmlReport.page(
        "Comparison of pruning methods",
        HtmlReport.style("report.css") + HtmlReport.style("comparison.css"),
        comparison::render,
        ComparisonJson.text(results, command));
  }

  private void render(Markup page) {
    page.open("header");
    page.element("p", "gohsp comparison", "class", "kicker");
    String model = results.terms().model();
    page.element("h1", model == null ? "A model" : model);
    page.element(
        "p",
        String.join(", ", results.terms().methods())
            + " at "
            + String.join(", ", results.terms().budgets()),
        "class",
        "lead");
    page.close("header");
    summary(page);
    charts(page);
    failures(page);
    cells(page);
    run(page);
  }

  private void summary(Markup page) {
    Section.open(page, "results", "Results");
    List<String> header = new ArrayList<>(List.of(""));
    header.addAll(ComparisonRow.header(results));
    Table table = Table.cards(page, "Results", header.toArray(String[]::new));
    for (ComparisonRow row : ComparisonRow.of(results)) {
      table.row(row.name());
      row.cells().forEach(table::cell);
      table.end();
    }
    table.close();
    ComparisonNotes.of(results).forEach(note -> page.element("p", note, "class", "note"));
    Section.close(page);
  }

  private void charts(Markup page) {
    if (results.rows().isEmpty()) {
      return;
    }
    Section.open(page, "charts", "What size costs");
    page.open("div", "class", "charts");
    Cost dense = results.terms().dense();
    chart(
            "by-params",
            "parameters",
            row -> row.params() / dense.params(),
            "parameters, % of " + Quantity.of(dense.params()))
        .render(page);
    chart(
            "by-macs",
            "multiply-accumulates",
            row -> row.macs() / dense.macs(),
            "multiply-accumulates, % of " + Quantity.of(dense.macs()))
        .render(page);
    if (results.hasLatency()) {
      chart(
              "by-time",
              "latency",
              row -> row.latency() == null ? Double.NaN : row.latency().pruned().ratio(),
              "relative latency, % of the dense model's")
          .render(page);
    }
    page.close("div");
    if (results.terms().methods().size() > 1) {
      page.element(
          "p",
          "Methods of one size are drawn side by side where they would hide each other.",
          "class",
          "note");
    }
    if (results.terms().seeds().size() > 1) {
      page.element(
          "p", "Bars reach one standard deviation over seeds up and down.", "class", "note");
    }
    Section.close(page);
  }

  private TradeOffChart chart(String id, String by, ToDoubleFunction<Row> along, String unitAlong) {
    boolean scored = results.hasAccuracy();
    List<TradeOffChart.Series> series = new ArrayList<>();
    for (String method : results.terms().methods()) {
      List<TradeOffChart.Point> points =
          results.rows().stream()
              .filter(row -> row.method().equals(method))
              .map(row -> point(row, 100 * along.applyAsDouble(row), scored))
              .toList();
      series.add(new TradeOffChart.Series(method, points));
    }
    Row control = results.control();
    if (control != null) {
      series.add(new TradeOffChart.Series("dense, trained", List.of(point(control, 100, scored))));
    }
    List<LineChart.Level> levels = new ArrayList<>();
    Evaluation dense = results.dense();
    if (dense != null) {
      levels.add(
          new LineChart.Level("dense, as it is", scored ? 100 * dense.accuracy() : dense.loss()));
    }
    String score = scored ? "Accuracy" : "Loss";
    return new TradeOffChart(
        id,
        score + " by " + by,
        score + " of each method at each budget by " + by + ", and of the dense model",
        unitAlong,
        scored ? "accuracy, %" : "loss",
        series,
        levels);
  }

  private static TradeOffChart.Point point(Row row, double along, boolean scored) {
    return scored
        ? new TradeOffChart.Point(
            along, 100 * row.accuracy().mean(), 100 * row.accuracy().deviation())
        : new TradeOffChart.Point(along, row.loss().mean(), row.loss().deviation());
  }

  private void failures(Markup page) {
    if (results.failures().isEmpty()) {
      return;
    }
    Section.open(page, "failures", "Failed runs");
    page.open("ul");
    results.failures().forEach(failure -> page.element("li", ComparisonNotes.of(failure)));
    page.close("ul");
    Section.close(page);
  }

  private void cells(Markup page) {
    if (results.cells().isEmpty()) {
      return;
    }
    Section.open(page, "cells", "All runs");
    Table table =
        Table.cards(
            page,
            "All runs",
            "",
            "seed",
            "params",
            "MACs",
            "loss",
            "accuracy",
            "top-1 agreement",
            "updates before the cut",
            "after");
    for (CellResult cell : results.cells()) {
      table
          .row(cell.isControl() ? "dense, trained" : cell.method() + ", " + cell.budget())
          .number(cell.seed(), Long.toString(cell.seed()))
          .number(cell.params(), Quantity.of(cell.params()))
          .number(cell.macs(), Quantity.of(cell.macs()))
          .number(cell.last().loss(), Quantity.fixed(cell.last().loss(), 4))
          .number(cell.last().accuracy(), Quantity.accuracy(cell.last().accuracy()))
          .number(cell.agreement().sameClass(), Quantity.accuracy(cell.agreement().sameClass()))
          .number(cell.softSteps(), Long.toString(cell.softSteps()))
          .number(cell.tuneSteps(), Long.toString(cell.tuneSteps()))
          .end();
    }
    table.close();
    Section.close(page);
  }

  private void run(Markup page) {
    Section.open(page, "run", "How it was made");
    if (command != null) {
      page.open("pre").element("code", command).close("pre");
    }
    page.open("dl", "class", "facts");
    page.element("dt", "settings").open("dd").open("ul", "class", "plain");
    ReadableSettings.of(results.terms().settings()).forEach(line -> page.element("li", line));
    page.close("ul").close("dd");
    for (Map.Entry<String, String> version :
        Run.of("", null, null, null, null).versions().entrySet()) {
      page.element("dt", version.getKey()).element("dd", version.getValue());
    }
    page.close("dl");
    Section.close(page);
  }
}
