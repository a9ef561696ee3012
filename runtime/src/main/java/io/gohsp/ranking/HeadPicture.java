package io.gohsp.ranking;

import io.gohsp.text.Printable;
import java.util.List;
import java.util.Locale;

/**
 * Draws the head graphs of a model as one SVG without scripts, fonts or references. Each block
 * shows its heads in a circle, the area of a head its entry in the stationary distribution, the
 * width and darkness of an edge its similarity; beside it the similarities as a matrix. Edges and
 * cells use the range that occurs off the diagonal anywhere in the model, which the legend states:
 * the similarities of real models lie close together.
 */
public final class HeadPicture {
  private static final int PANEL = 220; // edge of a graph, and of a matrix
  private static final int MARGIN = 24;
  private static final int TITLE = 64; // height of the heading
  private static final int LABEL = 26; // height of a block's name
  private static final int COLUMNS = 2;

  /** Radius of a head with an average entry, where there is room for it. */
  private static final double RADIUS = 17;

  private final StringBuilder svg = new StringBuilder();
  private final double least;
  private final double most;

  private HeadPicture(List<RankedBlock> blocks) {
    double low = 1;
    double high = 0;
    for (RankedBlock block : blocks) {
      for (int i = 0; i < block.heads(); i++) {
        for (int j = 0; j < i; j++) {
          low = Math.min(low, block.similarity()[i][j]);
          high = Math.max(high, block.similarity()[i][j]);
        }
      }
    }
    least = Math.min(low, high);
    most = Math.max(low, high);
  }

  /**
   * The picture.
   *
   * @param title a line above it
   * @param blocks at least one
   */
  public static String svg(String title, List<RankedBlock> blocks) {
    return new HeadPicture(blocks).draw(title, blocks);
  }

  /**
   * One picture for each block, on one scale and without a heading: for a page that puts as many
   * beside each other as fit and says below them what {@link #legend} does.
   *
   * @param blocks at least one
   */
  public static List<String> panels(List<RankedBlock> blocks) {
    return blocks.stream().map(block -> new HeadPicture(blocks).panel(block)).toList();
  }

  /** What sizes and colours mean, in a line. */
  public static String legend(List<RankedBlock> blocks) {
    return new HeadPicture(blocks).legend();
  }

  private String legend() {
    return String.format(
        Locale.ROOT,
        "Area of a head: stationary probability; edges and cells: similarity, %.3f (pale) to %.3f"
            + " (dark)",
        least,
        most);
  }

  private String panel(RankedBlock block) {
    int width = 2 * PANEL + 2 * MARGIN;
    int height = LABEL + PANEL + MARGIN;
    open(width, height, "Head graph of " + block.block());
    block(block, MARGIN / 2, MARGIN / 2);
    add("</svg>");
    return svg.toString();
  }

  private void open(int width, int height, String title) {
    add(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 %d %d\" width=\"%d\" height=\"%d\""
            + " role=\"img\" font-family=\"sans-serif\" font-size=\"13\">",
        width, height, width, height);
    add("<title>%s</title>", escaped(title));
    add("<rect width=\"%d\" height=\"%d\" fill=\"#ffffff\"/>", width, height);
  }

  private String draw(String title, List<RankedBlock> blocks) {
    int columns = Math.min(COLUMNS, blocks.size());
    int rows = (blocks.size() + columns - 1) / columns;
    int cellWidth = 2 * PANEL + 3 * MARGIN;
    int cellHeight = LABEL + PANEL + 2 * MARGIN;
    int width = columns * cellWidth + MARGIN;
    int height = TITLE + rows * cellHeight + MARGIN;
    open(width, height, title);
    add(
        "<text x=\"%d\" y=\"28\" font-size=\"17\" fill=\"#1a1a1a\">%s</text>",
        MARGIN, escaped(title));
    add("<text x=\"%d\" y=\"50\" fill=\"#555555\">%s</text>", MARGIN, legend());
    for (int i = 0; i < blocks.size(); i++) {
      int x = MARGIN + i % columns * cellWidth;
      int y = TITLE + i / columns * cellHeight;
      block(blocks.get(i), x, y);
    }
    add("</svg>");
    return svg.toString();
  }

  private void block(RankedBlock block, int x, int y) {
    add("<g transform=\"translate(%d,%d)\">", x, y);
    add(
        "<text y=\"16\" fill=\"#1a1a1a\" font-weight=\"bold\">%s"
            + "<tspan font-weight=\"normal\" fill=\"#555555\" dx=\"10\">kept longest to shortest:"
            + " %s</tspan></text>",
        escaped(block.block()), places(block));
    graph(block);
    matrix(block);
    add("</g>");
  }

  private static String places(RankedBlock block) {
    return String.join(" ", block.ranking().order().stream().map(String::valueOf).toList());
  }

  private void graph(RankedBlock block) {
    int heads = block.heads();
    double centre = PANEL / 2.0;
    double ring = centre - RADIUS - 14;
    double radius = Math.min(RADIUS, Math.PI * ring / Math.max(heads, 1) * 0.6);
    double[] xs = new double[heads];
    double[] ys = new double[heads];
    for (int h = 0; h < heads; h++) {
      double angle = 2 * Math.PI * h / heads - Math.PI / 2; // head 0 on top, then clockwise
      xs[h] = centre + (heads == 1 ? 0 : ring * Math.cos(angle));
      ys[h] = LABEL + centre + (heads == 1 ? 0 : ring * Math.sin(angle));
    }
    for (int i = 0; i < heads; i++) {
      for (int j = i + 1; j < heads; j++) {
        double s = block.similarity()[i][j];
        add(
            "<line x1=\"%.1f\" y1=\"%.1f\" x2=\"%.1f\" y2=\"%.1f\" stroke=\"%s\""
                + " stroke-width=\"%.2f\"><title>heads %d and %d: similarity %.4f</title></line>",
            xs[i], ys[i], xs[j], ys[j], colour(s), 0.5 + 4 * share(s), i, j, s);
      }
    }
    for (int h = 0; h < heads; h++) {
      double pi = block.chain().stationary()[h];
      add(
          "<circle cx=\"%.1f\" cy=\"%.1f\" r=\"%.2f\" fill=\"#f6c667\" stroke=\"#7a5200\">"
              + "<title>head %d: stationary probability %.4f</title></circle>",
          xs[h], ys[h], radius * Math.sqrt(pi * heads), h, pi);
      add(
          "<text x=\"%.1f\" y=\"%.1f\" text-anchor=\"middle\" fill=\"#1a1a1a\">%d</text>",
          xs[h], ys[h] + 4.5, h);
    }
  }

  private void matrix(RankedBlock block) {
    int heads = block.heads();
    double left = PANEL + MARGIN + 16.0;
    double top = LABEL + 16.0;
    double cell = (PANEL - 20.0) / heads;
    for (int i = 0; i < heads; i++) {
      add(
          "<text x=\"%.1f\" y=\"%.1f\" text-anchor=\"end\" font-size=\"11\""
              + " fill=\"#555555\">%d</text>",
          left - 4, top + (i + 0.5) * cell + 4, i);
      add(
          "<text x=\"%.1f\" y=\"%.1f\" text-anchor=\"middle\" font-size=\"11\""
              + " fill=\"#555555\">%d</text>",
          left + (i + 0.5) * cell, top - 4, i);
      for (int j = 0; j < heads; j++) {
        double s = block.similarity()[i][j];
        add(
            "<rect x=\"%.1f\" y=\"%.1f\" width=\"%.1f\" height=\"%.1f\" fill=\"%s\""
                + " stroke=\"#ffffff\"><title>S[%d][%d] = %.4f, P[%d][%d] = %.4f</title></rect>",
            left + j * cell,
            top + i * cell,
            cell,
            cell,
            i == j ? "#e4e4e4" : colour(s),
            i,
            j,
            s,
            i,
            j,
            block.chain().transition()[i][j]);
        if (heads <= 6 && i != j) {
          add(
              "<text x=\"%.1f\" y=\"%.1f\" text-anchor=\"middle\" font-size=\"10\""
                  + " fill=\"%s\">%.2f</text>",
              left + (j + 0.5) * cell,
              top + (i + 0.5) * cell + 3.5,
              share(s) > 0.5 ? "#ffffff" : "#1a1a1a",
              s);
        }
      }
    }
  }

  /** Where a similarity lies in the range that occurs, 0 to 1. */
  private double share(double s) {
    return most > least ? Math.max(0, Math.min(1, (s - least) / (most - least))) : 0.5;
  }

  /** Pale to dark blue: told apart without colours too. */
  private String colour(double s) {
    double t = share(s);
    return String.format(
        Locale.ROOT,
        "#%02x%02x%02x",
        Math.round(222 - 214 * t),
        Math.round(235 - 187 * t),
        Math.round(247 - 140 * t));
  }

  private void add(String format, Object... arguments) {
    svg.append(String.format(Locale.ROOT, format, arguments)).append('\n');
  }

  private static String escaped(String text) {
    return Printable.of(text).replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;");
  }
}
