package io.gohsp.cli;

import io.gohsp.compare.Results;
import io.gohsp.report.ComparisonNotes;
import io.gohsp.report.ComparisonReport;
import io.gohsp.report.ComparisonRow;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.stream.Stream;

/** What is said about a comparison when it is over. */
record ComparisonSummary(Results results, ComparisonReport report, Path work) {
  void print(ConsoleOptions console, PrintWriter out) {
    if (console.json()) {
      out.println(report.json());
    } else if (console.text()) {
      TextTable table = new TextTable();
      table.row(line("", ComparisonRow.header(results).stream()));
      ComparisonRow.of(results).forEach(row -> table.row(line(row.name(), row.cells().stream())));
      table.print(out);
      out.println();
      ComparisonNotes.of(results).forEach(out::println);
      out.println(work + ": results.md, results.csv, results.json, report.html");
    }
    out.flush();
  }

  private static String[] line(String first, Stream<String> cells) {
    return Stream.concat(Stream.of(first), cells).toArray(String[]::new);
  }
}
