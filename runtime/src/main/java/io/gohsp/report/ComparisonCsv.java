package io.gohsp.report;

import io.gohsp.compare.CellResult;
import io.gohsp.compare.Results;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Finished cells, one a line, as RFC 4180 has it but with plain line feeds; no number is rounded.
 */
final class ComparisonCsv {
  private static final List<String> HEADER =
      List.of(
          "method",
          "budget",
          "seed",
          "accuracy",
          "loss",
          "accuracyAtCut",
          "lossAtCut",
          "agreement",
          "agreementAtCut",
          "meanKl",
          "params",
          "macs",
          "bytes",
          "stepsBefore",
          "stepsAfter",
          "seconds",
          "planSha256",
          "modelSha256");

  private ComparisonCsv() {}

  static String text(Results results) {
    StringBuilder text = new StringBuilder(String.join(",", HEADER)).append('\n');
    for (CellResult cell : results.cells()) {
      text.append(String.join(",", line(cell))).append('\n');
    }
    return text.toString();
  }

  private static List<String> line(CellResult cell) {
    List<String> line = new ArrayList<>();
    line.add(quoted(cell.method()));
    line.add(quoted(cell.budget()));
    line.add(Long.toString(cell.seed()));
    line.add(number(cell.last().accuracy()));
    line.add(number(cell.last().loss()));
    line.add(number(cell.atCut().accuracy()));
    line.add(number(cell.atCut().loss()));
    line.add(number(cell.agreement().sameClass()));
    line.add(number(cell.agreementAtCut().sameClass()));
    line.add(number(cell.agreement().divergence()));
    line.add(Long.toString(cell.params()));
    line.add(Long.toString(cell.macs()));
    line.add(Long.toString(cell.bytes()));
    line.add(Long.toString(cell.softSteps()));
    line.add(Long.toString(cell.tuneSteps()));
    line.add(number(cell.seconds()));
    line.add(cell.planSha256());
    line.add(cell.modelSha256());
    return line;
  }

  private static String number(double value) {
    return Double.isFinite(value) ? Double.toString(value) : "";
  }

  private static String quoted(@Nullable String text) {
    if (text == null) {
      return "";
    }
    return text.matches("[^,\"\r\n]*") ? text : "\"" + text.replace("\"", "\"\"") + "\"";
  }
}
