package io.gohsp.basis;

import io.gohsp.axis.AxisAnalysis;
import io.gohsp.axis.AxisLayout;
import io.gohsp.axis.AxisLayout.Leaf;
import io.gohsp.axis.AxisLayout.Product;
import io.gohsp.axis.AxisLayout.Sum;
import io.gohsp.axis.Factor;
import io.gohsp.tensor.Tensor;
import io.gohsp.vit.Coordinates;
import io.gohsp.vit.PrunableAxis;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.stream.IntStream;

/**
 * Where in a constant the positions of one factor are, everything else being the same: the vectors
 * that a change of basis multiplies.
 */
final class Lines {
  private final List<AxisLayout> layouts;
  private final int along;
  private final List<int[]> lines;
  private final PrunableAxis columns;

  /**
   * @param sides the analysis that {@code place} speaks of
   * @param plain the other analysis, of the same model, which knows the heads
   * @param columns the axis of the block, by the other analysis
   */
  Lines(Place place, AxisAnalysis sides, AxisAnalysis plain, PrunableAxis columns) {
    List<AxisLayout> bySide = Objects.requireNonNull(sides.layout(place.constant()));
    this.layouts = Objects.requireNonNull(plain.layout(place.constant()));
    this.along =
        IntStream.range(0, bySide.size())
            .filter(axis -> bySide.get(axis).factors().anyMatch(f -> f == place.factor()))
            .findFirst()
            .orElseThrow();
    this.lines = of(bySide.get(along), place.factor());
    this.columns = columns;
  }

  /**
   * Every line as a row vector times a matrix.
   *
   * @param byRow the matrix for each row of the columns' head factors
   */
  Tensor times(List<Matrix> byRow, Tensor old) {
    double[] elements = old.doubles();
    int extent = extent(layouts.get(along));
    int inner = inner(along);
    int[] rows = rows();
    int size = columns.size();
    double[] vector = new double[size];
    for (int start = 0; start < elements.length; start += extent * inner) {
      for (int k = start; k < start + inner; k++) {
        for (int[] line : lines) {
          Matrix matrix = byRow.get(rows[k + line[0] * inner]);
          for (int i = 0; i < size; i++) {
            vector[i] = elements[k + line[i] * inner];
          }
          for (int j = 0; j < size; j++) {
            double sum = 0;
            for (int i = 0; i < size; i++) {
              sum += vector[i] * matrix.get(i, j);
            }
            elements[k + line[j] * inner] = sum;
          }
        }
      }
    }
    return Tensor.ofDoubles(old.type(), old.dims(), elements);
  }

  /**
   * One line of the constant.
   *
   * @param row of the columns' head factors
   * @param head coordinates in the head factors, -1 in those that the constant has not
   * @param index along the axes of the constant without columns or heads: the input of a weight
   * @param numbers by column
   */
  @SuppressWarnings("ArrayRecordComponent") // made and read once, never compared
  record HeadVector(int row, List<Integer> head, int index, double[] numbers) {}

  /**
   * All lines, in the order of the elements.
   *
   * @param heads the head factors of the block
   */
  List<HeadVector> vectors(Tensor tensor, List<Factor> heads) {
    double[] elements = tensor.doubles();
    int extent = extent(layouts.get(along));
    int inner = inner(along);
    int[] rows = rows();
    List<int[]> byHead = heads.stream().map(this::coordinates).toList();
    int[] index = new int[rows.length];
    for (int axis = 0; axis < layouts.size(); axis++) {
      if (axis != along && layouts.get(axis).factors().noneMatch(heads::contains)) {
        int size = extent(layouts.get(axis));
        int step = inner(axis);
        for (int i = 0; i < index.length; i++) {
          index[i] = index[i] * size + i / step % size;
        }
      }
    }
    List<HeadVector> all = new ArrayList<>();
    for (int start = 0; start < elements.length; start += extent * inner) {
      for (int k = start; k < start + inner; k++) {
        for (int[] line : lines) {
          int first = k + line[0] * inner;
          double[] numbers = new double[line.length];
          for (int i = 0; i < line.length; i++) {
            numbers[i] = elements[k + line[i] * inner];
          }
          List<Integer> head = byHead.stream().map(at -> at[first]).toList();
          all.add(new HeadVector(rows[first], head, index[first], numbers));
        }
      }
    }
    return all;
  }

  /** For every element the row that its heads belong to. */
  private int[] rows() {
    int[] rows = new int[layouts.stream().mapToInt(Lines::extent).reduce(1, Math::multiplyExact)];
    for (Factor head : columns.dependsOn()) {
      int[] coordinates = coordinates(head);
      for (int i = 0; i < rows.length; i++) {
        rows[i] = rows[i] * head.count() + Math.max(0, coordinates[i]);
      }
    }
    return rows;
  }

  /**
   * For every element where it stands along a head factor; -1 where that does not occur. A stream
   * that is made up of heads too has them on another axis of the same weight: those that the
   * columns are of stand nearest to them, on their own axis or else just before it.
   */
  private int[] coordinates(Factor factor) {
    int[] all = new int[layouts.stream().mapToInt(Lines::extent).reduce(1, Math::multiplyExact)];
    Arrays.fill(all, -1);
    int nearest = -1;
    for (int axis = 0; axis < layouts.size(); axis++) {
      boolean closer = nearest < 0 || Math.abs(axis - along) < Math.abs(nearest - along);
      if (closer && layouts.get(axis).factors().anyMatch(f -> f == factor)) {
        nearest = axis;
      }
    }
    if (nearest >= 0) {
      int[] coordinates = Coordinates.of(layouts.get(nearest), factor);
      int inner = inner(nearest);
      for (int i = 0; i < all.length; i++) {
        all[i] = coordinates[i / inner % coordinates.length];
      }
    }
    return all;
  }

  private int inner(int axis) {
    return layouts.subList(axis + 1, layouts.size()).stream()
        .mapToInt(Lines::extent)
        .reduce(1, Math::multiplyExact);
  }

  /**
   * Every line along {@code factor} in {@code layout}, whose size must be known: positions of the
   * axis by coordinate of the factor.
   */
  private static List<int[]> of(AxisLayout layout, Factor factor) {
    List<int[]> lines = new ArrayList<>();
    if (layout instanceof Leaf leaf) {
      if (leaf.factor() == factor) {
        lines.add(IntStream.range(0, factor.count()).toArray());
      }
    } else if (layout instanceof Sum sum) {
      int offset = 0;
      for (AxisLayout part : sum.parts()) {
        for (int[] line : of(part, factor)) {
          lines.add(moved(line, 1, offset));
        }
        offset += extent(part);
      }
    } else {
      int inner = extent(layout);
      int outer = 1;
      for (AxisLayout part : ((Product) layout).parts()) {
        int extent = extent(part);
        inner /= extent;
        for (int[] line : of(part, factor)) {
          for (int i = 0; i < outer * inner; i++) {
            lines.add(moved(line, inner, i / inner * extent * inner + i % inner));
          }
        }
        outer *= extent;
      }
    }
    return lines;
  }

  private static int extent(AxisLayout layout) {
    return Math.toIntExact(layout.size().value());
  }

  private static int[] moved(int[] line, int stride, int offset) {
    return IntStream.of(line).map(position -> position * stride + offset).toArray();
  }
}
