package io.gohsp.data;

import io.gohsp.plan.InvalidOption;
import java.util.Arrays;
import java.util.Comparator;

/**
 * Three parts without a sample in common. The same source, seed and sizes always give the same
 * parts.
 *
 * @param train what is trained on
 * @param validation what accuracy is measured on
 * @param calibration what rankings and importances are computed on; empty if none was asked for
 */
public record Splits(Dataset train, Dataset validation, Dataset calibration) {
  /** Part of the train samples that is held out where the source has no validation part. */
  public static final double HELD_OUT = 0.1;

  /** Marks the random numbers of splitting apart from those of epochs, which count from 0. */
  private static final long SPLITTING = -1;

  /**
   * Splits a source.
   *
   * @param calibration samples taken from the train part for calibration
   * @throws DataException if too few samples remain for training
   */
  public static Splits of(DataSource source, int calibration, long seed) {
    return of(source, HELD_OUT, calibration, seed);
  }

  /**
   * Splits a source.
   *
   * @param heldOut fraction of the train part used for validation if the source has no such part
   * @param calibration samples taken from the train part for calibration
   * @throws DataException if too few samples remain for training
   */
  public static Splits of(DataSource source, double heldOut, int calibration, long seed) {
    Dataset whole = source.train();
    Dataset own = source.validation();
    int validation = own != null ? 0 : (int) Math.round(whole.size() * heldOut);
    validation = own == null && heldOut > 0 ? Math.max(1, validation) : validation;
    if ((long) validation + calibration >= whole.size()) {
      throw new DataException(
          source.where(),
          whole.size()
              + " samples cannot give "
              + validation
              + " for validation and "
              + calibration
              + " for calibration and leave any to train on",
          "use more data or fewer samples for calibration");
    }
    int[] order = order(whole, seed);
    int taken = validation + calibration;
    return new Splits(
        whole.subset(sorted(order, taken, order.length)),
        own != null ? own : whole.subset(sorted(order, 0, validation)),
        // Not sorted: its first samples are then balanced too.
        whole.subset(Arrays.copyOfRange(order, validation, taken)));
  }

  /**
   * Parts of which calibration samples are training samples too, but never those of the validation
   * part, which is the same for any number of them.
   *
   * @param calibration samples to calibrate on
   * @throws DataException if there are not so many
   */
  public static Splits calibrating(DataSource source, int calibration, long seed) {
    Splits whole = of(source, 0, seed);
    return new Splits(
        whole.train(), whole.validation(), of(source, calibration, seed).calibration());
  }

  /**
   * With at most so many validation samples, all classes among them in proportion.
   *
   * @param most at least 1
   * @throws InvalidOption if it is not
   */
  public Splits validatingOn(int most, long seed) {
    if (most < 1) {
      throw new InvalidOption("--evaluate " + most + " measures nothing; give 1 or more");
    }
    return most >= validation.size()
        ? this
        : new Splits(
            train, validation.subset(sorted(order(validation, seed), 0, most)), calibration);
  }

  private static int[] sorted(int[] order, int from, int to) {
    int[] part = Arrays.copyOfRange(order, from, to);
    Arrays.sort(part);
    return part;
  }

  /** Random, but with each class spread evenly, so that every start has all in proportion. */
  private static int[] order(Dataset whole, long seed) {
    int[] random = new SampleRandom(seed, SPLITTING, 0).permutation(whole.size());
    if (!whole.isLabelled()) {
      return random;
    }
    int[] sizes = new int[whole.classes().size()];
    for (int index : random) {
      sizes[whole.label(index)]++;
    }
    int[] seen = new int[sizes.length];
    double[] place = new double[random.length]; // of a sample within its class, from 0 to 1
    for (int index : random) {
      int label = whole.label(index);
      place[index] = (seen[label]++ + 0.5) / sizes[label];
    }
    return Arrays.stream(random)
        .boxed()
        .sorted(Comparator.comparingDouble(index -> place[index]))
        .mapToInt(Integer::intValue)
        .toArray();
  }
}
