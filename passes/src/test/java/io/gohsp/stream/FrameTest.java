package io.gohsp.stream;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.Random;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;

class FrameTest {
  private static Directions random(int channels, int count, long seed) {
    Random random = new Random(seed);
    List<double[]> vectors = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      vectors.add(random.doubles(channels, -1, 1).toArray());
    }
    return Directions.of(channels, vectors);
  }

  private static double dot(double[] a, double[] b) {
    double sum = 0;
    for (int i = 0; i < a.length; i++) {
      sum += a[i] * b[i];
    }
    return sum;
  }

  /** Whatever a stream holds, it has no mean in the frame, and there the length of what stays. */
  @Property(tries = 50)
  void keepsLengthsAndHasNoMean(@ForAll @IntRange(min = 1, max = 10) int count, @ForAll long seed) {
    int channels = 12;
    Frame frame = Objects.requireNonNull(Frame.of(random(channels, count, seed), true));
    double[] x = new Random(~seed).doubles(channels, -1, 1).toArray();
    double[] narrow =
        Arrays.stream(frame.columns()).mapToDouble(column -> dot(x, column)).toArray();
    double[] projection = frame.projection();
    double[] stays = new double[channels];
    for (int i = 0; i < channels; i++) {
      stays[i] = dot(x, Arrays.copyOfRange(projection, i * channels, (i + 1) * channels));
    }

    assertThat(narrow).hasSize(count + 1);
    assertThat(Arrays.stream(narrow).sum()).isCloseTo(0, within(1e-9));
    assertThat(Arrays.stream(stays).sum()).isCloseTo(0, within(1e-9));
    assertThat(dot(narrow, narrow)).isCloseTo(dot(stays, stays), within(1e-9));
  }

  @Property(tries = 50)
  void withoutMeansColumnsAreOrthonormal(
      @ForAll @IntRange(min = 1, max = 12) int count, @ForAll long seed) {
    double[][] columns = Objects.requireNonNull(Frame.of(random(12, count, seed), false)).columns();
    assertThat(columns).hasDimensions(count, 12);
    for (int i = 0; i < count; i++) {
      for (int j = 0; j < count; j++) {
        assertThat(dot(columns[i], columns[j])).isCloseTo(i == j ? 1 : 0, within(1e-9));
      }
    }
  }

  /** All ones have nothing but a mean. */
  @Test
  void directionsMustBeIndependent() {
    Directions ones = Directions.of(2, List.of(new double[] {1, 1}));
    assertThat(Frame.of(ones, true)).isNull();
    assertThat(Frame.of(ones, false)).isNotNull();
    Directions twice = Directions.of(3, List.of(new double[] {1, 2, 0}, new double[] {2, 4, 0}));
    assertThat(Frame.of(twice, false)).isNull();
  }
}
