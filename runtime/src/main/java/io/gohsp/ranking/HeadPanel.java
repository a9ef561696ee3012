package io.gohsp.ranking;

import io.gohsp.text.Printable;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * One block of a {@link HeadPicture}: its heads in a circle with the edges that matter, the
 * similarities as a matrix, and the scale of both.
 */
final class HeadPanel {
  static final int WIDTH = 508;
  static final int HEIGHT = 292;

  private static final int GRAPH = 220; // edge of the graph, and of the matrix
  private static final int TOP = 54; // below name and order
  private static final int MATRIX = 252; // left edge of the matrix
  private static final int BAR = MATRIX + GRAPH - 8;

  /** Radius of a head with an average entry, where there is room for it. */
  private static final double RADIUS = 16;

  /** Edges to so many of the most similar heads are drawn from each; all if there are few. */
  private static final int NEAREST = 2;

  /** A number that fits its cell in a smaller size only is left out; it shows on hover. */
  private static final double READABLE = 6;

  private static final double EDGE = GRAPH - 40.0; // of the matrix itself

  private final RankedBlock block;
  private final @Nullable Set<Integer> kept;
  private final SimilarityScale scale;
  private final StringBuilder svg = new StringBuilder();

  /**
   * @param kept heads that stay; null if that is not decided
   */
  HeadPanel(RankedBlock block, @Nullable Set<Integer> kept) {
    this.block = block;
    this.kept = kept;
    this.scale = SimilarityScale.of(block.similarity());
  }

  /** The panel as a group, its corner at 0, 0. */
  String draw() {
    add("<text class=\"hg-ink hg-name\" y=\"15\">%s</text>", escaped(block.block()));
    order();
    edges();
    heads();
    matrix();
    if (block.heads() > 1) {
      bar();
    }
    return svg.toString();
  }

  /** The ranking, and where it was cut. */
  private void order() {
    StringBuilder line = new StringBuilder();
    for (int head : block.ranking().order()) {
      line.append("<tspan class=\"").append(isKept(head) ? "hg-ink" : "hg-gone");
      line.append("\" dx=\"6\">").append(head).append("</tspan>");
    }
    add("<text class=\"hg-soft\" y=\"34\" font-size=\"12\">kept longest first:%s</text>", line);
  }

  private boolean isKept(int head) {
    return kept == null || kept.contains(head);
  }

  private double x(int head, double ring) {
    return GRAPH / 2.0 + (block.heads() == 1 ? 0 : ring * Math.cos(angle(head)));
  }

  private double y(int head, double ring) {
    return TOP + GRAPH / 2.0 + (block.heads() == 1 ? 0 : ring * Math.sin(angle(head)));
  }

  /** Head 0 on top, then clockwise. */
  private double angle(int head) {
    return 2 * Math.PI * head / block.heads() - Math.PI / 2;
  }

  private static double ring() {
    return GRAPH / 2.0 - RADIUS - 18;
  }

  /** Pairs of which one is among the nearest of the other. */
  private List<int[]> pairs() {
    int heads = block.heads();
    List<int[]> pairs = new ArrayList<>();
    for (int i = 0; i < heads; i++) {
      for (int j = i + 1; j < heads; j++) {
        if (heads <= 4 || nearest(i).contains(j) || nearest(j).contains(i)) {
          pairs.add(new int[] {i, j});
        }
      }
    }
    return pairs;
  }

  private Set<Integer> nearest(int head) {
    Comparator<Integer> similar = Comparator.comparingDouble(h -> -block.similarity()[head][h]);
    return new TreeSet<>(
        IntStream.range(0, block.heads())
            .filter(other -> other != head)
            .boxed()
            .sorted(similar)
            .limit(NEAREST)
            .toList());
  }

  private void edges() {
    for (int[] pair : pairs()) {
      double s = block.similarity()[pair[0]][pair[1]];
      add(
          "<line class=\"hg-edge\" x1=\"%.1f\" y1=\"%.1f\" x2=\"%.1f\" y2=\"%.1f\""
              + " stroke-opacity=\"%.2f\" stroke-width=\"%.2f\"><title>heads %d and %d: similarity"
              + " %.5f</title></line>",
          x(pair[0], ring()),
          y(pair[0], ring()),
          x(pair[1], ring()),
          y(pair[1], ring()),
          scale.opacity(s),
          1 + 4 * scale.share(s),
          pair[0],
          pair[1],
          s);
    }
  }

  private void heads() {
    int heads = block.heads();
    double radius = Math.min(RADIUS, Math.PI * ring() / heads * 0.6);
    for (int head = 0; head < heads; head++) {
      double pi = block.chain().stationary()[head];
      int place = block.ranking().order().indexOf(head) + 1;
      add(
          "<circle class=\"%s\" cx=\"%.1f\" cy=\"%.1f\" r=\"%.2f\"><title>head %d: stationary"
              + " probability %.5f, place %d%s</title></circle>",
          isKept(head) ? "hg-head" : "hg-head hg-removed",
          x(head, ring()),
          y(head, ring()),
          radius * Math.sqrt(pi * heads),
          head,
          pi,
          place,
          kept == null ? "" : isKept(head) ? ", kept" : ", removed");
      add(
          "<text class=\"%s\" x=\"%.1f\" y=\"%.1f\" text-anchor=\"middle\">%d</text>",
          isKept(head) ? "hg-on-head" : "hg-gone", x(head, ring()), y(head, ring()) + 4.5, head);
      add(
          "<text class=\"hg-soft\" x=\"%.1f\" y=\"%.1f\" text-anchor=\"middle\""
              + " font-size=\"10\">#%d</text>",
          x(head, ring() + RADIUS + 10), y(head, ring() + RADIUS + 10) + 3.5, place);
    }
  }

  private void matrix() {
    int heads = block.heads();
    double cell = EDGE / heads;
    boolean whole = size(scale.cell(scale.most()), cell) >= READABLE;
    for (int i = 0; i < heads; i++) {
      label(i, MATRIX - 5, TOP + 16 + (i + 0.5) * cell + 3.5, "end");
      label(i, MATRIX + (i + 0.5) * cell, TOP + 11, "middle");
      for (int j = 0; j < heads; j++) {
        double s = block.similarity()[i][j];
        double left = MATRIX + j * cell;
        double top = TOP + 16 + i * cell;
        add(
            "<rect class=\"%s\" x=\"%.1f\" y=\"%.1f\" width=\"%.1f\" height=\"%.1f\""
                + " fill-opacity=\"%.2f\"><title>S[%d][%d] = %.5f, P[%d][%d] = %.5f</title></rect>",
            i == j ? "hg-self" : "hg-cell",
            left + 0.5,
            top + 0.5,
            cell - 1,
            cell - 1,
            i == j ? 1 : scale.opacity(s),
            i,
            j,
            s,
            i,
            j,
            block.chain().transition()[i][j]);
        String text = whole ? scale.cell(s) : Long.toString(scale.steps(s));
        double size = size(text, cell);
        if (size >= READABLE && i != j) {
          add(
              "<text class=\"%s hg-number\" x=\"%.1f\" y=\"%.1f\" text-anchor=\"middle\""
                  + " font-size=\"%.1f\">%s</text>",
              scale.tone(s), left + cell / 2, top + cell / 2 + size * 0.35, size, text);
        }
      }
    }
    if (!whole && size(Long.toString(scale.steps(scale.most())), cell) >= READABLE) {
      add(
          "<text class=\"hg-soft\" x=\"%d\" y=\"%.1f\" font-size=\"10\">in cells: how far above %s, in units"
              + " of 1e-%d</text>",
          MATRIX, TOP + 16 + EDGE + 14, scale.text(scale.least()), scale.digits());
    }
  }

  /** Of letters that fit into a cell. */
  private static double size(String text, double cell) {
    return Math.min(10, cell / text.length() * 1.6);
  }

  private void label(int head, double x, double y, String anchor) {
    add(
        "<text class=\"%s\" x=\"%.1f\" y=\"%.1f\" text-anchor=\"%s\" font-size=\"10\">%d</text>",
        isKept(head) ? "hg-soft" : "hg-gone", x, y, anchor, head);
  }

  /** The shades of the matrix and the edges, with their numbers. */
  private void bar() {
    int steps = 20;
    for (int step = 0; step < steps; step++) {
      double s = scale.most() - (scale.most() - scale.least()) * (step + 0.5) / steps;
      add(
          "<rect class=\"hg-cell\" x=\"%d\" y=\"%.1f\" width=\"10\" height=\"%.1f\""
              + " fill-opacity=\"%.2f\"/>",
          BAR - 24, TOP + 16 + step * EDGE / steps, EDGE / steps, scale.opacity(s));
    }
    double middle = (scale.most() + scale.least()) / 2;
    tick(scale.most(), TOP + 16 + 7);
    tick(middle, TOP + 16 + EDGE / 2 + 3.5);
    tick(scale.least(), TOP + 16 + EDGE);
  }

  private void tick(double similarity, double y) {
    add(
        "<text class=\"hg-soft\" x=\"%d\" y=\"%.1f\" font-size=\"10\">%s</text>",
        BAR - 10, y, scale.text(similarity));
  }

  private void add(String format, Object... arguments) {
    svg.append(String.format(Locale.ROOT, format, arguments)).append('\n');
  }

  static String escaped(String text) {
    return Printable.of(text).replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;");
  }
}
