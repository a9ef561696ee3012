package io.gohsp.data;

import java.util.List;
import java.util.Set;
import java.util.stream.IntStream;

/** Pictures of one pixel whose grey value is their index, in three classes; some cannot be read. */
record GreyImages(int size, Set<Integer> unreadable) implements Images {
  static final int CLASSES = 3;

  @Override
  public boolean isLabelled() {
    return true;
  }

  @Override
  public int label(int index) {
    return index % CLASSES;
  }

  @Override
  public List<String> classes() {
    return IntStream.range(0, CLASSES).mapToObj(Integer::toString).toList();
  }

  @Override
  public String name(int index) {
    return "picture " + index;
  }

  @Override
  public void read(int index, ImageDecoder decoder, Pixels target) throws CorruptSampleException {
    if (unreadable.contains(index)) {
      throw new CorruptSampleException("scratched");
    }
    target.reshape(1, 1, 1).data()[0] = (byte) index;
  }
}
