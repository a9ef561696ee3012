package io.gohsp.data;

import java.nio.ByteBuffer;
import java.util.List;

/** Pictures of one size, stored as plain bytes in records of one length. */
final class RawImages implements Images {
  /**
   * A run of records.
   *
   * @param name the file
   * @param bytes nothing but records
   */
  record Block(String name, ByteBuffer bytes) {}

  /**
   * What a record holds.
   *
   * @param start bytes before the picture
   * @param planar channel after channel rather than pixel after pixel
   * @param maximum the value that stands for white; others are scaled to 0..255
   */
  record Format(int start, int width, int height, int channels, boolean planar, int maximum) {
    int record() {
      return start + width * height * channels;
    }
  }

  private final List<Block> blocks;
  private final Format format;
  private final int[] labels;
  private final List<String> classes;

  /** First record of each block, and the number of all records. */
  private final int[] starts;

  RawImages(List<Block> blocks, Format format, int[] labels, List<String> classes) {
    this.blocks = List.copyOf(blocks);
    this.format = format;
    this.labels = labels;
    this.classes = List.copyOf(classes);
    starts = new int[blocks.size() + 1];
    for (int i = 0; i < blocks.size(); i++) {
      starts[i + 1] = starts[i] + blocks.get(i).bytes().capacity() / format.record();
    }
  }

  @Override
  public int size() {
    return starts[blocks.size()];
  }

  @Override
  public boolean isLabelled() {
    return !classes.isEmpty();
  }

  @Override
  public int label(int index) {
    if (classes.isEmpty()) {
      throw new IllegalStateException(blocks.get(0).name() + " is not labelled");
    }
    return labels[index];
  }

  @Override
  public List<String> classes() {
    return classes;
  }

  private int block(int index) {
    int block = 0;
    while (index >= starts[block + 1]) {
      block++;
    }
    return block;
  }

  @Override
  public String name(int index) {
    int block = block(index);
    return "sample " + (index - starts[block]) + " of " + blocks.get(block).name();
  }

  @Override
  public void read(int index, ImageDecoder decoder, Pixels target) {
    int block = block(index);
    int channels = format.channels();
    int area = format.width() * format.height();
    ByteBuffer bytes = blocks.get(block).bytes();
    int start = (index - starts[block]) * format.record() + format.start();
    byte[] out = target.reshape(format.width(), format.height(), channels).data();
    if (!format.planar() || channels == 1) {
      bytes.get(start, out, 0, area * channels);
    } else {
      for (int c = 0; c < channels; c++) {
        for (int i = 0; i < area; i++) {
          out[i * channels + c] = bytes.get(start + c * area + i);
        }
      }
    }
    if (format.maximum() != 255) {
      for (int i = 0; i < area * channels; i++) {
        int value = Math.min(out[i] & 0xFF, format.maximum());
        out[i] = (byte) ((value * 255 + format.maximum() / 2) / format.maximum());
      }
    }
  }
}
