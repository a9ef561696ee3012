package io.gohsp.report;

import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What came of many models that were pruned alike, as a page in the form of {@link HtmlReport}.
 *
 * @param rows one for each model
 * @param run what was run
 */
public record ModelsReport(List<Row> rows, Run run) {
  /**
   * One model.
   *
   * @param exitCode of its run; 0 if it is done
   * @param reason why it failed, in a line; empty if it did not
   * @param notes what was done but perhaps not meant
   * @param data what was calibrated, trained and measured on and how it was prepared, in a line;
   *     empty if there was none or it failed
   * @param numbers null if it failed
   */
  public record Row(
      String model,
      int exitCode,
      String reason,
      List<String> notes,
      String data,
      @Nullable Numbers numbers) {
    public Row {
      notes = List.copyOf(notes);
    }
  }

  /**
   * What it costs, and what it came to.
   *
   * @param error the largest relative difference from what it must equal; NaN if not compared
   * @param accuracyBefore of the original on validation samples; NaN if there is none
   * @param accuracyAfter of the result
   */
  public record Numbers(
      long paramsBefore,
      long paramsAfter,
      long macsBefore,
      long macsAfter,
      double error,
      double accuracyBefore,
      double accuracyAfter) {}

  public ModelsReport {
    rows = List.copyOf(rows);
  }

  /** How many failed. */
  public int failed() {
    return (int) rows.stream().filter(row -> row.exitCode() != 0).count();
  }

  /** Whether any has an accuracy. */
  public boolean hasAccuracy() {
    return rows.stream()
        .anyMatch(row -> row.numbers() != null && !Double.isNaN(row.numbers().accuracyAfter()));
  }

  /**
   * The page.
   *
   * @param json what it shows, as JSON
   */
  public String html(String json) {
    return HtmlReport.page(
        "Pruning of " + rows.size() + " models",
        HtmlReport.style("report.css") + HtmlReport.style("comparison.css"),
        this::render,
        json);
  }

  private void render(Markup page) {
    page.open("header");
    page.element("p", "gohsp pruning", "class", "kicker");
    page.element("h1", rows.size() + " models, " + failed() + " failed");
    page.close("header");
    Section.open(page, "results", "Models");
    table(page);
    Section.close(page);
    list(page, "failures", "Failed", row -> row.reason().isEmpty() ? List.of() : reason(row));
    list(page, "notes", "Notes", Row::notes);
    list(page, "data", "Data", row -> row.data().isEmpty() ? List.of() : List.of(row.data()));
    run(page);
  }

  private static List<String> reason(Row row) {
    return List.of("exit code " + row.exitCode() + ": " + row.reason());
  }

  private void table(Markup page) {
    boolean scored = hasAccuracy();
    Table table =
        scored
            ? Table.cards(
                page,
                "Models",
                "",
                "params",
                "kept",
                "MACs",
                "kept",
                "accuracy before",
                "after",
                "error",
                "exit code")
            : Table.cards(
                page, "Models", "", "params", "kept", "MACs", "kept", "error", "exit code");
    for (Row row : rows) {
      table.row(row.model());
      Numbers numbers = row.numbers();
      if (numbers == null) {
        for (int i = 0; i < (scored ? 7 : 5); i++) {
          table.cell("-");
        }
      } else {
        cells(table, numbers, scored);
      }
      table.number(row.exitCode(), Integer.toString(row.exitCode())).end();
    }
    table.close();
  }

  private static void cells(Table table, Numbers numbers, boolean scored) {
    table
        .number(numbers.paramsAfter(), Quantity.of(numbers.paramsAfter()))
        .cell(Quantity.percent(numbers.paramsAfter(), numbers.paramsBefore()))
        .number(numbers.macsAfter(), Quantity.of(numbers.macsAfter()))
        .cell(Quantity.percent(numbers.macsAfter(), numbers.macsBefore()));
    if (scored) {
      accuracy(table, numbers.accuracyBefore());
      accuracy(table, numbers.accuracyAfter());
    }
    double error = numbers.error();
    table.number(error, Double.isNaN(error) ? "-" : Quantity.scientific(error));
  }

  private static void accuracy(Table table, double accuracy) {
    table.number(accuracy, Double.isNaN(accuracy) ? "-" : Quantity.accuracy(accuracy));
  }

  /** What is said of single models. */
  private interface Said {
    List<String> of(Row row);
  }

  private void list(Markup page, String id, String heading, Said said) {
    if (rows.stream().allMatch(row -> said.of(row).isEmpty())) {
      return;
    }
    Section.open(page, id, heading);
    page.open("ul");
    for (Row row : rows) {
      said.of(row).forEach(line -> page.element("li", row.model() + ": " + line));
    }
    page.close("ul");
    Section.close(page);
  }

  private void run(Markup page) {
    Section.open(page, "run", "How it was made");
    if (run.command() != null) {
      page.open("pre").element("code", run.command()).close("pre");
    }
    page.open("dl", "class", "facts");
    for (Map.Entry<String, String> version : run.versions().entrySet()) {
      page.element("dt", version.getKey()).element("dd", version.getValue());
    }
    page.close("dl");
    Section.close(page);
  }
}
