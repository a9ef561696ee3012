package io.gohsp.data;

/** Pictures, of one size or of many. */
public non-sealed interface Images extends Dataset {
  /**
   * Decodes a picture.
   *
   * @param decoder the calling thread's own
   * @param target is overwritten
   * @throws CorruptSampleException if this picture cannot be decoded
   * @throws DataException if no picture can
   */
  void read(int index, ImageDecoder decoder, Pixels target) throws CorruptSampleException;

  @Override
  default Images subset(int[] indices) {
    return new ImageSubset(this, indices.clone());
  }
}
