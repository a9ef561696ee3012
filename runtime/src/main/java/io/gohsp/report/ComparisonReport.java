package io.gohsp.report;

import io.gohsp.compare.Results;
import io.gohsp.io.AtomicFile;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/**
 * What a comparison came to, for people and for programs: {@code results.md}, {@code results.csv},
 * {@code results.json} and {@code report.html}, which all say the same.
 */
public final class ComparisonReport {
  private final Results results;
  private final @Nullable String command;

  /**
   * @param command what made it; null if that was no command
   */
  public ComparisonReport(Results results, @Nullable String command) {
    this.results = results;
    this.command = command;
  }

  /**
   * Writes all files. Each appears complete or not at all.
   *
   * @throws IOException if one cannot be written
   */
  public void write(Path directory) throws IOException {
    write(directory.resolve("results.md"), markdown());
    write(directory.resolve("results.csv"), csv());
    write(directory.resolve("results.json"), json() + "\n");
    write(directory.resolve("report.html"), html());
  }

  private static void write(Path file, String text) throws IOException {
    byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
    AtomicFile.removeLeftovers(file);
    AtomicFile.write(file, out -> out.write(bytes));
  }

  /** The tables in Markdown. */
  public String markdown() {
    return ComparisonMarkdown.text(results);
  }

  /** A line for each finished cell, after one with the names of the columns. */
  public String csv() {
    return ComparisonCsv.text(results);
  }

  /** One object on one line; docs/json.md describes it. */
  public String json() {
    return ComparisonJson.text(results, command);
  }

  /** One HTML page that needs nothing beside it. */
  public String html() {
    return ComparisonPage.html(results, command);
  }
}
