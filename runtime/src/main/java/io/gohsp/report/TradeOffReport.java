package io.gohsp.report;

import io.gohsp.cost.Cost;
import io.gohsp.pipeline.TradeOff;
import io.gohsp.pipeline.TradeOff.Point;
import io.gohsp.selection.LossTable;
import io.gohsp.train.Evaluation;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.ToDoubleFunction;
import java.util.function.ToLongFunction;

/**
 * A trade-off curve as a page in the form of {@link HtmlReport}, or as a picture.
 *
 * @param run what was run
 */
public record TradeOffReport(TradeOff.Result result, Run run) {
  /** Accuracy of what: labels, or what the original says. */
  private String score() {
    return result.labelled() ? "accuracy" : "top-1 agreement with the original";
  }

  private boolean isScored() {
    return !Double.isNaN(result.evaluation().accuracy());
  }

  private String loss() {
    return result.labelled() ? "loss" : isScored() ? "divergence from the original" : "error";
  }

  /** The curve as a file of SVG. */
  public String svg() {
    ChartSheet sheet = new ChartSheet(run.model() + ": what size costs", "", List.of());
    for (TradeOffChart chart : charts()) {
      sheet.with(chart.title(), chart::picture);
    }
    return sheet.svg();
  }

  /**
   * The page.
   *
   * @param numbers what it shows, as JSON
   */
  public String html(String numbers) {
    String lines = LossCharts.style(LossCharts.blocks(result.tables()).size());
    return HtmlReport.page(
        "Trade-off of " + run.model(),
        HtmlReport.style("report.css")
            + HtmlReport.style("comparison.css")
            + ".tables { grid-column: 1 / -1; }\n"
            + lines.replace(".line", ".tables .line").replace(".marker", ".tables .marker"),
        this::render,
        numbers);
  }

  private void render(Markup page) {
    page.open("header");
    page.element("p", "gohsp trade-off", "class", "kicker");
    page.element("h1", run.model());
    page.close("header");
    Section.open(page, "results", "Sizes");
    table(page);
    result.unreachable().forEach(why -> page.element("p", why, "class", "note"));
    Section.close(page);
    Section.open(page, "charts", "What size costs");
    page.open("div", "class", "charts");
    charts().forEach(chart -> chart.render(page));
    page.close("div");
    Section.close(page);
    tables(page);
    run(page);
  }

  private void table(Markup page) {
    Table table = Table.cards(page, "Sizes", "", "params", "kept", "MACs", "kept", loss(), score());
    row(table, "original", result.dense(), result.evaluation());
    for (Point point : result.points()) {
      row(table, point.budget().toString(), point.cost(), point.evaluation());
    }
    table.close();
  }

  private void row(Table table, String name, Cost cost, Evaluation evaluation) {
    Cost dense = result.dense();
    table
        .row(name)
        .number(cost.params(), Quantity.of(cost.params()))
        .cell(Quantity.percent(cost.params(), dense.params()))
        .number(cost.macs(), Quantity.of(cost.macs()))
        .cell(Quantity.percent(cost.macs(), dense.macs()))
        .number(evaluation.loss(), Quantity.fixed(evaluation.loss(), 4))
        .number(evaluation.accuracy(), Quantity.accuracy(evaluation.accuracy()))
        .end();
  }

  private List<TradeOffChart> charts() {
    List<TradeOffChart> charts = new ArrayList<>();
    if (isScored()) {
      charts.add(
          chart("score-by-params", score() + ", %", "parameters", Cost::params, this::percent));
      charts.add(
          chart(
              "score-by-macs", score() + ", %", "multiply-accumulates", Cost::macs, this::percent));
    }
    charts.add(chart("loss-by-params", loss(), "parameters", Cost::params, this::lossOf));
    if (!isScored()) {
      charts.add(chart("loss-by-macs", loss(), "multiply-accumulates", Cost::macs, this::lossOf));
    }
    return charts;
  }

  private double percent(Evaluation evaluation) {
    return 100 * evaluation.accuracy();
  }

  private double lossOf(Evaluation evaluation) {
    return evaluation.loss();
  }

  private TradeOffChart chart(
      String id,
      String up,
      String along,
      ToLongFunction<Cost> quantity,
      ToDoubleFunction<Evaluation> score) {
    double all = quantity.applyAsLong(result.dense());
    List<TradeOffChart.Point> points =
        result.points().stream()
            .map(
                point ->
                    new TradeOffChart.Point(
                        100 * quantity.applyAsLong(point.cost()) / all,
                        score.applyAsDouble(point.evaluation()),
                        Double.NaN))
            .toList();
    String name = up.replace(", %", "");
    return new TradeOffChart(
        id,
        Character.toUpperCase(name.charAt(0)) + name.substring(1) + " by " + along,
        name + " of the pruned model at each size, before any training; the table has the numbers",
        along + ", % of " + Quantity.of((long) all),
        up,
        List.of(new TradeOffChart.Series("pruned and corrected", points)),
        List.of(new LineChart.Level("original", score.applyAsDouble(result.evaluation()))));
  }

  private void tables(Markup page) {
    List<LossTable> tables = result.tables();
    page.open("section", "id", "tables", "class", "tables", "aria-labelledby", "tables-heading");
    page.element("h2", "Sensitivity of blocks", "id", "tables-heading");
    page.open("div", "class", "charts");
    LossCharts.of(tables).forEach(chart -> chart.render(page));
    page.close("div").close("section");
  }

  private void run(Markup page) {
    Section.open(page, "run", "How it was made");
    if (run.command() != null) {
      page.open("pre").element("code", run.command()).close("pre");
    }
    page.open("dl", "class", "facts");
    if (run.data() != null) {
      page.element("dt", "data").element("dd", run.data());
    }
    page.element("dt", "samples").element("dd", Integer.toString(result.evaluation().samples()));
    for (Map.Entry<String, String> version : run.versions().entrySet()) {
      page.element("dt", version.getKey()).element("dd", version.getValue());
    }
    page.close("dl");
    Section.close(page);
  }
}
