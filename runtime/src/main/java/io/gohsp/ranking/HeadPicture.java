package io.gohsp.ranking;

import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * Draws the head graphs of a model as SVG without scripts, fonts or references, readable on light
 * and dark pages. Each block shows its heads in a circle, the area of a head its entry in the
 * stationary distribution, its place in the ranking beside it, and edges to the heads that it is
 * most like; beside it the similarities as a matrix, with the range that occurs in that block.
 */
public final class HeadPicture {
  private static final int MARGIN = 24;
  private static final int TITLE = 64; // height of the heading
  private static final int COLUMNS = 2;

  private static final String STYLE =
      """
      <style>
      .hg-paper { fill: #ffffff; } .hg-ink { fill: #1b2330; } .hg-soft { fill: #586374; }
      .hg-name { font-weight: bold; } .hg-cell { fill: #08306b; } .hg-edge { stroke: #08306b; }
      .hg-self { fill: #e3e7ed; } .hg-on-head { fill: #1b2330; }
      .hg-pale, .hg-middle { fill: #000000; } .hg-deep { fill: #ffffff; }
      .hg-head { fill: #f6c667; stroke: #7a5200; }
      .hg-removed { fill: #ffffff; stroke: #586374; stroke-dasharray: 3 2; }
      .hg-gone { fill: #586374; text-decoration: line-through; }
      @media screen and (prefers-color-scheme: dark) {
      .hg-paper { fill: #12161d; } .hg-ink { fill: #e6eaf0; } .hg-soft { fill: #9aa6b6; }
      .hg-cell { fill: #9ecbff; } .hg-edge { stroke: #9ecbff; } .hg-self { fill: #2b333f; }
      .hg-pale { fill: #ffffff; } .hg-deep { fill: #000000; } .hg-removed { fill: #12161d; stroke: #9aa6b6; }
      .hg-gone { fill: #9aa6b6; }
      }
      </style>
      """;

  private HeadPicture() {}

  /**
   * The picture.
   *
   * @param title a line above it
   * @param blocks at least one
   */
  public static String svg(String title, List<RankedBlock> blocks) {
    int columns = Math.min(COLUMNS, blocks.size());
    int rows = (blocks.size() + columns - 1) / columns;
    int width = columns * (HeadPanel.WIDTH + MARGIN) + MARGIN;
    StringBuilder svg = new StringBuilder();
    svg.append(opened(width, TITLE + rows * (HeadPanel.HEIGHT + MARGIN), title)).append(STYLE);
    svg.append("<rect class=\"hg-paper\" width=\"100%\" height=\"100%\"/>\n");
    svg.append(text(28, 17, "hg-ink", title)).append(text(48, 12, "hg-soft", legend()));
    for (int i = 0; i < blocks.size(); i++) {
      svg.append(
          panel(
              blocks.get(i),
              null,
              MARGIN + i % columns * (HeadPanel.WIDTH + MARGIN),
              TITLE + i / columns * (HeadPanel.HEIGHT + MARGIN)));
    }
    return svg.append("</svg>\n").toString();
  }

  /**
   * One picture for each block, without a heading: for a page that puts as many beside each other
   * as fit and says below them what {@link #legend} does. The first holds the style of all.
   *
   * @param blocks at least one
   * @param kept the heads of a block that stay; null where that is not decided
   */
  public static List<String> panels(
      List<RankedBlock> blocks, Function<RankedBlock, @Nullable Set<Integer>> kept) {
    return IntStream.range(0, blocks.size())
        .mapToObj(
            i -> {
              RankedBlock block = blocks.get(i);
              return opened(
                      HeadPanel.WIDTH + MARGIN,
                      HeadPanel.HEIGHT + MARGIN / 2,
                      "Head graph of " + block.block())
                  + (i == 0 ? STYLE : "")
                  + panel(block, kept.apply(block), MARGIN / 2, MARGIN / 2)
                  + "</svg>\n";
            })
        .toList();
  }

  /** What sizes, shades and numbers mean, in a line. */
  public static String legend() {
    return "Area of a head: stationary probability; #: place in the ranking. Edges lead to the heads"
        + " that a head is most like. Shades: similarity, each block on its own scale.";
  }

  private static String opened(int width, int height, String title) {
    return String.format(
        Locale.ROOT,
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 %d %d\" width=\"%d\" height=\"%d\""
            + " role=\"img\" font-family=\"sans-serif\" font-size=\"13\">\n<title>%s</title>\n",
        width,
        height,
        width,
        height,
        HeadPanel.escaped(title));
  }

  private static String text(int y, int size, String kind, String text) {
    return String.format(
        Locale.ROOT,
        "<text class=\"%s\" x=\"%d\" y=\"%d\" font-size=\"%d\">%s</text>\n",
        kind,
        MARGIN,
        y,
        size,
        HeadPanel.escaped(text));
  }

  private static String panel(RankedBlock block, @Nullable Set<Integer> kept, int x, int y) {
    return String.format(Locale.ROOT, "<g transform=\"translate(%d,%d)\">\n", x, y)
        + new HeadPanel(block, kept).draw()
        + "</g>\n";
  }
}
