package io.gohsp.report;

import java.util.ArrayList;
import java.util.List;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import java.util.stream.DoubleStream;

/**
 * Curves over the updates of a run, or over something else, as a figure of SVG with a legend. Lines
 * differ in dashes and markers, not in colour alone; colours come from the page, so that they suit
 * dark screens and paper. Values that the axis cannot show (zero or less on a logarithmic one,
 * infinities) are left out and counted below.
 *
 * @param id unique on the page
 * @param description for those who do not see it
 * @param unitAlong what goes to the right, from 0
 * @param unit what goes up
 * @param logarithmic whether by powers of ten
 * @param spans what is marked along the bottom
 * @param levels values to compare with, as lines across
 */
record LineChart(
    String id,
    String title,
    String description,
    String unitAlong,
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

  /** A value and where it is, such as the updates made until then. */
  record Point(double along, double value) {}

  /** A value to compare with. */
  record Level(String name, double value) {}

  /** With more points than this, markers would hide the line. */
  private static final int MOST_MARKERS = 40;

  void render(Markup page) {
    List<Series> shown = shown();
    if (isEmpty()) {
      return;
    }
    page.open("figure", "class", "chart");
    page.element("figcaption", title);
    picture(page);
    legend(page, shown);
    page.close("figure");
  }

  /** Whether there is nothing to draw. */
  boolean isEmpty() {
    return shown().stream().allMatch(line -> line.points().isEmpty());
  }

  private List<Series> shown() {
    return series.stream().map(line -> line.where(this::fits)).toList();
  }

  /** The chart without what stands around it; not if it is empty. */
  void picture(Markup page) {
    List<Series> shown = shown();
    double[] values =
        DoubleStream.concat(
                shown.stream().flatMap(s -> s.points().stream()).mapToDouble(Point::value),
                levels.stream().mapToDouble(Level::value).filter(Double::isFinite))
            .toArray();
    double least = DoubleStream.of(values).min().orElseThrow();
    double most = DoubleStream.of(values).max().orElseThrow();
    Ticks up = logarithmic ? Ticks.logarithmic(least, most) : Ticks.linear(least, most);
    Ticks along = Ticks.upTo(Math.max(1, end(shown)));
    ChartFrame frame = new ChartFrame(along, up, 0);
    frame.open(page, id, title, description);
    spans(page, frame);
    frame.axes(page, unitAlong, unit);
    cut(page, frame);
    frame.levels(page, levels);
    for (int i = 0; i < shown.size(); i++) {
      for (List<Point> segment : shown.get(i).segments()) {
        line(page, i, segment, frame);
      }
    }
    page.close("svg");
  }

  private boolean fits(Point point) {
    return Double.isFinite(point.value()) && !(logarithmic && point.value() <= 0);
  }

  private double end(List<Series> shown) {
    return DoubleStream.concat(
            shown.stream().flatMap(line -> line.points().stream()).mapToDouble(Point::along),
            spans.stream().mapToDouble(Timeline.Span::end))
        .max()
        .orElse(1);
  }

  private void spans(Markup page, ChartFrame frame) {
    for (int i = 0; i < spans.size(); i++) {
      Timeline.Span span = spans.get(i);
      double from = frame.x((double) span.start());
      double to = frame.x((double) span.end());
      page.empty(
          "rect",
          "class",
          "phase phase" + i % 2,
          "x",
          ChartFrame.at(from),
          "y",
          ChartFrame.at(ChartFrame.TOP),
          "width",
          ChartFrame.at(to - from),
          "height",
          ChartFrame.at(ChartFrame.HEIGHT - ChartFrame.TOP - ChartFrame.BOTTOM));
      ChartFrame.text(page, "label", "middle", (from + to) / 2, ChartFrame.TOP - 8, span.name());
    }
  }

  private void cut(Markup page, ChartFrame frame) {
    double cut = Timeline.cut(spans);
    if (Double.isFinite(cut)) {
      double x = frame.x(cut);
      ChartFrame.rule(page, "cut", x, ChartFrame.TOP - 4, x, ChartFrame.HEIGHT - ChartFrame.BOTTOM);
      boolean first = cut == 0;
      ChartFrame.text(
          page,
          "cut-label",
          first ? "start" : "middle",
          first ? ChartFrame.LEFT : x,
          ChartFrame.TOP - 8,
          "cut");
    }
  }

  private static void line(Markup page, int number, List<Point> points, ChartFrame frame) {
    if (points.size() > 1) {
      String path =
          points.stream()
              .map(p -> ChartFrame.at(frame.x(p.along())) + "," + ChartFrame.at(frame.y(p.value())))
              .collect(Collectors.joining(" "));
      page.empty("polyline", "class", "line line" + number, "points", path);
    }
    if (points.size() <= MOST_MARKERS) {
      for (Point p : points) {
        ChartFrame.marker(page, number, frame.x(p.along()), frame.y(p.value()));
      }
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
      boolean hasLine = shown.get(i).segments().stream().anyMatch(part -> part.size() > 1);
      ChartFrame.key(page, i, hasLine, shown.get(i).name());
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
