package io.gohsp.workers;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class ShardsTest {
  /** 1,000 numbers whose sum depends on the order in which they are added up. */
  private static final Shards.Summing NUMBERS =
      (from, to) -> {
        List<double[]> sums = new ArrayList<>();
        for (int shard = from; shard < to; shard++) {
          double sum = 0;
          for (int sample : Shards.samples(shard, 1000, 6)) {
            sum += Math.exp(sample % 37) / 3;
          }
          sums.add(new double[] {sum, 1});
        }
        return sums;
      };

  @Test
  void shardsAreWholeBatchesOfAllSamples() {
    assertThat(Shards.count(1000, 6)).isEqualTo(15); // of 66 samples
    assertThat(Shards.samples(0, 1000, 6)).hasSize(66).startsWith(0);
    assertThat(Shards.samples(14, 1000, 6)).as("with the rest").hasSize(76).endsWith(999);
    assertThat(Shards.count(3, 128)).isEqualTo(1);
    assertThat(Shards.count(65, 1)).isEqualTo(1);
    for (int sample : new int[] {0, 65, 66, 923, 924, 999}) {
      int shard = Shards.of(sample, 1000, 6);
      assertThat(Shards.samples(shard, 1000, 6)).contains(sample);
    }
    int[] all =
        IntStream.range(0, 15).flatMap(i -> Arrays.stream(Shards.samples(i, 1000, 6))).toArray();
    assertThat(all).isEqualTo(IntStream.range(0, 1000).toArray());
  }

  @Test
  void whoeverAddsUpWhichTheSumIsTheSameToTheBit() {
    double[] here = Shards.HERE.total(15, NUMBERS);
    for (int parts : new int[] {2, 3, 15}) {
      Shards elsewhere =
          (count, unused) -> {
            List<double[]> sums = new ArrayList<>();
            for (int i = 0; i < parts; i++) {
              sums.addAll(NUMBERS.sums(i * count / parts, (i + 1) * count / parts));
            }
            return sums;
          };
      assertThat(elsewhere.total(15, NUMBERS)).isEqualTo(here);
    }
    assertThat(here[1]).isEqualTo(15);
  }

  private record Square(int number) implements Task<Integer> {
    @Override
    public Integer run() {
      if (number < 0) {
        throw new IllegalArgumentException("negative");
      }
      return number * number;
    }
  }

  @Test
  void resultsComeInTheOrderOfTheTasks() {
    List<Integer> ended = new ArrayList<>();
    List<Square> tasks = IntStream.range(0, 20).mapToObj(Square::new).toList();
    List<Integer> results = new LocalWorkers(3).run(tasks, (i, result) -> ended.add(i));

    assertThat(results).isEqualTo(tasks.stream().map(Square::run).toList());
    assertThat(ended).containsExactlyInAnyOrderElementsOf(IntStream.range(0, 20).boxed().toList());
    assertThatThrownBy(() -> new LocalWorkers(2).run(List.of(new Square(-1)), (i, result) -> {}))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("negative");
    assertThatThrownBy(() -> new Square(1).lost("gone")).isInstanceOf(WorkersException.class);
  }
}
