package io.gohsp.report;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import java.util.stream.DoubleStream;

/**
 * Curves over the updates of a run, as a figure of SVG with a legend. Lines differ in dashes and
 * markers, not in colour alone; colours come from the page, so that they suit dark screens and
 * paper. Values that the axis cannot show (zero or less on a logarithmic one, infinities) are left
 * out and counted below.
 *
 * @param id unique on the page
 * @param description for those who do not see it
 * @param unit what goes up
 * @param logarithmic whether by powers of ten
 * @param spans what is marked along the bottom
 * @param levels values to compare with, as lines across
 */
record LineChart(
    String id,
    String title,
    String description,
    String unit,
    boolean logarithmic,
    List<Series> series,
    List<Timeline.Span> spans,
    List<Level> levels) {
  /**
   * A curve.
   *
   * @param segments the curve has gaps between them
   */
  record Series(String name, List<List<Point>> segments) {
    List<Point> points() {
      return segments.stream().flatMap(List::stream).toList();
    }

    Series where(Predicate<Point> condition) {
      return new Series(
          name, segments.stream().map(part -> part.stream().filter(condition).toList()).toList());
    }
  }

  /** A value and the updates made until then. */
  record Point(double step, double value) {}

  /** A value to compare with. */
  record Level(String name, double value) {}

  /** Narrow enough for a telephone: letters shrink little there. */
  private static final int WIDTH = 420;

  private static final int HEIGHT = 270;
  private static final int LEFT = 52;
  private static final int RIGHT = 12;
  private static final int TOP = 26;
  private static final int BOTTOM = 42;

  /** With more points than this, markers would hide the line. */
  private static final int MOST_MARKERS = 40;

  void render(Markup page) {
    List<Series> shown = series.stream().map(line -> line.where(this::fits)).toList();
    double[] values =
        DoubleStream.concat(
                shown.stream().flatMap(s -> s.points().stream()).mapToDouble(Point::value),
                levels.stream().mapToDouble(Level::value).filter(Double::isFinite))
            .toArray();
    if (shown.stream().allMatch(line -> line.points().isEmpty())) {
      return;
    }
    double least = DoubleStream.of(values).min().orElseThrow();
    double most = DoubleStream.of(values).max().orElseThrow();
    Ticks up = logarithmic ? Ticks.logarithmic(least, most) : Ticks.linear(least, most);
    Ticks along = Ticks.upTo(Math.max(1, end(shown)));
    page.open("figure", "class", "chart");
    page.element("figcaption", title);
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
    spans(page, along);
    axes(page, along, up);
    cut(page, along);
    levels(page, up);
    for (int i = 0; i < shown.size(); i++) {
      for (List<Point> segment : shown.get(i).segments()) {
        line(page, i, segment, along, up);
      }
    }
    page.close("svg");
    legend(page, shown);
    page.close("figure");
  }

  private boolean fits(Point point) {
    return Double.isFinite(point.value()) && !(logarithmic && point.value() <= 0);
  }

  private double end(List<Series> shown) {
    return DoubleStream.concat(
            shown.stream().flatMap(line -> line.points().stream()).mapToDouble(Point::step),
            spans.stream().mapToDouble(Timeline.Span::end))
        .max()
        .orElse(1);
  }

  private static double x(Ticks along, double step) {
    return LEFT + along.share(step) * (WIDTH - LEFT - RIGHT);
  }

  private static double y(Ticks up, double value) {
    return HEIGHT - BOTTOM - up.share(value) * (HEIGHT - TOP - BOTTOM);
  }

  private static String at(double coordinate) {
    return String.format(Locale.ROOT, "%.1f", coordinate);
  }

  private static void text(Markup page, String kind, String anchor, double x, double y, String t) {
    page.element("text", t, "class", kind, "text-anchor", anchor, "x", at(x), "y", at(y));
  }

  private static void rule(Markup page, String kind, double x1, double y1, double x2, double y2) {
    page.empty("line", "class", kind, "x1", at(x1), "y1", at(y1), "x2", at(x2), "y2", at(y2));
  }

  private void spans(Markup page, Ticks along) {
    for (int i = 0; i < spans.size(); i++) {
      Timeline.Span span = spans.get(i);
      double from = x(along, (double) span.start());
      double to = x(along, (double) span.end());
      page.empty(
          "rect",
          "class",
          "phase phase" + i % 2,
          "x",
          at(from),
          "y",
          at(TOP),
          "width",
          at(to - from),
          "height",
          at(HEIGHT - TOP - BOTTOM));
      text(page, "label", "middle", (from + to) / 2, TOP - 8, span.name());
    }
  }

  private void cut(Markup page, Ticks along) {
    double cut = Timeline.cut(spans);
    if (Double.isFinite(cut)) {
      double x = x(along, cut);
      rule(page, "cut", x, TOP - 4, x, HEIGHT - BOTTOM);
      boolean first = cut == 0;
      text(page, "cut-label", first ? "start" : "middle", first ? LEFT : x, TOP - 8, "cut");
    }
  }

  private void axes(Markup page, Ticks along, Ticks up) {
    for (double value : up.at()) {
      double y = y(up, value);
      rule(page, "grid", LEFT, y, WIDTH - RIGHT, y);
      text(page, "tick", "end", LEFT - 6, y + 4, up.label(value));
    }
    for (double value : along.at()) {
      double x = x(along, value);
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
    text(page, "unit", "middle", (LEFT + WIDTH - RIGHT) / 2.0, HEIGHT - 6, "updates");
    page.element(
        "text",
        unit,
        "class",
        "unit",
        "text-anchor",
        "middle",
        "transform",
        "translate(11 " + at((TOP + HEIGHT - BOTTOM) / 2.0) + ") rotate(-90)");
  }

  private void levels(Markup page, Ticks up) {
    for (Level level : levels) {
      if (Double.isFinite(level.value())) {
        double y = y(up, level.value());
        rule(page, "level", LEFT, y, WIDTH - RIGHT, y);
        text(page, "level-label", "end", WIDTH - RIGHT - 3, y - 4, level.name());
      }
    }
  }

  private static void line(Markup page, int number, List<Point> points, Ticks along, Ticks up) {
    if (points.size() > 1) {
      String path =
          points.stream()
              .map(p -> at(x(along, p.step())) + "," + at(y(up, p.value())))
              .collect(Collectors.joining(" "));
      page.empty("polyline", "class", "line line" + number, "points", path);
    }
    if (points.size() <= MOST_MARKERS) {
      for (Point p : points) {
        marker(page, number, x(along, p.step()), y(up, p.value()));
      }
    }
  }

  /** A circle, a square or a triangle. */
  private static void marker(Markup page, int number, double x, double y) {
    String kind = "marker marker" + number;
    switch (number % 3) {
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
      default ->
          page.empty(
              "path", "class", kind, "d", "M%s %s l3.4 6 h-6.8 z".formatted(at(x), at(y - 3.8)));
    }
  }

  private void legend(Markup page, List<Series> shown) {
    page.open("ul", "class", "legend");
    List<String> missing = new ArrayList<>();
    for (int i = 0; i < shown.size(); i++) {
      int left = series.get(i).points().size() - shown.get(i).points().size();
      if (left > 0) {
        missing.add(left + " of " + shown.get(i).name());
      }
      if (shown.get(i).points().isEmpty()) {
        continue;
      }
      page.open("li").open("svg", "viewBox", "0 0 28 10", "aria-hidden", "true");
      if (shown.get(i).segments().stream().anyMatch(part -> part.size() > 1)) {
        page.empty("line", "class", "line line" + i, "x1", "0", "y1", "5", "x2", "28", "y2", "5");
      }
      marker(page, i, 14, 5);
      page.close("svg").text(shown.get(i).name()).close("li");
    }
    page.close("ul");
    if (!missing.isEmpty()) {
      page.element(
          "p",
          "Not drawn, being zero or not finite: " + String.join(", ", missing) + ".",
          "class",
          "note");
    }
  }
}
