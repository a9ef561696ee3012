package io.gohsp.compare;

import java.util.Arrays;
import java.util.stream.DoubleStream;

/**
 * A number over seeds.
 *
 * @param runs how many there were
 * @param mean of them; NaN if there were none
 * @param deviation standard deviation with n−1; NaN for fewer than two
 */
public record Spread(int runs, double mean, double deviation) {
  static Spread of(DoubleStream numbers) {
    double[] values = numbers.toArray();
    int n = values.length;
    double mean = Arrays.stream(values).average().orElse(Double.NaN);
    double squares = Arrays.stream(values).map(v -> (v - mean) * (v - mean)).sum();
    return new Spread(n, mean, n < 2 ? Double.NaN : Math.sqrt(squares / (n - 1)));
  }
}
