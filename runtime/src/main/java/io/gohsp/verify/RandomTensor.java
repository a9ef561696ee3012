package io.gohsp.verify;

import io.gohsp.ort.HostTensor;
import io.gohsp.tensor.ElementType;
import io.gohsp.tensor.Tensor;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.function.DoubleSupplier;

/**
 * Values for one input of one sample. Uses {@link Random}, whose algorithm is part of its
 * specification.
 */
final class RandomTensor {
  /** Tables with more rows are picked from at random. */
  private static final long LARGEST_DECK = 1 << 20;

  /** Of which numbers a sample is. */
  enum Style {
    USUAL(1),
    POSITIVE(1),
    NEGATIVE(-1),
    SMALL(0.01),
    LARGE(100),
    ZERO(0),
    HIGH(1e7),
    LOW(-1e7);

    private final double scale;

    Style(double scale) {
      this.scale = scale;
    }

    /** A number of this style, made of a standard normal one. */
    double of(double gaussian) {
      return switch (this) {
        case POSITIVE, NEGATIVE, HIGH, LOW -> scale * Math.abs(gaussian);
        case USUAL, SMALL, LARGE, ZERO -> scale * gaussian;
      };
    }

    /** Of several numbers in a row, the one that suits it: the last, the first, or any. */
    int of(int count, Random random) {
      return switch (this) {
        case POSITIVE, LARGE, HIGH -> count - 1;
        case NEGATIVE, SMALL, ZERO, LOW -> 0;
        case USUAL -> random.nextInt(count);
      };
    }
  }

  /** Whole numbers that steer are 1, and not far from it. */
  private static final int LARGEST_SETTING = 10;

  private final Random random;
  private final long seed;
  private final int sample;
  private final int input;
  private final Style style;

  RandomTensor(long seed, int sample, int input, Style style) {
    this.style = style;
    this.random = new Random(mixed(seed, sample, input));
    this.seed = seed;
    this.sample = sample;
    this.input = input;
  }

  /**
   * Far apart for neighbouring samples and inputs: Random's first values hardly differ for seeds
   * that hardly differ.
   */
  private static long mixed(long seed, int sample, int input) {
    long mixed = seed * 0x9E3779B97F4A7C15L + sample * 0xC2B2AE3D27D4EB4FL + input;
    mixed = (mixed ^ mixed >>> 31) * 0xBF58476D1CE4E5B9L;
    return mixed ^ mixed >>> 29;
  }

  HostTensor fill(InputRole role, ElementType type, long[] dims) {
    if (role instanceof InputRole.Texts) {
      return texts(dims);
    }
    if (role instanceof InputRole.Index index) {
      return ids(index, type, dims);
    }
    if (role instanceof InputRole.Same same) {
      return numbers(type, dims, same::number);
    }
    if (role instanceof InputRole.Pixels) {
      return numbers(type, dims, () -> style.of(256, random));
    }
    if (role instanceof InputRole.Setting) {
      return setting(type, dims);
    }
    return role instanceof InputRole.Mask
        ? mask(type, dims)
        : numbers(type, dims, () -> style.of(random.nextGaussian()));
  }

  /**
   * Cards of a shuffled deck, and of the next one after it: as many different rows as there can be.
   */
  private HostTensor ids(InputRole.Index role, ElementType type, long[] dims) {
    InputRole.Index index =
        new InputRole.Index(
            role.first(), Math.max(role.first(), Math.min(role.last(), most(type))));
    long choices = index.last() - index.first() + 1;
    if (style != Style.USUAL) {
      int last = style.of((int) Math.min(choices, LARGEST_DECK), random);
      return numbers(type, dims, () -> index.first() + last);
    }
    if (choices > LARGEST_DECK) {
      return numbers(type, dims, () -> index.first() + (long) (random.nextDouble() * choices));
    }
    int size = (int) choices;
    long drawn = sample;
    for (long dim : dims) {
      drawn *= dim;
    }
    long[] next = {drawn, -1}; // the next card, the deck that is shuffled
    int[] deck = new int[size];
    return numbers(
        type,
        dims,
        () -> {
          long number = next[0]++;
          if (number / size != next[1]) {
            next[1] = number / size;
            shuffle(deck, next[1]);
          }
          return index.first() + deck[(int) (number % size)];
        });
  }

  /** Up to which number a type has every whole one; the next may be rounded off the table. */
  private static long most(ElementType type) {
    return switch (type) {
      case INT8 -> Byte.MAX_VALUE;
      case UINT8 -> (1 << 8) - 1;
      case INT16 -> Short.MAX_VALUE;
      case UINT16 -> (1 << 16) - 1;
      case BFLOAT16 -> 1 << 8; // floating types: one bit more than they store of the fraction
      case FLOAT16 -> 1 << 11;
      case FLOAT -> 1 << 24;
      default -> Long.MAX_VALUE;
    };
  }

  private void shuffle(int[] deck, long number) {
    Random shuffling = new Random(mixed(seed + number, 0, input));
    for (int i = 0; i < deck.length; i++) {
      int at = shuffling.nextInt(i + 1);
      deck[i] = deck[at];
      deck[at] = i;
    }
  }

  /** A switch is on in every other sample, so that both branches are seen; a number is near 1. */
  private HostTensor setting(ElementType type, long[] dims) {
    if (type == ElementType.BOOL) {
      return numbers(type, dims, () -> 1 - sample % 2);
    }
    if (type.isFloating()) {
      return numbers(type, dims, () -> style.of(0.5 + random.nextDouble()));
    }
    long number = Math.max(-LARGEST_SETTING, Math.min(LARGEST_SETTING, Math.round(style.of(1))));
    return numbers(type, dims, () -> number);
  }

  /**
   * Rows of ones with up to half a row of zeros behind them. At least one of each where a row has
   * two elements: some models take 1 for "look here", others for "ignore", and a row with nothing
   * to look at is NaN.
   */
  private HostTensor mask(ElementType type, long[] dims) {
    int length = (int) dims[dims.length - 1];
    int[] row = {length, 0}; // position in the row, ones in the row
    return numbers(
        type,
        dims,
        () -> {
          if (row[0] == length) {
            row[0] = 0;
            row[1] = length < 2 ? length : length - 1 - style.of(length / 2, random);
          }
          return row[0]++ < row[1] ? 1 : 0;
        });
  }

  private HostTensor texts(long[] dims) {
    List<String> texts = new ArrayList<>();
    long count = 1;
    for (long dim : dims) {
      count *= dim;
    }
    for (long i = 0; i < count; i++) {
      texts.add("text " + random.nextInt(1000));
    }
    return HostTensor.ofTexts(dims, texts);
  }

  private static HostTensor numbers(ElementType type, long[] dims, DoubleSupplier next) {
    long count = 1;
    for (long dim : dims) {
      count = Math.multiplyExact(count, dim);
    }
    int size = Math.toIntExact(count);
    if (type.isFloating()) {
      float[] values = new float[size];
      for (int i = 0; i < size; i++) {
        values[i] = (float) next.getAsDouble();
      }
      return HostTensor.ofFloats(type, dims, values);
    }
    long[] values = new long[size];
    for (int i = 0; i < size; i++) {
      values[i] = (long) next.getAsDouble();
    }
    return HostTensor.of(Tensor.ofIntegers(type, dims, values));
  }
}
