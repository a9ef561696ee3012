package io.gohsp.data;

/** Some of the pictures of another dataset. */
final class ImageSubset extends Subset<Images> implements Images {
  ImageSubset(Images whole, int[] indices) {
    super(whole, indices);
  }

  @Override
  public void read(int index, ImageDecoder decoder, Pixels target) throws CorruptSampleException {
    whole().read(indexInWhole(index), decoder, target);
  }
}
