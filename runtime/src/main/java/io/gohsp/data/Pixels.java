package io.gohsp.data;

/**
 * A picture of 8-bit samples, row-major, channels innermost: {@code data[(y * width + x) * channels
 * + c]}. Made to be used again and again: it grows as needed and never shrinks.
 */
public final class Pixels {
  private int width;
  private int height;
  private int channels;
  private byte[] data = new byte[0];

  /** Takes on a size; the contents are undefined afterwards. */
  public Pixels reshape(int newWidth, int newHeight, int newChannels) {
    int bytes = Math.multiplyExact(Math.multiplyExact(newWidth, newHeight), newChannels);
    if (data.length < bytes) {
      data = new byte[bytes];
    }
    width = newWidth;
    height = newHeight;
    channels = newChannels;
    return this;
  }

  public int width() {
    return width;
  }

  public int height() {
    return height;
  }

  /** 1 (grey) or 3 (red, green, blue). */
  public int channels() {
    return channels;
  }

  /** The samples; may be longer than the picture. */
  public byte[] data() {
    return data;
  }

  /** One sample, 0 to 255. */
  public int at(int x, int y, int channel) {
    return data[(y * width + x) * channels + channel] & 0xFF;
  }

  /**
   * Turns grey into red, green and blue, or these into grey.
   *
   * <p>Grey is the luma of ITU-R BT.601, {@code 0.299 R + 0.587 G + 0.114 B}, in fixed point with
   * 16 fractional bits and rounded.
   */
  public void convertTo(int newChannels) {
    if (newChannels == channels) {
      return;
    }
    int count = width * height;
    if (newChannels == 1) {
      for (int i = 0; i < count; i++) {
        int red = data[3 * i] & 0xFF;
        int green = data[3 * i + 1] & 0xFF;
        int blue = data[3 * i + 2] & 0xFF;
        data[i] = (byte) ((red * 19595 + green * 38470 + blue * 7471 + 0x8000) >> 16);
      }
    } else {
      byte[] grey = data;
      byte[] color = data.length < 3 * count ? new byte[Math.multiplyExact(3, count)] : data;
      for (int i = count - 1; i >= 0; i--) { // from the end: it may be the same array
        byte value = grey[i];
        color[3 * i] = value;
        color[3 * i + 1] = value;
        color[3 * i + 2] = value;
      }
      data = color;
    }
    channels = newChannels;
  }

  /** Becomes a copy of a part of another picture; what lies outside of it is 0 (black). */
  void copyFrom(Pixels source, int left, int top, int newWidth, int newHeight) {
    copyFrom(source, left, top, newWidth, newHeight, new byte[source.channels]);
  }

  /**
   * Becomes a copy of a part of another picture.
   *
   * @param outside the colour of what lies outside of it, a byte for each channel
   */
  void copyFrom(Pixels source, int left, int top, int newWidth, int newHeight, byte[] outside) {
    reshape(newWidth, newHeight, source.channels);
    int from = Math.max(0, -left);
    int to = Math.min(newWidth, source.width - left);
    int rowBytes = newWidth * channels;
    for (int y = 0; y < newHeight; y++) {
      int row = y * rowBytes;
      int sourceY = y + top;
      if (sourceY < 0 || sourceY >= source.height || from >= to) {
        fill(row, row + rowBytes, outside);
        continue;
      }
      fill(row, row + from * channels, outside);
      System.arraycopy(
          source.data,
          (sourceY * source.width + left + from) * channels,
          data,
          row + from * channels,
          (to - from) * channels);
      fill(row + to * channels, row + rowBytes, outside);
    }
  }

  private void fill(int from, int to, byte[] colour) {
    for (int i = from; i < to; i++) {
      data[i] = colour[(i - from) % channels];
    }
  }

  /** Mirrors left and right in place. */
  void flipHorizontally() {
    for (int y = 0; y < height; y++) {
      int row = y * width * channels;
      for (int a = 0, b = width - 1; a < b; a++, b--) {
        for (int c = 0; c < channels; c++) {
          byte kept = data[row + a * channels + c];
          data[row + a * channels + c] = data[row + b * channels + c];
          data[row + b * channels + c] = kept;
        }
      }
    }
  }
}
