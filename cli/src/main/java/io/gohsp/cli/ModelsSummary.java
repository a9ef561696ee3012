package io.gohsp.cli;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.gohsp.report.ModelsReport;
import io.gohsp.report.Quantity;
import io.gohsp.report.Run;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import picocli.CommandLine.Model.CommandSpec;

/**
 * What is said about many models when all are over.
 *
 * @param models each with its name below the output
 * @param outcomes of the models, in their order
 */
record ModelsSummary(
    CommandSpec spec,
    Path output,
    List<Map.Entry<Path, Path>> models,
    List<CommandTask.Outcome> outcomes) {
  private static final ObjectMapper JSON = new ObjectMapper();

  void print(ConsoleOptions console, PrintWriter out) {
    if (console.json()) {
      out.println(json());
    } else if (console.text()) {
      printText(out);
    }
    out.flush();
  }

  /** The page, with the numbers that {@code --json} prints. */
  String html() {
    return report().html(json());
  }

  private String json() {
    return Json.text(
        json -> {
          json.array(
              "models",
              array -> {
                for (int i = 0; i < models.size(); i++) {
                  int index = i;
                  array.element(object -> write(object, models.get(index), outcomes.get(index)));
                }
              });
          json.put("failed", (long) report().failed());
        });
  }

  private void write(Json json, Map.Entry<Path, Path> model, CommandTask.Outcome outcome)
      throws IOException {
    json.put("file", model.getKey().toString());
    json.put("output", outcome.isDone() ? output.resolve(model.getValue()).toString() : null);
    json.put("exitCode", (long) outcome.exitCode());
    json.put("reason", outcome.isDone() ? null : outcome.reason());
    json.strings("notes", outcome.notes());
    json.putJson("result", outcome.out().isBlank() ? null : outcome.out().strip());
  }

  private ModelsReport report() {
    List<ModelsReport.Row> rows = new ArrayList<>();
    for (int i = 0; i < models.size(); i++) {
      CommandTask.Outcome outcome = outcomes.get(i);
      rows.add(
          new ModelsReport.Row(
              models.get(i).getValue().toString(),
              outcome.exitCode(),
              outcome.reason(),
              outcome.notes(),
              outcome.isDone() ? tree(outcome.out()).path("data").asText("") : "",
              outcome.isDone() ? numbers(outcome.out()) : null));
    }
    return new ModelsReport(rows, Run.of("", null, CommandText.of(spec), null, null));
  }

  private static ModelsReport.Numbers numbers(String printed) {
    JsonNode json = tree(printed);
    return new ModelsReport.Numbers(
        json.at("/params/before").longValue(),
        json.at("/params/after").longValue(),
        json.at("/macs/before").longValue(),
        json.at("/macs/after").longValue(),
        number(json.at("/verification/maxRelError")),
        number(json.at("/evaluation/before/accuracy")),
        number(json.at("/evaluation/after/accuracy")));
  }

  private static JsonNode tree(String printed) {
    try {
      return JSON.readTree(printed);
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("this program printed no JSON: " + printed, e);
    }
  }

  /** NaN where there is none. */
  private static double number(JsonNode json) {
    return json.isNumber() ? json.doubleValue() : Double.NaN;
  }

  private void printText(PrintWriter out) {
    ModelsReport report = report();
    boolean scored = report.hasAccuracy();
    TextTable table = new TextTable();
    table.row(
        cells(scored, "", "params", "kept", "MACs", "kept", "accuracy", "after", "exit code"));
    report.rows().forEach(row -> table.row(cells(scored, row)));
    table.print(out);
    out.println();
    for (ModelsReport.Row row : report.rows()) {
      if (!row.data().isEmpty()) {
        out.println(row.model() + ": " + row.data());
      }
      row.notes().forEach(note -> out.println(row.model() + ": note: " + note));
      if (row.exitCode() != ExitCodes.DONE) {
        out.println(row.model() + ": " + row.reason());
      }
    }
    out.println(
        "%s: %d of %d models pruned"
            .formatted(output, report.rows().size() - report.failed(), report.rows().size()));
  }

  private static String[] cells(boolean scored, ModelsReport.Row row) {
    ModelsReport.Numbers numbers = row.numbers();
    String code = Integer.toString(row.exitCode());
    return numbers == null
        ? cells(scored, row.model(), "-", "-", "-", "-", "-", "-", code)
        : cells(
            scored,
            row.model(),
            Quantity.of(numbers.paramsAfter()),
            Quantity.percent(numbers.paramsAfter(), numbers.paramsBefore()),
            Quantity.of(numbers.macsAfter()),
            Quantity.percent(numbers.macsAfter(), numbers.macsBefore()),
            accuracy(numbers.accuracyBefore()),
            accuracy(numbers.accuracyAfter()),
            code);
  }

  /** A row without the two accuracies where there are none. */
  private static String[] cells(boolean scored, String... all) {
    List<String> cells = new ArrayList<>(List.of(all));
    if (!scored) {
      cells.subList(5, 7).clear();
    }
    return cells.toArray(String[]::new);
  }

  private static String accuracy(double accuracy) {
    return Double.isNaN(accuracy) ? "-" : String.format(Locale.ROOT, "%.2f %%", 100 * accuracy);
  }
}
