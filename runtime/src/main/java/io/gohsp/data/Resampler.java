package io.gohsp.data;

import java.util.LinkedHashMap;
import java.util.Map;

/**
 * Resizes pictures as Pillow does, to the last bit: rows first, then columns; weights normalised to
 * sum 1 and rounded to 22 fractional bits; sums rounded to the nearest and clipped to 8 bits after
 * each direction. Pixel {@code i} covers {@code [i, i+1)}. Belongs to one thread.
 */
final class Resampler {
  private static final int FRACTION_BITS = 22;

  /** Weights for one pair of sizes; image folders have few distinct ones, or weights are cheap. */
  private record Key(int from, int to, Interpolation interpolation) {}

  /** Weights for every target pixel. */
  private static final class Weights {
    /** The first source pixel of each. */
    final int[] first;

    /** Of the source pixels from there on. */
    final int[][] weights;

    Weights(int targets) {
      first = new int[targets];
      weights = new int[targets][];
    }
  }

  private static final int KEPT = 64;

  private final Map<Key, Weights> cache =
      new LinkedHashMap<>(16, 0.75f, true) {
        @Override
        protected boolean removeEldestEntry(Map.Entry<Key, Weights> eldest) {
          return size() > KEPT;
        }
      };

  private final Pixels narrowed = new Pixels();

  /** Writes {@code source} in another size to {@code target}, which must be another picture. */
  void resize(Pixels source, int width, int height, Interpolation interpolation, Pixels target) {
    if (width == source.width() && height == source.height()) {
      target.copyFrom(source, 0, 0, width, height);
    } else if (interpolation == Interpolation.NEAREST) {
      nearest(source, width, height, target);
    } else if (width == source.width()) {
      columns(source, weights(source.height(), height, interpolation), target);
    } else if (height == source.height()) {
      rows(source, weights(source.width(), width, interpolation), target);
    } else {
      rows(source, weights(source.width(), width, interpolation), narrowed);
      columns(narrowed, weights(source.height(), height, interpolation), target);
    }
  }

  private static void nearest(Pixels source, int width, int height, Pixels target) {
    int channels = source.channels();
    byte[] out = target.reshape(width, height, channels).data();
    int[] columns = nearest(source.width(), width);
    int[] rows = nearest(source.height(), height);
    int at = 0;
    for (int y = 0; y < height; y++) {
      for (int x = 0; x < width; x++) {
        int from = (rows[y] * source.width() + columns[x]) * channels;
        for (int c = 0; c < channels; c++) {
          out[at++] = source.data()[from + c];
        }
      }
    }
  }

  /**
   * The source pixel under the centre of each. Centres are added up step by step, as Pillow does:
   * where one falls between two pixels, what the sum is off by decides.
   */
  private static int[] nearest(int from, int to) {
    int[] pixels = new int[to];
    double step = (double) from / to;
    double centre = step * 0.5;
    for (int i = 0; i < to; i++, centre += step) {
      pixels[i] = Math.min(from - 1, (int) centre);
    }
    return pixels;
  }

  private Weights weights(int from, int to, Interpolation interpolation) {
    return cache.computeIfAbsent(
        new Key(from, to, interpolation), key -> compute(from, to, interpolation));
  }

  private static Weights compute(int from, int to, Interpolation interpolation) {
    double scale = (double) from / to;
    double filterScale = Math.max(1, scale);
    double support = interpolation.support() * filterScale;
    Weights result = new Weights(to);
    for (int i = 0; i < to; i++) {
      double center = (i + 0.5) * scale;
      int start = Math.max(0, (int) (center - support + 0.5));
      int end = Math.min(from, (int) (center + support + 0.5));
      double[] exact = new double[end - start];
      double sum = 0;
      for (int j = 0; j < exact.length; j++) {
        exact[j] = interpolation.weight((start + j - center + 0.5) * (1 / filterScale));
        sum += exact[j];
      }
      int[] weights = new int[exact.length];
      result.first[i] = start;
      result.weights[i] = weights;
      for (int j = 0; j < exact.length; j++) {
        double normalised = sum == 0 ? exact[j] : exact[j] / sum;
        double rounding = normalised < 0 ? -0.5 : 0.5;
        weights[j] = (int) (rounding + normalised * (1 << FRACTION_BITS));
      }
    }
    return result;
  }

  private static byte clip(int sum) {
    return (byte) Math.max(0, Math.min(255, sum >> FRACTION_BITS));
  }

  private static void rows(Pixels source, Weights weights, Pixels target) {
    int channels = source.channels();
    int width = weights.first.length;
    byte[] out = target.reshape(width, source.height(), channels).data();
    byte[] in = source.data();
    int at = 0;
    for (int y = 0; y < source.height(); y++) {
      for (int x = 0; x < width; x++) {
        int[] weight = weights.weights[x];
        int start = (y * source.width() + weights.first[x]) * channels;
        for (int c = 0; c < channels; c++) {
          int sum = 1 << (FRACTION_BITS - 1);
          for (int j = 0, from = start + c; j < weight.length; j++, from += channels) {
            sum += weight[j] * (in[from] & 0xFF);
          }
          out[at++] = clip(sum);
        }
      }
    }
  }

  private static void columns(Pixels source, Weights weights, Pixels target) {
    int rowBytes = source.width() * source.channels();
    int height = weights.first.length;
    byte[] out = target.reshape(source.width(), height, source.channels()).data();
    byte[] in = source.data();
    int at = 0;
    for (int y = 0; y < height; y++) {
      int[] weight = weights.weights[y];
      int start = weights.first[y] * rowBytes;
      for (int x = 0; x < rowBytes; x++) {
        int sum = 1 << (FRACTION_BITS - 1);
        for (int j = 0, from = start + x; j < weight.length; j++, from += rowBytes) {
          sum += weight[j] * (in[from] & 0xFF);
        }
        out[at++] = clip(sum);
      }
    }
  }
}
