package io.gohsp.report;

import io.gohsp.compare.Results;
import java.util.Collections;
import java.util.List;

/** The table of a comparison in Markdown. */
final class ComparisonMarkdown {
  private ComparisonMarkdown() {}

  static String text(Results results) {
    StringBuilder text = new StringBuilder();
    List<String> header = ComparisonRow.header(results);
    line(text, "", header);
    line(text, "---", Collections.nCopies(header.size(), "---:"));
    ComparisonRow.of(results).forEach(row -> line(text, escaped(row.name()), row.cells()));
    text.append('\n');
    ComparisonNotes.of(results).forEach(note -> text.append(escaped(note)).append("\n\n"));
    if (!results.failures().isEmpty()) {
      text.append("Failed:\n\n");
      results
          .failures()
          .forEach(
              failure ->
                  text.append("- ").append(escaped(ComparisonNotes.of(failure))).append('\n'));
    }
    return text.toString();
  }

  private static void line(StringBuilder text, String first, List<String> cells) {
    text.append("| ").append(first);
    cells.forEach(cell -> text.append(" | ").append(cell));
    text.append(" |\n");
  }

  /** What would be markup, in what users and files are called. */
  private static String escaped(String text) {
    return text.replaceAll("([\\\\`*_<>|\\[\\]])", "\\\\$1");
  }
}
