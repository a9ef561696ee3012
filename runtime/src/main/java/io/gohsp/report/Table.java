package io.gohsp.report;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * A table whose first column names its rows. Numbers are {@code data} elements, so that what is
 * rounded for people stays exact for programs.
 */
final class Table {
  /** As long as {@code block 11}, and a little more. */
  private static final int SHORT = 12;

  private final Markup page;

  /** What narrow screens show beside each cell, in place of a header; empty if the table stays. */
  private final List<String> labels;

  private int column;

  private Table(Markup page, List<String> labels) {
    this.page = page;
    this.labels = labels;
  }

  /**
   * Begins a table.
   *
   * @param caption what it holds; read by screen readers, and not shown
   */
  static Table open(Markup page, String caption, String... columns) {
    page.open("div", "class", "scroll").open("table");
    return headed(page, List.of(), caption, columns);
  }

  /** Begins a table of many columns, whose rows become cards on narrow screens. */
  static Table cards(Markup page, String caption, String... columns) {
    page.open("div", "class", "scroll").open("table", "class", "cards");
    return headed(page, List.of(columns), caption, columns);
  }

  private static Table headed(Markup page, List<String> labels, String caption, String... columns) {
    page.element("caption", caption);
    page.open("thead").open("tr");
    for (String column : columns) {
      page.element("th", column, "scope", "col");
    }
    page.close("tr").close("thead").open("tbody");
    return new Table(page, labels);
  }

  /** Begins a row. Short names stay on one line, however narrow the screen. */
  Table row(String name) {
    String kind = name.length() <= SHORT ? "short" : "long";
    column = 0;
    page.open("tr").element("th", name, "scope", "row", "class", kind);
    return this;
  }

  Table cell(String text) {
    open();
    page.text(text).close("td");
    return this;
  }

  /** Words, which may take several lines; numbers stay on one. */
  Table words(String text) {
    open("class", "words");
    page.text(text).close("td");
    return this;
  }

  /**
   * A number.
   *
   * @param text as people read it
   */
  Table number(long value, String text) {
    return data(Long.toString(value), text);
  }

  /** A number; one that is none has no value. */
  Table number(double value, String text) {
    return Double.isFinite(value) ? data(Double.toString(value), text) : cell(text);
  }

  private Table data(String value, String text) {
    open();
    page.element("data", text, "value", value).close("td");
    return this;
  }

  /**
   * A number of something of which there were more, with a bar.
   *
   * @param of how many there were
   */
  Table share(long value, long of, String text) {
    open();
    page.element("data", text, "value", Long.toString(value));
    bar((double) value / Math.max(of, 1));
    page.close("td");
    return this;
  }

  /** A number with a bar for the share that it stands for. */
  Table bar(double value, String text, double share) {
    open();
    page.element("data", text, "value", Double.toString(value));
    bar(share);
    page.close("td");
    return this;
  }

  private void open(String... attributes) {
    column++;
    List<String> all = new ArrayList<>(List.of(attributes));
    if (!labels.isEmpty()) {
      all.addAll(List.of("data-label", labels.get(column)));
    }
    page.open("td", all.toArray(String[]::new));
  }

  private void bar(double share) {
    double width = 100 * Math.max(0, Math.min(1, share));
    page.open(
        "svg",
        "class",
        "bar",
        "viewBox",
        "0 0 100 4",
        "preserveAspectRatio",
        "none",
        "aria-hidden",
        "true");
    page.empty("rect", "class", "rest", "width", "100", "height", "4");
    page.empty(
        "rect", "class", "part", "width", String.format(Locale.ROOT, "%.1f", width), "height", "4");
    page.close("svg");
  }

  /** Ends a row. */
  Table end() {
    page.close("tr");
    return this;
  }

  /** Ends the table. */
  void close() {
    page.close("tbody").close("table").close("div");
  }
}
