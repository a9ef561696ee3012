package io.gohsp.report;

import io.gohsp.report.LineChart.Point;
import io.gohsp.report.LineChart.Series;
import io.gohsp.selection.GroupKind;
import io.gohsp.selection.LossTable;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/** Tables of errors as charts: a chart for each kind of group, a line for each block. */
final class LossCharts {
  /** Points of a line; more would look the same. */
  private static final int MOST_POINTS = 64;

  /** Colours go round from blue to orange, by way of green, as blocks go up. */
  private static final int FIRST_HUE = 225;

  private static final int LAST_HUE = 20;

  private LossCharts() {}

  /** Charts of the kinds that there are. */
  static List<LineChart> of(List<LossTable> tables) {
    List<String> blocks = blocks(tables);
    List<LineChart> charts = new ArrayList<>();
    for (GroupKind kind : GroupKind.values()) {
      List<Series> lines =
          blocks.stream()
              .map(
                  name ->
                      new Series(
                          name,
                          tables.stream()
                              .filter(table -> name(table).equals(name) && table.kind() == kind)
                              .map(LossCharts::points)
                              .toList()))
              .toList();
      LineChart chart =
          new LineChart(
              "keeping-" + kind.name().toLowerCase(Locale.ROOT),
              "Keeping some of the " + kind.label(),
              "What it costs the loss to keep part of the "
                  + kind.label()
                  + " of each block, everything else being whole.",
              "kept, %",
              "loss",
              true,
              lines,
              List.of(),
              List.of());
      if (!chart.isEmpty()) {
        charts.add(chart);
      }
    }
    return charts;
  }

  /** The lines of all charts, in their order. */
  static List<String> blocks(List<LossTable> tables) {
    return tables.stream().map(LossCharts::name).distinct().toList();
  }

  private static String name(LossTable table) {
    return String.join(", ", table.blocks());
  }

  /** Without the end, where nothing is lost: a logarithmic axis has no place for it. */
  private static List<Point> points(LossTable table) {
    int units = table.units();
    int step = Math.max(1, (units - 1) / MOST_POINTS);
    return IntStream.range(1, units)
        .filter(kept -> (units - kept) % step == 0 || kept == 1 || kept == units - 1)
        .filter(kept -> table.at(kept) > 0)
        .mapToObj(kept -> new Point(100.0 * kept / units, table.at(kept)))
        .toList();
  }

  /** Colours and dashes for so many lines; dark on light paper and light on dark. */
  static String style(int lines) {
    return IntStream.range(0, lines)
        .mapToObj(
            i -> {
              int hue = FIRST_HUE + (LAST_HUE - FIRST_HUE) * i / Math.max(1, lines - 1);
              String colour = "hsl(" + hue + " 62% var(--tone))";
              String dashes = List.of("none", "7 3", "2 2").get(i % 3);
              return ".line%d { stroke: %s; stroke-dasharray: %s; } .marker%d { fill: %s; }\n"
                  .formatted(i, colour, dashes, i, colour);
            })
        .collect(Collectors.joining());
  }
}
