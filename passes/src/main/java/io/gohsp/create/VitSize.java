package io.gohsp.create;

import java.util.Locale;

/** The numbers that make up a {@link VitArchitecture}. */
public enum VitSize {
  /** Height and width of the image, in pixels. */
  IMAGE(16_384),
  /** Channels of the image. */
  CHANNELS(4_096),
  /** Height and width of a patch, in pixels. */
  PATCH(16_384),
  /** Width of the residual stream. */
  DIM(16_384),
  /** Number of blocks. */
  DEPTH(1_024),
  /** Attention heads of a block. */
  HEADS(16_384),
  /** Hidden units of a block's MLP. */
  MLP(65_536),
  /** Classes, that is, logits. */
  CLASSES(1_000_000);

  private final int largest;

  VitSize(int largest) {
    this.largest = largest;
  }

  /** No model needs more; typing errors do. */
  int largest() {
    return largest;
  }

  /** As on the command line, without the dashes. */
  public String label() {
    return name().toLowerCase(Locale.ROOT);
  }
}
