package io.gohsp.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.gohsp.ir.ValueType.TensorType;
import io.gohsp.ort.HostTensor;
import io.gohsp.tensor.ElementType;
import java.nio.ByteBuffer;
import java.nio.FloatBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@Timeout(60)
class BatchesTest {
  private static Preprocessing onePixel(ElementType type) {
    Map<String, TensorType> input = Map.of("x", TensorType.of(type, 4, 1, 1, 1));
    return Preprocessing.forInput(input, null)
        .withNormalisation(1, List.of(0.0), List.of(1.0), "test");
  }

  private static Samples samples(int size, Integer... unreadable) {
    return Samples.of(
        new GreyImages(size, Set.of(unreadable)), onePixel(ElementType.FLOAT), Augmentation.NONE);
  }

  /** Everything a run of batches holds: position, samples, labels, pixels. */
  private static List<String> run(Batches.Options options) {
    List<String> seen = new ArrayList<>();
    try (Batches batches = options.open()) {
      for (Batch batch = batches.next(); batch != null; batch = batches.next()) {
        HostTensor x = batch.inputs().get("x");
        assertThat(x).isNotNull();
        int[] labels = IntStream.range(0, batch.rows()).map(batch::label).toArray();
        seen.add(
            batch.position().epoch()
                + "/"
                + batch.position().step()
                + (batch.isLastOfEpoch() ? "! " : " ")
                + Arrays.toString(batch.indices())
                + Arrays.toString(labels)
                + Arrays.toString(x.floats()));
      }
    }
    return seen;
  }

  @Test
  void inOrderEverySampleComesOnce() {
    assertThat(run(Batches.of(samples(10), 4)))
        .containsExactly(
            "0/0 [0, 1, 2, 3][0, 1, 2, 0][0.0, 1.0, 2.0, 3.0]",
            "0/1 [4, 5, 6, 7][1, 2, 0, 1][4.0, 5.0, 6.0, 7.0]",
            "0/2! [8, 9][2, 0][8.0, 9.0]");
    assertThat(run(Batches.of(samples(5), 4).last(LastBatch.PAD)))
        .containsExactly(
            "0/0 [0, 1, 2, 3][0, 1, 2, 0][0.0, 1.0, 2.0, 3.0]",
            "0/1! [4][1, -1, -1, -1][4.0, 4.0, 4.0, 4.0]");
    assertThat(run(Batches.of(samples(7, 4), 4).last(LastBatch.PAD)))
        .as("a sample that cannot be read")
        .containsExactly(
            "0/0 [0, 1, 2, 3][0, 1, 2, 0][0.0, 1.0, 2.0, 3.0]",
            "0/1! [5, 6][2, 0, -1, -1][5.0, 6.0, 6.0, 6.0]");
  }

  @Test
  void shuffledEpochsDifferAndNoneRepeatsASample() {
    List<Integer> first = new ArrayList<>();
    List<Integer> second = new ArrayList<>();
    try (Batches batches = Batches.of(samples(23), 4).shuffled(1).epochs(2).open()) {
      assertThat(batches.stepsPerEpoch()).isEqualTo(5);
      for (Batch batch = batches.next(); batch != null; batch = batches.next()) {
        List<Integer> epoch = batch.position().epoch() == 0 ? first : second;
        for (int index : batch.indices()) {
          epoch.add(index);
        }
      }
    }
    assertThat(first).hasSize(20).doesNotHaveDuplicates();
    assertThat(second).hasSize(20).doesNotHaveDuplicates().isNotEqualTo(first);
    assertThat(run(Batches.of(samples(23), 4).shuffled(2)))
        .isNotEqualTo(run(Batches.of(samples(23), 4).shuffled(1)));
  }

  @Test
  void shortEpochsDrawFromAllSamples() {
    Set<Integer> seen = new HashSet<>();
    try (Batches batches = Batches.of(samples(23), 4).shuffled(1).epochs(20).epochSize(9).open()) {
      assertThat(batches.stepsPerEpoch()).isEqualTo(2);
      for (Batch batch = batches.next(); batch != null; batch = batches.next()) {
        assertThat(batch.size()).isEqualTo(4);
        Arrays.stream(batch.indices()).forEach(seen::add);
      }
    }
    assertThat(seen).hasSize(23);
    assertThat(run(Batches.of(samples(23), 4).shuffled(1).epochSize(50)))
        .isEqualTo(run(Batches.of(samples(23), 4).shuffled(1)));
  }

  @ParameterizedTest
  @ValueSource(ints = {2, 3, 7})
  void threadsChangeNothing(int threads) {
    Samples mixed =
        Samples.of(
            new GreyImages(50, Set.of(3, 17)),
            onePixel(ElementType.FLOAT),
            Augmentation.NONE.withFlip().withPadding(1).withMixup(0.4));
    assertThat(run(Batches.of(mixed, 4).shuffled(5).epochs(3).threads(threads, 1)))
        .isEqualTo(run(Batches.of(mixed, 4).shuffled(5).epochs(3).threads(1, 0)));
  }

  @Test
  void continuesWhereItStopped() {
    Batches.Options options = Batches.of(samples(23, 4), 4).shuffled(9).epochs(3);
    List<String> whole = run(options);
    for (int taken = 0; taken <= whole.size(); taken++) {
      Position position;
      try (Batches batches = options.startingAt(Position.START).open()) {
        for (int i = 0; i < taken; i++) {
          batches.next();
        }
        position = batches.position();
      }
      assertThat(run(options.startingAt(position))).isEqualTo(whole.subList(taken, whole.size()));
    }
  }

  @Test
  void corruptSamplesAreLeftOutWhenMeasuring() {
    try (Batches batches = Batches.of(samples(9, 1, 8), 4).open()) {
      List<Integer> seen = new ArrayList<>();
      for (Batch batch = batches.next(); batch != null; batch = batches.next()) {
        Arrays.stream(batch.indices()).forEach(seen::add);
      }
      assertThat(seen).containsExactly(0, 2, 3, 4, 5, 6, 7);
      assertThat(batches.corrupt().count()).isEqualTo(2);
      assertThat(batches.corrupt().names())
          .containsExactly("picture 1: scratched", "picture 8: scratched");
    }
  }

  @Test
  void corruptSamplesAreReplacedWhenTraining() {
    try (Batches batches = Batches.of(samples(12, 1, 8), 4).shuffled(3).epochs(5).open()) {
      int steps = 0;
      for (Batch batch = batches.next(); batch != null; batch = batches.next()) {
        assertThat(batch.size()).isEqualTo(4);
        assertThat(batch.indices()).doesNotContain(1, 8);
        steps++;
      }
      assertThat(steps).isEqualTo(15);
      assertThat(batches.corrupt().count()).as("each counts once").isEqualTo(2);
    }
  }

  @Test
  void tooManyCorruptSamplesAreAnError() {
    Integer[] unreadable = IntStream.range(2, 13).boxed().toArray(Integer[]::new);
    assertThatThrownBy(() -> drain(Batches.of(samples(40, unreadable), 4).threads(3, 2)))
        .isInstanceOf(DataException.class)
        .hasMessage(
            "data: more than 10 of 40 samples cannot be read: picture 2: scratched; picture 3:"
                + " scratched; picture 4: scratched; picture 5: scratched; picture 6: scratched;"
                + " … (repair or remove them)");
    CorruptSamples some = new CorruptSamples(new GreyImages(40, Set.of()), 1200);
    drain(Batches.of(samples(40, unreadable), 4).countingCorrupt(some)); // of so many
    CorruptSamples same = new CorruptSamples(new GreyImages(40, Set.of()), 1200);
    same.addAll(Map.of(20, "scratched", 21, "scratched"), 0);
    assertThatThrownBy(() -> drain(Batches.of(samples(40, unreadable), 4).countingCorrupt(same)))
        .isInstanceOf(DataException.class)
        .hasMessageContaining("more than 12 of 1200 samples");
  }

  @Test
  void aBatchOfCorruptSamplesOnlyIsLeftOut() {
    assertThat(run(Batches.of(samples(9, 4, 5, 6, 7), 4)))
        .containsExactly("0/0 [0, 1, 2, 3][0, 1, 2, 0][0.0, 1.0, 2.0, 3.0]", "0/2! [8][2][8.0]");
  }

  private static void drain(Batches.Options options) {
    run(options);
  }

  @Test
  void failuresOfTheThreadsReachTheConsumerInOrder() {
    NamedArrays broken = new BrokenRows(6);
    Map<String, TensorType> inputs = Map.of("x", TensorType.of(ElementType.UINT8, 1, 1));
    try (Batches batches = Batches.of(Samples.of(broken, inputs), 2).threads(3, 3).open()) {
      assertThat(batches.next()).isNotNull();
      assertThat(batches.next()).isNotNull();
      assertThat(batches.next()).isNotNull();
      assertThatThrownBy(batches::next)
          .isInstanceOf(IllegalStateException.class)
          .hasMessage("row 6");
    }
  }

  /** Rows that break from one on. */
  private record BrokenRows(int from) implements NamedArrays {
    @Override
    public List<Field> fields() {
      return List.of(new Field("x", ElementType.UINT8, List.of(1)));
    }

    @Override
    public ByteBuffer row(int index, int field) {
      if (index >= from) {
        throw new IllegalStateException("row " + index);
      }
      return ByteBuffer.wrap(new byte[1]);
    }

    @Override
    public int size() {
      return 100;
    }

    @Override
    public boolean isLabelled() {
      return false;
    }

    @Override
    public int label(int index) {
      throw new IllegalStateException();
    }

    @Override
    public List<String> classes() {
      return List.of();
    }

    @Override
    public String name(int index) {
      return "row " + index;
    }
  }

  @Test
  void preparesNoMoreThanItHasRoomForAndEndsItsThreads() throws Exception {
    AtomicInteger reads = new AtomicInteger();
    Images counted =
        new Images() {
          private final GreyImages grey = new GreyImages(1000, Set.of());

          @Override
          public void read(int index, ImageDecoder decoder, Pixels target)
              throws CorruptSampleException {
            reads.incrementAndGet();
            grey.read(index, decoder, target);
          }

          @Override
          public int size() {
            return grey.size();
          }

          @Override
          public boolean isLabelled() {
            return false;
          }

          @Override
          public int label(int index) {
            return grey.label(index);
          }

          @Override
          public List<String> classes() {
            return List.of();
          }

          @Override
          public String name(int index) {
            return grey.name(index);
          }
        };
    Samples samples = Samples.of(counted, onePixel(ElementType.FLOAT), Augmentation.NONE);
    Batches batches = Batches.of(samples, 10).threads(2, 1).endless().open();
    try (batches) {
      batches.next();
      long deadline = System.nanoTime() + 5_000_000_000L;
      while (reads.get() < 40 && System.nanoTime() < deadline) {
        Thread.sleep(1);
      }
      Thread.sleep(50); // time to go too far in
      assertThat(reads.get()).as("four slots of ten, one of them ours").isEqualTo(40);
      assertThat(dataThreads()).isEqualTo(2);
    }
    assertThat(dataThreads()).isZero();
    assertThatThrownBy(
            () -> {
              for (int i = 0; i < 10; i++) {
                batches.next();
              }
            })
        .isInstanceOf(IllegalStateException.class)
        .hasMessage("closed");
  }

  private static long dataThreads() {
    return Thread.getAllStackTraces().keySet().stream()
        .filter(thread -> thread.getName().startsWith("gohsp-data-") && thread.isAlive())
        .count();
  }

  @Test
  void tooFewSamples() {
    assertThatThrownBy(() -> Batches.of(samples(3), 4).shuffled(0).open())
        .isInstanceOf(DataException.class)
        .hasMessage("data: 3 samples do not fill a batch of 4 (use smaller batches or more data)");
  }

  @Test
  void otherElementTypes() {
    Samples half =
        Samples.of(new GreyImages(5, Set.of()), onePixel(ElementType.FLOAT16), Augmentation.NONE);
    assertThat(run(Batches.of(half, 5)).get(0)).endsWith("[0.0, 1.0, 2.0, 3.0, 4.0]");
    Samples bytes =
        Samples.of(new GreyImages(5, Set.of()), onePixel(ElementType.UINT8), Augmentation.NONE);
    assertThat(run(Batches.of(bytes, 5)).get(0)).endsWith("[0.0, 1.0, 2.0, 3.0, 4.0]");
  }

  @Test
  void targetsSmoothAndMix() {
    Samples plain = samples(2);
    FloatBuffer target = FloatBuffer.allocate(4 * 3);
    try (Batches batches = Batches.of(plain, 4).last(LastBatch.PAD).open()) {
      Batch batch = batches.next();
      assertThat(batch).isNotNull();
      batch.targets(3, 0.3, target);
    }
    assertThat(target.array())
        .containsExactly(0.8f, 0.1f, 0.1f, 0.1f, 0.8f, 0.1f, 0, 0, 0, 0, 0, 0);

    Samples mixed =
        Samples.of(
            new GreyImages(200, Set.of()),
            onePixel(ElementType.FLOAT),
            Augmentation.NONE.withMixup(0.5));
    try (Batches batches = Batches.of(mixed, 2).shuffled(0).open()) {
      for (Batch batch = batches.next(); batch != null; batch = batches.next()) {
        int[] indices = batch.indices();
        batch.targets(3, 0, target);
        HostTensor x = batch.inputs().get("x");
        assertThat(x).isNotNull();
        float mix = x.floats()[0];
        float weight = (mix - indices[1]) / (indices[0] - indices[1]);
        if (indices[0] % 3 != indices[1] % 3) {
          // One rounding of a mixed pixel up to 200, seen through a difference of at least 1.
          assertThat(target.get(indices[0] % 3)).isBetween(weight - 4e-5f, weight + 4e-5f);
          assertThat(target.get(0) + target.get(1) + target.get(2)).isBetween(0.99999f, 1.00001f);
        }
      }
    }
  }
}
