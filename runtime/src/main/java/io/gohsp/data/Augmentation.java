package io.gohsp.data;

import org.jspecify.annotations.Nullable;

/**
 * Random changes to training pictures. What happens to a sample depends on the seed, the epoch and
 * the sample's index only.
 *
 * @param flip mirror left and right, every second time
 * @param padding a frame of so many pixels is put around the picture, already in the input's size,
 *     and a window of that size is cut out at random; 0 for none. The frame has the colour that
 *     normalisation makes zero: black edges would be the strongest there are
 * @param crop a random part is cut out and resized, in place of resizing and cutting out the
 *     centre; null for none
 * @param mixup parameter of the Beta distribution from which each sample's weight is drawn when it
 *     is mixed with the sample at the mirrored place of its batch; 0 for none
 */
public record Augmentation(boolean flip, int padding, @Nullable Crop crop, double mixup) {
  public static final Augmentation NONE = new Augmentation(false, 0, null, 0);

  public Augmentation {
    if (padding < 0 || !(mixup >= 0)) {
      throw new IllegalArgumentException("padding " + padding + ", mixup " + mixup);
    }
  }

  /**
   * A part of the picture.
   *
   * @param minArea least share of the area, above 0
   * @param maxArea greatest share, at most 1
   * @param minRatio least width divided by height
   * @param maxRatio greatest width divided by height
   */
  public record Crop(double minArea, double maxArea, double minRatio, double maxRatio) {
    /** The usual numbers: 8 to 100 % of the area, between 3:4 and 4:3. */
    public static final Crop STANDARD = new Crop(0.08, 1, 3.0 / 4, 4.0 / 3);

    private static final int ATTEMPTS = 10;

    public Crop {
      boolean sound = minArea > 0 && maxArea <= 1 && minArea <= maxArea && minRatio > 0;
      if (!sound || !(minRatio <= maxRatio)) {
        throw new IllegalArgumentException(
            "area " + minArea + " to " + maxArea + ", ratio " + minRatio + " to " + maxRatio);
      }
    }

    /**
     * Left, top, width and height of a part: area uniform, ratio uniform in its logarithm; if none
     * of ten attempts fits, the centre with the nearest ratio allowed.
     */
    int[] choose(int width, int height, SampleRandom random) {
      double logMin = StrictMath.log(minRatio);
      double logMax = StrictMath.log(maxRatio);
      for (int attempt = 0; attempt < ATTEMPTS; attempt++) {
        double area = (double) width * height * random.uniform(minArea, maxArea);
        double ratio = StrictMath.exp(random.uniform(logMin, logMax));
        int w = (int) Math.round(Math.sqrt(area * ratio));
        int h = (int) Math.round(Math.sqrt(area / ratio));
        if (w > 0 && w <= width && h > 0 && h <= height) {
          int top = random.nextInt(height - h + 1);
          return new int[] {random.nextInt(width - w + 1), top, w, h};
        }
      }
      double ratio = (double) width / height;
      int w = ratio > maxRatio ? (int) Math.max(1, Math.round(height * maxRatio)) : width;
      int h = ratio < minRatio ? (int) Math.max(1, Math.round(width / minRatio)) : height;
      return new int[] {(width - w) / 2, (height - h) / 2, w, h};
    }
  }

  public Augmentation withFlip() {
    return new Augmentation(true, padding, crop, mixup);
  }

  public Augmentation withPadding(int newPadding) {
    return new Augmentation(flip, newPadding, crop, mixup);
  }

  public Augmentation withCrop(Crop newCrop) {
    return new Augmentation(flip, padding, newCrop, mixup);
  }

  public Augmentation withMixup(double alpha) {
    return new Augmentation(flip, padding, crop, alpha);
  }
}
