package io.gohsp.verify;

/** What a model uses an input for, as far as it decides which values are plausible. */
sealed interface InputRole {
  /** Activations: standard normal. */
  record Activations() implements InputRole {}

  /** Bytes of an image: 0 to 255. */
  record Pixels() implements InputRole {}

  /** Rows of a table, such as token, segment or position ids: {@code first} to {@code last}. */
  record Index(long first, long last) implements InputRole {}

  /** Which positions of a sequence count: ones, then some zeros. */
  record Mask() implements InputRole {}

  /** The same number everywhere. */
  record Same(long number) implements InputRole {}

  /** A rank-0 number or switch that steers the model. */
  record Setting() implements InputRole {}

  /** Texts. */
  record Texts() implements InputRole {}
}
