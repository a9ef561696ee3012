package io.gohsp.tensor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Views of parts of tensors, element by element against what the selection says. */
class SelectionTest {
  private static final int TRIALS = 60;

  /** Rows that depend on other axes, several axes cut at once, axes kept whole, up to rank four. */
  private static Selection random(int[] dims, Random random) {
    int rank = dims.length;
    boolean[] dependent = new boolean[rank];
    for (int axis = 0; axis < rank; axis++) {
      dependent[axis] = random.nextInt(3) == 0;
    }
    List<Selection.Axis> axes = new ArrayList<>();
    for (int axis = 0; axis < rank; axis++) {
      int self = axis;
      List<Integer> deciders =
          dependent[axis]
              ? IntStream.range(0, rank)
                  .filter(i -> i != self && !dependent[i] && random.nextBoolean())
                  .boxed()
                  .toList()
              : List.of();
      int rows = deciders.stream().map(i -> dims[i]).reduce(1, (a, b) -> a * b);
      int count = random.nextInt(4) == 0 ? dims[axis] : 1 + random.nextInt(dims[axis]);
      int[][] kept = new int[rows][];
      for (int row = 0; row < rows; row++) {
        List<Integer> all = new ArrayList<>(IntStream.range(0, dims[axis]).boxed().toList());
        Collections.shuffle(all, random);
        kept[row] = all.subList(0, count).stream().sorted().mapToInt(i -> i).toArray();
      }
      axes.add(new Selection.Axis(dims[axis], deciders, kept));
    }
    return new Selection(axes);
  }

  /** The element of the whole tensor that each element of the part is, in row-major order. */
  private static int[] expected(int[] dims, Selection selection) {
    long[] part = selection.dims();
    int size = (int) Arrays.stream(part).reduce(1, (a, b) -> a * b);
    int[] source = new int[size];
    for (int element = 0; element < size; element++) {
      int[] at = new int[dims.length];
      int rest = element;
      for (int axis = dims.length - 1; axis >= 0; axis--) {
        at[axis] = (int) (rest % part[axis]);
        rest /= (int) part[axis];
      }
      int index = 0;
      for (int axis = 0; axis < dims.length; axis++) {
        Selection.Axis choice = selection.axes().get(axis);
        int row = 0;
        for (int decider : choice.dependsOn()) {
          // Deciders depend on nothing themselves.
          row = row * dims[decider] + selection.axes().get(decider).kept()[0][at[decider]];
        }
        index = index * dims[axis] + choice.kept()[row][at[axis]];
      }
      source[element] = index;
    }
    return source;
  }

  @ParameterizedTest
  @EnumSource(names = {"FLOAT", "FLOAT16", "INT8", "INT64", "UINT4", "INT4"})
  void anySelection(ElementType type) {
    for (int trial = 0; trial < TRIALS; trial++) {
      Random random = new Random(trial);
      int[] dims = IntStream.range(0, random.nextInt(5)).map(i -> 1 + random.nextInt(5)).toArray();
      int size = Arrays.stream(dims).reduce(1, (a, b) -> a * b);
      byte[] bytes = new byte[(int) type.bytes(size)];
      random.nextBytes(bytes);
      Tensor whole =
          new Tensor(
              type,
              Arrays.stream(dims).asLongStream().toArray(),
              new TensorData.Heap(ByteBuffer.wrap(bytes)));
      Selection selection = random(dims, random);
      Tensor part = whole.select(selection);
      int[] source = expected(dims, selection);
      assertThat(part.dims()).as("trial %d", trial).isEqualTo(selection.dims());
      byte[] view = new byte[(int) part.data().byteSize()];
      part.data().bytes().get(view);
      assertThat(part.data().byteSize()).isEqualTo(type.bytes(source.length));
      for (int i = 0; i < source.length; i++) {
        assertThat(element(view, type, i))
            .as("trial %d, element %d", trial, i)
            .isEqualTo(element(bytes, type, source[i]));
      }
      assertPieces(part.data(), view, random);
    }
  }

  /** Writers read a view piece by piece; the pieces may start and end inside an element. */
  private static void assertPieces(TensorData data, byte[] all, Random random) {
    int from = 0;
    while (from < all.length) {
      int to = Math.min(all.length, from + 1 + random.nextInt(7));
      byte[] piece = new byte[to - from];
      data.view(from, to - from).get(piece);
      assertThat(piece).isEqualTo(Arrays.copyOfRange(all, from, to));
      from = to;
    }
  }

  private static long element(byte[] bytes, ElementType type, int index) {
    int bits = type.bits();
    long value = 0;
    for (int bit = 0; bit < bits; bit++) {
      int at = index * bits + bit;
      value |= (long) (bytes[at / 8] >> (at % 8) & 1) << bit;
    }
    return value;
  }

  @Test
  void rowsOfDifferentLengthAreRefused() {
    assertThatThrownBy(() -> new Selection.Axis(3, List.of(0), new int[][] {{0, 1}, {2}}))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("different numbers");
  }
}
