package io.gohsp.report;

import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;

/**
 * Charts beside and below each other in one file of SVG, with one legend, without scripts, fonts or
 * references; what pages have around them is here, too.
 */
final class ChartSheet {
  private static final int COLUMNS = 2;
  private static final int MARGIN = 16;
  private static final int HEADING = 44;
  private static final int CAPTION = 22;
  private static final int KEY_WIDTH = 120;
  private static final int KEY_HEIGHT = 18;

  private record Panel(String title, Consumer<Markup> picture) {}

  private final String title;
  private final String style;
  private final List<String> keys;
  private final List<Panel> panels = new ArrayList<>();

  /**
   * @param title a line above all
   * @param style of lines and markers, beyond that of all charts
   * @param keys what the lines of all charts are, in their order
   */
  ChartSheet(String title, String style, List<String> keys) {
    this.title = title;
    this.style = style;
    this.keys = keys;
  }

  /** Adds a chart. */
  ChartSheet with(String caption, Consumer<Markup> picture) {
    panels.add(new Panel(caption, picture));
    return this;
  }

  /** The file's text. */
  String svg() {
    int columns = Math.min(COLUMNS, Math.max(1, panels.size()));
    int rows = (panels.size() + columns - 1) / columns;
    int width = columns * (ChartFrame.WIDTH + MARGIN) + MARGIN;
    int inRow = Math.max(1, (width - 2 * MARGIN) / KEY_WIDTH);
    int top = HEADING + rows * (CAPTION + ChartFrame.HEIGHT + MARGIN);
    int height = top + (keys.size() + inRow - 1) / inRow * KEY_HEIGHT + MARGIN;
    Markup file = new Markup();
    file.open(
        "svg",
        "xmlns",
        "http://www.w3.org/2000/svg",
        "class",
        "chart",
        "font-family",
        "system-ui, sans-serif",
        "viewBox",
        "0 0 " + width + " " + height,
        "width",
        number(width),
        "height",
        number(height));
    file.element("title", title);
    file.open("style").raw(HtmlReport.style("report.css") + style).close("style");
    file.empty("rect", "width", "100%", "height", "100%", "style", "fill: var(--paper)");
    ChartFrame.text(file, "label level-label", "start", MARGIN, HEADING - 16, title);
    for (int i = 0; i < panels.size(); i++) {
      int x = MARGIN + i % columns * (ChartFrame.WIDTH + MARGIN);
      int y = HEADING + i / columns * (CAPTION + ChartFrame.HEIGHT + MARGIN);
      ChartFrame.text(file, "label", "start", x, y + CAPTION - 8, panels.get(i).title());
      // A chart fills what is around it.
      file.open(
          "svg",
          "x",
          number(x),
          "y",
          number(y + CAPTION),
          "width",
          number(ChartFrame.WIDTH),
          "height",
          number(ChartFrame.HEIGHT));
      panels.get(i).picture().accept(file);
      file.close("svg");
    }
    for (int i = 0; i < keys.size(); i++) {
      int x = MARGIN + i % inRow * KEY_WIDTH;
      int y = top + i / inRow * KEY_HEIGHT + KEY_HEIGHT / 2;
      ChartFrame.rule(file, "line line" + i, x, y, x + 28, y);
      ChartFrame.marker(file, i, x + 14, y);
      ChartFrame.text(file, "tick", "start", x + 34, y + 4, keys.get(i));
    }
    file.close("svg");
    return file.finish();
  }

  private static String number(int coordinate) {
    return Integer.toString(coordinate);
  }
}
