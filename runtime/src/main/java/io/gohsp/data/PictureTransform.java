package io.gohsp.data;

import java.nio.FloatBuffer;

/** Applies {@link Preprocessing} and {@link Augmentation} to pictures. Belongs to one thread. */
final class PictureTransform {
  private final Preprocessing preprocessing;
  private final Augmentation augmentation;
  private final Resampler resampler = new Resampler();
  private final Pixels resized = new Pixels();
  private final Pixels part = new Pixels();

  /** What each 8-bit value becomes, channel after channel. */
  private final float[] table;

  private final float[] values;

  /** The colour nearest to the mean. */
  private final byte[] frame;

  PictureTransform(Preprocessing preprocessing, Augmentation augmentation) {
    this.preprocessing = preprocessing;
    this.augmentation = augmentation;
    table = new float[256 * preprocessing.channels()];
    values = new float[preprocessing.elements()];
    frame = new byte[preprocessing.channels()];
    for (int c = 0; c < frame.length; c++) {
      double mean = preprocessing.mean().get(c) / preprocessing.scale();
      frame[c] = (byte) Math.round(Math.max(0, Math.min(255, mean)));
    }
    for (int i = 0; i < table.length; i++) {
      float mean = preprocessing.mean().get(i >> 8).floatValue();
      float std = preprocessing.std().get(i >> 8).floatValue();
      table[i] = ((float) ((i & 0xFF) * preprocessing.scale()) - mean) / std;
    }
  }

  /**
   * Writes the picture's numbers at the buffer's position.
   *
   * @param picture is destroyed
   * @throws CorruptSampleException if the picture is so long that it cannot be resized
   */
  void apply(Pixels picture, SampleRandom random, FloatBuffer target)
      throws CorruptSampleException {
    picture.convertTo(preprocessing.channels());
    Pixels current = augmentation.crop() == null ? fit(picture) : randomPart(picture, random);
    int padding = augmentation.padding();
    if (padding > 0) {
      int left = random.nextInt(2 * padding + 1) - padding;
      int top = random.nextInt(2 * padding + 1) - padding;
      Pixels moved = current == part ? resized : part;
      moved.copyFrom(current, left, top, preprocessing.width(), preprocessing.height(), frame);
      current = moved;
    }
    if (augmentation.flip() && random.nextBoolean()) {
      current.flipHorizontally();
    }
    write(current, target);
  }

  private Pixels randomPart(Pixels picture, SampleRandom random) {
    Augmentation.Crop crop = augmentation.crop();
    if (crop == null) {
      return picture;
    }
    int[] box = crop.choose(picture.width(), picture.height(), random);
    part.copyFrom(picture, box[0], box[1], box[2], box[3]);
    resampler.resize(
        part,
        preprocessing.width(),
        preprocessing.height(),
        preprocessing.interpolation(),
        resized);
    return resized;
  }

  private Pixels fit(Pixels picture) throws CorruptSampleException {
    int[] size = preprocessing.resize().sizeOf(picture.width(), picture.height());
    if ((long) size[0] * size[1] > ImageDecoder.MAX_PIXELS) {
      throw new CorruptSampleException(
          "%d×%d pixels cannot be resized: one edge is far too long"
              .formatted(picture.width(), picture.height()));
    }
    Pixels current = picture;
    if (size[0] != picture.width() || size[1] != picture.height()) {
      resampler.resize(picture, size[0], size[1], preprocessing.interpolation(), resized);
      current = resized;
    }
    int width = preprocessing.width();
    int height = preprocessing.height();
    if (current.width() == width && current.height() == height) {
      return current;
    }
    part.copyFrom(
        current, centre(current.width(), width), centre(current.height(), height), width, height);
    return part;
  }

  /**
   * Where a window of {@code wanted} begins; negative where it frames the picture. As in
   * torchvision, halves are rounded to the even number when cutting, and the smaller half of a
   * frame comes first, unless all are to be rounded down.
   */
  private int centre(int present, int wanted) {
    if (preprocessing.roundedDown()) {
      return Math.floorDiv(present - wanted, 2);
    }
    return present < wanted ? -((wanted - present) / 2) : (int) Math.rint((present - wanted) / 2.0);
  }

  private void write(Pixels picture, FloatBuffer target) {
    int channels = preprocessing.channels();
    int area = preprocessing.width() * preprocessing.height();
    byte[] in = picture.data();
    int toChannel = preprocessing.channelsFirst() ? area : 1;
    int toPixel = preprocessing.channelsFirst() ? 1 : channels;
    for (int c = 0; c < channels; c++) {
      int base = c << 8;
      int to = c * toChannel;
      int first = preprocessing.reversed() ? channels - 1 - c : c;
      for (int from = first; from < area * channels; from += channels, to += toPixel) {
        values[to] = table[base + (in[from] & 0xFF)];
      }
    }
    target.put(values);
  }
}
