package io.gohsp.data;

import java.util.List;

/** Some of the pictures of another dataset. */
final class ImageSubset implements Images {
  private final Images whole;
  private final int[] indices;

  ImageSubset(Images whole, int[] indices) {
    this.whole = whole;
    this.indices = indices;
  }

  @Override
  public int size() {
    return indices.length;
  }

  @Override
  public boolean isLabelled() {
    return whole.isLabelled();
  }

  @Override
  public int label(int index) {
    return whole.label(indices[index]);
  }

  @Override
  public List<String> classes() {
    return whole.classes();
  }

  @Override
  public String name(int index) {
    return whole.name(indices[index]);
  }

  @Override
  public void read(int index, ImageDecoder decoder, Pixels target) throws CorruptSampleException {
    whole.read(indices[index], decoder, target);
  }
}
