package io.gohsp.report;

import io.gohsp.selection.LossTable;
import java.util.List;

/** Tables of errors as a file of SVG. */
public final class LossPicture {
  private LossPicture() {}

  /**
   * The picture.
   *
   * @param title a line above it
   */
  public static String svg(String title, List<LossTable> tables) {
    List<String> blocks = LossCharts.blocks(tables);
    ChartSheet sheet = new ChartSheet(title, LossCharts.style(blocks.size()), blocks);
    LossCharts.of(tables).forEach(chart -> sheet.with(chart.title(), chart::picture));
    return sheet.svg();
  }
}
