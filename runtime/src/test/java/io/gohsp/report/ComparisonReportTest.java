package io.gohsp.report;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.gohsp.bench.Latency;
import io.gohsp.bench.Range;
import io.gohsp.compare.Cell;
import io.gohsp.compare.CellFailure;
import io.gohsp.compare.CellLatency;
import io.gohsp.compare.CellResult;
import io.gohsp.compare.Results;
import io.gohsp.cost.Cost;
import io.gohsp.train.Agreement;
import io.gohsp.train.Evaluation;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ComparisonReportTest {
  private static final String HALF = "50% parameters";
  private static final String FIFTH = "20% parameters";

  @TempDir Path directory;

  private static CellResult cell(
      String method, @Nullable String budget, long seed, double accuracy, long params) {
    return new CellResult(
        method,
        budget,
        seed,
        new Evaluation(0.1, 0.9, 200),
        new Evaluation(0.9, accuracy - 0.2, 200),
        new Evaluation(0.5, method.equals("other") ? accuracy + 0.01 : accuracy - 0.1, 200),
        new Evaluation(1 - accuracy, accuracy, 200),
        new Agreement(200, 0.6, 0.3, 0.9, accuracy, Double.NaN),
        new Agreement(200, 0.8, 0.05, 0.9, accuracy, Double.NaN),
        params,
        10 * params,
        4 * params,
        budget == null ? 0 : 30,
        budget == null ? 80 : 50,
        12.5,
        false,
        "a".repeat(64),
        "b".repeat(64),
        "c".repeat(64));
  }

  private static Results results(String method) {
    List<CellResult> cells = new ArrayList<>();
    double[] noise = {0.01, 0, 0.005};
    for (int seed = 0; seed < 3; seed++) {
      cells.add(cell(Cell.DENSE, null, seed, 0.91 + noise[seed], 1000_000));
      cells.add(cell(method, HALF, seed, 0.88 - noise[seed], 500_000));
      cells.add(cell(method, FIFTH, seed, 0.8 + 2 * noise[seed], 200_000));
    }
    cells.add(cell("other", HALF, 0, 0.5, 499_999));
    Range range = new Range(0.5, 0.6);
    Latency latency = new Latency("it", 1, 20, 2.75, 2.5, 0.55, range, range);
    return new Results(
        new Results.Terms(
            "vit.onnx",
            "some data",
            List.of(method, "other"),
            List.of(HALF, FIFTH),
            List.of(0L, 1L, 2L),
            80,
            "settings of all kinds",
            "c".repeat(64),
            new Cost(1000_000, 10_000_000, 4000_000, List.of())),
        cells,
        List.of(new CellFailure("other", FIFTH, 0, "Mistake: out | of <luck>\nat line 1")),
        0,
        List.of(new CellLatency(method, HALF, 0, "b", "cpu, batch 1", latency, latency)));
  }

  private static JsonNode json(ComparisonReport report) throws IOException {
    return new ObjectMapper().readTree(report.json());
  }

  /** One row of the Markdown table by the name in front. */
  private static List<String> row(String markdown, String name) {
    return markdown
        .lines()
        .filter(line -> line.startsWith("| " + name + " |"))
        .map(line -> Arrays.stream(line.split("\\|")).map(String::strip).skip(2).toList())
        .findFirst()
        .orElseThrow();
  }

  @Test
  void allFormsSayTheSame() throws IOException {
    ComparisonReport report = new ComparisonReport(results("gohsp"), "a command");
    JsonNode json = json(report);
    List<String[]> csv = report.csv().lines().skip(1).map(line -> line.split(",", -1)).toList();
    assertThat(csv).hasSameSizeAs(json.get("cells"));

    for (JsonNode row : json.get("rows")) {
      double[] accuracies =
          csv.stream()
              .filter(line -> line[0].equals(row.get("method").textValue()))
              .filter(line -> line[1].equals(row.get("budget").textValue()))
              .mapToDouble(line -> Double.parseDouble(line[3]))
              .toArray();
      double mean = Arrays.stream(accuracies).average().orElseThrow();
      assertThat(row.get("runs").intValue()).isEqualTo(accuracies.length);
      assertThat(row.at("/accuracy/mean").doubleValue()).isCloseTo(mean, within(1e-12));
      String name = row.get("method").textValue() + ", " + row.get("budget").textValue();
      String shown = row(report.markdown(), name).get(3);
      assertThat(shown).startsWith(Quantity.fixed(100 * mean, 2));
      assertThat(shown.contains("±")).isEqualTo(accuracies.length > 1);
      assertThat(ParsedReport.parse(report.html()).text()).contains(shown);
    }
    // 0.87, 0.88, 0.875 less 0.92, 0.91, 0.915.
    assertThat(json.at("/rows/0/difference/mean").doubleValue()).isCloseTo(-0.04, within(1e-12));
    assertThat(json.at("/rows/0/difference/deviation").doubleValue())
        .isCloseTo(0.01, within(1e-12));
    assertThat(row(report.markdown(), "gohsp, " + HALF))
        .containsExactly(
            "500.0 k",
            "5.00 M",
            "67.50 ± 0.50 %",
            "87.50 ± 0.50 %",
            "−4.00 ± 1.00",
            "80.00 ± 0.00 %",
            "0.55",
            "3");
    assertThat(row(report.markdown(), "dense, as it is").get(3)).isEqualTo("90.00 %");
    assertThat(row(report.markdown(), "dense, trained").get(3)).isEqualTo("91.50 ± 0.50 %");
  }

  @Test
  void whatTrainingMadeWorseIsSaid() {
    ComparisonReport report = new ComparisonReport(results("gohsp"), null);
    String note =
        "Training made worse by validation what it began with: other, 50% parameters, seed 0"
            + " (51.00 % to 50.00 %).";
    assertThat(report.markdown()).contains(note);
    assertThat(ParsedReport.parse(report.html()).text()).contains(note);
  }

  @Test
  void fileHoldsEveryForm() throws IOException {
    ComparisonReport report = new ComparisonReport(results("gohsp"), null);
    report.write(directory);

    assertThat(Files.readString(directory.resolve("results.md"))).isEqualTo(report.markdown());
    assertThat(Files.readString(directory.resolve("results.csv"))).isEqualTo(report.csv());
    assertThat(Files.readString(directory.resolve("results.json"))).isEqualTo(report.json() + "\n");
    assertThat(Files.readString(directory.resolve("report.html"))).isEqualTo(report.html());
  }

  @Test
  void pageShowsCurvesWithBars() throws IOException {
    ComparisonReport report = new ComparisonReport(results("gohsp"), "a command");
    ParsedReport page = ParsedReport.parse(report.html());

    assertThat(page.sections()).containsExactly("results", "charts", "failures", "cells", "run");
    assertThat(page.all("figure")).hasSize(3);
    assertThat(page.ids()).doesNotHaveDuplicates();
    assertThat(page.text()).doesNotContain("NaN", "null");
    assertThat(page.numbers()).isEqualTo(json(report));
    // By parameters: two budgets of one method and the control have three seeds, "other" has one.
    assertThat(
            page.all("line").stream()
                .filter(line -> line.getAttribute("class").startsWith("spread"))
                .filter(line -> line.getAttribute("x1").equals(line.getAttribute("x2"))))
        .hasSize(3 + 3 + 2); // by time one budget was measured, and the control is 1
    assertThat(page.values("cells")).hasSize(10);
  }

  @Test
  void namesAreText() throws IOException {
    String evil = "a,\"b\" | <b>&amp;";
    ComparisonReport report = new ComparisonReport(results(evil), evil);

    assertThat(json(report).at("/rows/0/method").textValue()).isEqualTo(evil);
    assertThat(report.csv()).contains("\n\"a,\"\"b\"\" | <b>&amp;\",50% parameters,0,");
    ParsedReport page = ParsedReport.parse(report.html());
    assertThat(page.all("b")).isEmpty();
    assertThat(page.text()).contains(evil);
    assertThat(report.markdown())
        .contains("| a,\"b\" \\| \\<b\\>&amp;, 50% parameters |")
        .contains("- other, 20% parameters, seed 0: Mistake: out \\| of \\<luck\\>\n");
  }
}
