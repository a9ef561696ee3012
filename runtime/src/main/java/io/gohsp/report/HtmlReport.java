package io.gohsp.report;

import io.gohsp.io.AtomicFile;
import io.gohsp.text.Printable;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import java.util.function.Consumer;

/**
 * A report as one HTML file without scripts, fonts or references to anything outside it. It is XML
 * as well. The numbers it shows are in it once more as JSON, in the element {@code #numbers}.
 */
public final class HtmlReport {
  /** What is shown, from top to bottom. */
  private static final List<Section> SECTIONS =
      List.of(
          SummarySection::render,
          SizeSection::render,
          OutcomeSection::render,
          LatencySection::render,
          EquivalenceSection::render,
          HeadMapSection::render,
          WidthSection::render,
          TrainingSection::render,
          SparsitySection::render,
          HeadGraphSection::render,
          RunSection::render);

  private HtmlReport() {}

  /** The file's text. */
  public static String html(PruningReport report) {
    return page(
        "Pruning of " + report.run().model(),
        style("report.css"),
        page -> SECTIONS.forEach(section -> section.render(report, page)),
        ReportJson.text(report));
  }

  /**
   * A page around contents.
   *
   * @param numbers what it shows, as JSON
   */
  static String page(String title, String style, Consumer<Markup> contents, String numbers) {
    Markup page = new Markup();
    page.raw("<!DOCTYPE html>\n")
        .open("html", "lang", "en", "xmlns", "http://www.w3.org/1999/xhtml");
    page.open("head").empty("meta", "charset", "utf-8");
    page.empty("meta", "name", "viewport", "content", "width=device-width, initial-scale=1");
    page.empty("meta", "name", "color-scheme", "content", "light dark");
    page.element("title", title);
    page.open("style").raw(style).close("style");
    page.close("head").open("body").open("main");
    contents.accept(page);
    page.close("main");
    page.open("script", "type", "application/json", "id", "numbers");
    page.raw(inScript(numbers)).close("script");
    page.close("body").close("html");
    return page.finish();
  }

  /**
   * Writes the file. It appears complete or not at all.
   *
   * @throws IOException if it cannot be written
   */
  public static void write(PruningReport report, Path file) throws IOException {
    byte[] bytes = html(report).getBytes(StandardCharsets.UTF_8);
    AtomicFile.write(file, out -> out.write(bytes));
  }

  /** These occur in JSON only within strings, where they may be written as escapes. */
  private static String inScript(String json) {
    return Printable.of(json)
        .replace("<", "\\u003c")
        .replace(">", "\\u003e")
        .replace("&", "\\u0026");
  }

  /** A style sheet that comes with the program. */
  static String style(String name) {
    try (InputStream in =
        Objects.requireNonNull(HtmlReport.class.getResourceAsStream(name), name)) {
      return new String(in.readAllBytes(), StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
