package io.gohsp.tensor;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;

/** What is gathered equals what one gets by picking element by element. */
class SlicedDataTest {
  private static final ElementType[] TYPES = {
    ElementType.UINT8, ElementType.FLOAT16, ElementType.FLOAT, ElementType.DOUBLE
  };

  /** Sorted distinct indices below {@code size}. */
  private static int[] some(int size, int count, Random random) {
    List<Integer> all = new ArrayList<>();
    for (int i = 0; i < size; i++) {
      all.add(i);
    }
    while (all.size() > count) {
      all.remove(random.nextInt(all.size()));
    }
    return all.stream().mapToInt(Integer::intValue).toArray();
  }

  /** Rank 3; the axis {@code dependent} chooses anew for each position of {@code decider}. */
  @Property(tries = 300)
  void gathersWhatStays(
      @ForAll Random random,
      @ForAll @IntRange(max = 3) int typeIndex,
      @ForAll @IntRange(max = 2) int dependent,
      @ForAll @IntRange(max = 2) int decider) {
    ElementType type = TYPES[typeIndex];
    int width = type.bits() / 8;
    int[] sizes = {1 + random.nextInt(4), 1 + random.nextInt(5), 1 + random.nextInt(9)};
    List<Selection.Axis> axes = new ArrayList<>();
    for (int axis = 0; axis < 3; axis++) {
      int count = 1 + random.nextInt(sizes[axis]);
      boolean depends = axis == dependent && decider != dependent;
      int[][] rows = new int[depends ? sizes[decider] : 1][];
      for (int row = 0; row < rows.length; row++) {
        rows[row] = some(sizes[axis], count, random);
      }
      axes.add(new Selection.Axis(sizes[axis], depends ? List.of(decider) : List.of(), rows));
    }
    byte[] bytes = new byte[sizes[0] * sizes[1] * sizes[2] * width];
    random.nextBytes(bytes);
    Selection selection = new Selection(axes);
    SlicedData sliced =
        new SlicedData(
            new TensorData.Heap(ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN)),
            type,
            selection);

    byte[] expected = expected(bytes, sizes, width, selection);
    assertThat(bytes(sliced.view(0, expected.length))).isEqualTo(expected);
    int from = random.nextInt(expected.length); // anywhere, even inside an element
    byte[] tail = java.util.Arrays.copyOfRange(expected, from, expected.length);
    assertThat(bytes(sliced.view(from, tail.length))).isEqualTo(tail);
  }

  private static byte[] bytes(ByteBuffer buffer) {
    byte[] all = new byte[buffer.remaining()];
    buffer.get(all);
    return all;
  }

  private static byte[] expected(byte[] bytes, int[] sizes, int width, Selection selection) {
    ByteBuffer out = ByteBuffer.allocate(bytes.length);
    long[] dims = selection.dims();
    for (int i = 0; i < dims[0]; i++) {
      for (int j = 0; j < dims[1]; j++) {
        for (int k = 0; k < dims[2]; k++) {
          int[] at = original(selection, new int[] {i, j, k});
          out.put(bytes, ((at[0] * sizes[1] + at[1]) * sizes[2] + at[2]) * width, width);
        }
      }
    }
    return bytes(out.flip());
  }

  private static int[] original(Selection selection, int[] position) {
    int[] at = new int[position.length];
    for (boolean dependent : new boolean[] {false, true}) {
      for (int axis = 0; axis < at.length; axis++) {
        Selection.Axis choice = selection.axes().get(axis);
        if (choice.dependsOn().isEmpty() != dependent) {
          int row = dependent ? at[choice.dependsOn().get(0)] : 0;
          at[axis] = choice.kept()[row][position[axis]];
        }
      }
    }
    return at;
  }
}
