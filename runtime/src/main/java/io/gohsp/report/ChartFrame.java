package io.gohsp.report;

import java.util.List;
import java.util.Locale;

/**
 * What charts have in common: place, axes, levels, markers. Lines differ in dashes and markers, not
 * in colour alone; colours come from the page, so that they suit dark screens and paper.
 *
 * @param along the axis to the right
 * @param up the axis upwards
 * @param inset how far the axis to the right goes on at both ends, for what is drawn beside its
 *     place there
 */
record ChartFrame(Ticks along, Ticks up, double inset) {
  /** Narrow enough for a telephone: letters shrink little there. */
  static final int WIDTH = 420;

  static final int HEIGHT = 270;
  static final int LEFT = 64;
  static final int RIGHT = 12;
  static final int TOP = 26;
  static final int BOTTOM = 42;

  /** Begins the picture. */
  void open(Markup page, String id, String title, String description) {
    page.open(
        "svg",
        "viewBox",
        "0 0 " + WIDTH + " " + HEIGHT,
        "role",
        "img",
        "aria-labelledby",
        id + "-title " + id + "-desc");
    page.element("title", title, "id", id + "-title");
    page.element("desc", description, "id", id + "-desc");
  }

  double x(double value) {
    return LEFT + inset + along.share(value) * (WIDTH - LEFT - RIGHT - 2 * inset);
  }

  double y(double value) {
    return HEIGHT - BOTTOM - up.share(value) * (HEIGHT - TOP - BOTTOM);
  }

  static String at(double coordinate) {
    return String.format(Locale.ROOT, "%.1f", coordinate);
  }

  static void text(Markup page, String kind, String anchor, double x, double y, String t) {
    page.element("text", t, "class", kind, "text-anchor", anchor, "x", at(x), "y", at(y));
  }

  static void rule(Markup page, String kind, double x1, double y1, double x2, double y2) {
    page.empty("line", "class", kind, "x1", at(x1), "y1", at(y1), "x2", at(x2), "y2", at(y2));
  }

  void axes(Markup page, String unitAlong, String unitUp) {
    for (double value : up.at()) {
      double y = y(value);
      rule(page, "grid", LEFT, y, WIDTH - RIGHT, y);
      text(page, "tick", "end", LEFT - 6, y + 4, up.label(value));
    }
    for (double value : along.at()) {
      double x = x(value);
      rule(page, "axis", x, HEIGHT - BOTTOM, x, HEIGHT - BOTTOM + 4);
      // The last label must not be cut off by the edge.
      boolean last = x > WIDTH - RIGHT - 16;
      text(
          page,
          "tick",
          last ? "end" : "middle",
          last ? WIDTH - RIGHT + 8 : x,
          HEIGHT - BOTTOM + 17,
          along.label(value));
    }
    rule(page, "axis", LEFT, HEIGHT - BOTTOM, WIDTH - RIGHT, HEIGHT - BOTTOM);
    text(page, "unit", "middle", (LEFT + WIDTH - RIGHT) / 2.0, HEIGHT - 6, unitAlong);
    page.element(
        "text",
        unitUp,
        "class",
        "unit",
        "text-anchor",
        "middle",
        "transform",
        "translate(11 " + at((TOP + HEIGHT - BOTTOM) / 2.0) + ") rotate(-90)");
  }

  void levels(Markup page, List<LineChart.Level> levels) {
    for (LineChart.Level level : levels) {
      if (Double.isFinite(level.value())) {
        double y = y(level.value());
        rule(page, "level", LEFT, y, WIDTH - RIGHT, y);
        text(page, "level-label", "end", WIDTH - RIGHT - 3, y - 4, level.name());
      }
    }
  }

  /** A circle, a square, a triangle, a diamond, a triangle that points down, and so on again. */
  static void marker(Markup page, int number, double x, double y) {
    String kind = "marker marker" + number;
    switch (number % 5) {
      case 0 -> page.empty("circle", "class", kind, "cx", at(x), "cy", at(y), "r", "2.8");
      case 1 ->
          page.empty(
              "rect",
              "class",
              kind,
              "x",
              at(x - 2.6),
              "y",
              at(y - 2.6),
              "width",
              "5.2",
              "height",
              "5.2");
      case 2 -> path(page, kind, x, y - 3.8, "l3.4 6 h-6.8 z");
      case 3 -> path(page, kind, x, y - 3.8, "l3.8 3.8 l-3.8 3.8 l-3.8 -3.8 z");
      default -> path(page, kind, x, y + 3.8, "l3.4 -6 h-6.8 z");
    }
  }

  private static void path(Markup page, String kind, double x, double y, String shape) {
    page.empty("path", "class", kind, "d", "M%s %s %s".formatted(at(x), at(y), shape));
  }

  /** An entry of a legend. */
  static void key(Markup page, int number, boolean hasLine, String name) {
    page.open("li").open("svg", "viewBox", "0 0 28 10", "aria-hidden", "true");
    if (hasLine) {
      page.empty(
          "line", "class", "line line" + number, "x1", "0", "y1", "5", "x2", "28", "y2", "5");
    }
    marker(page, number, 14, 5);
    page.close("svg").text(name).close("li");
  }
}
