package io.gohsp.report;

import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.DoubleStream;
import java.util.stream.Stream;

/**
 * What something costs in something else, as a figure of SVG with a legend: a line for each method,
 * with bars where runs differ. Points without a place on an axis are left out; those of several
 * lines are drawn a little beside each other, so that none hides another.
 *
 * @param id unique on the page
 * @param description for those who do not see it
 * @param unitAlong what goes to the right
 * @param unitUp what goes up
 * @param levels values to compare with, as lines across
 */
record TradeOffChart(
    String id,
    String title,
    String description,
    String unitAlong,
    String unitUp,
    List<Series> series,
    List<LineChart.Level> levels) {
  /** One method. */
  record Series(String name, List<Point> points) {
    /** Those with a place, from left to right. */
    List<Point> drawn() {
      return points.stream()
          .filter(point -> Double.isFinite(point.x()) && Double.isFinite(point.y()))
          .sorted(java.util.Comparator.comparingDouble(Point::x))
          .toList();
    }
  }

  /**
   * A value.
   *
   * @param deviation how far it spreads up and down; NaN if that is not known
   */
  record Point(double x, double y, double deviation) {
    double reach() {
      return Double.isFinite(deviation) ? deviation : 0;
    }
  }

  /** Half of the bar's ends. */
  private static final double CAP = 3;

  /** Between points of neighbouring lines that lie at one place. */
  private static final double BESIDE = 4;

  void render(Markup page) {
    if (isEmpty()) {
      return;
    }
    page.open("figure", "class", "chart");
    page.element("figcaption", title);
    picture(page);
    legend(page);
    page.close("figure");
  }

  /** Whether there is nothing to draw. */
  boolean isEmpty() {
    return series.stream().allMatch(line -> line.drawn().isEmpty());
  }

  /** The chart without what stands around it; not if it is empty. */
  void picture(Markup page) {
    List<Point> all = series.stream().flatMap(line -> line.drawn().stream()).toList();
    double[] values =
        Stream.of(
                all.stream().mapToDouble(point -> point.y() - point.reach()),
                all.stream().mapToDouble(point -> point.y() + point.reach()),
                levels.stream().mapToDouble(LineChart.Level::value).filter(Double::isFinite))
            .flatMapToDouble(numbers -> numbers)
            .toArray();
    Ticks up =
        Ticks.linear(
            DoubleStream.of(values).min().orElseThrow(),
            DoubleStream.of(values).max().orElseThrow());
    Ticks along =
        Ticks.linear(
            all.stream().mapToDouble(Point::x).min().orElseThrow(),
            all.stream().mapToDouble(Point::x).max().orElseThrow());
    ChartFrame frame = new ChartFrame(along, up, CAP + BESIDE * (series.size() - 1) / 2.0);
    frame.open(page, id, title, description);
    frame.axes(page, unitAlong, unitUp);
    frame.levels(page, levels);
    for (int i = 0; i < series.size(); i++) {
      line(page, frame, i, BESIDE * (i - (series.size() - 1) / 2.0), series.get(i).drawn());
    }
    page.close("svg");
  }

  private static void line(
      Markup page, ChartFrame frame, int number, double beside, List<Point> points) {
    if (points.size() > 1) {
      String path =
          points.stream()
              .map(
                  p -> ChartFrame.at(frame.x(p.x()) + beside) + "," + ChartFrame.at(frame.y(p.y())))
              .collect(Collectors.joining(" "));
      page.empty("polyline", "class", "line line" + number, "points", path);
    }
    for (Point p : points) {
      double x = frame.x(p.x()) + beside;
      if (p.reach() > 0) {
        double top = frame.y(p.y() + p.reach());
        double bottom = frame.y(p.y() - p.reach());
        String kind = "spread line" + number;
        ChartFrame.rule(page, kind, x, top, x, bottom);
        ChartFrame.rule(page, kind, x - CAP, top, x + CAP, top);
        ChartFrame.rule(page, kind, x - CAP, bottom, x + CAP, bottom);
      }
      ChartFrame.marker(page, number, x, frame.y(p.y()));
    }
  }

  private void legend(Markup page) {
    page.open("ul", "class", "legend");
    for (int i = 0; i < series.size(); i++) {
      if (!series.get(i).drawn().isEmpty()) {
        ChartFrame.key(page, i, series.get(i).drawn().size() > 1, series.get(i).name());
      }
    }
    page.close("ul");
  }
}
