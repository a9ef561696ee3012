package io.gohsp.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.zip.CRC32;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ImageDecoderTest {
  private final ImageDecoder decoder = new ImageDecoder();
  private final Pixels pixels = new Pixels();

  /**
   * JPEG leaves the rounding of the transform and the way colour planes are enlarged to the
   * decoder; lossless formats leave nothing. For CMYK, a decoder may use an ink profile or, like
   * Pillow, multiply, so colours only resemble each other.
   */
  @ParameterizedTest
  @CsvSource({
    "palette.png,0",
    "rgba.png,0",
    "bits.png,0",
    "rgb.bmp,0",
    "baseline.jpg,2",
    "progressive.jpg,2",
    "grey.jpg,1",
    "subsampled.jpg,8",
    "cmyk.jpg,8"
  })
  void decodesAsPillowDoes(String name, int tolerance) throws Exception {
    decoder.decode(TestFiles.bytes(name), pixels);
    pixels.convertTo(3);
    assertThat(worst("decoded_" + name + ".npy")).isLessThanOrEqualTo(tolerance);
  }

  private int worst(String name) throws IOException {
    byte[] expected = TestFiles.npy(name);
    assertThat(expected).hasSize(pixels.width() * pixels.height() * 3);
    int worst = 0;
    for (int i = 0; i < expected.length; i++) {
      worst = Math.max(worst, Math.abs((expected[i] & 0xFF) - (pixels.data()[i] & 0xFF)));
    }
    return worst;
  }

  @Test
  void greyIsTheLumaPillowComputes() throws Exception {
    decoder.decode(TestFiles.bytes("rgb.png"), pixels);
    pixels.convertTo(1);
    assertThat(Arrays.copyOf(pixels.data(), 41 * 29)).isEqualTo(TestFiles.npy("luma_rgb.png.npy"));
  }

  @Test
  void keepsTheUpperHalfOf16BitSamples() throws Exception {
    decoder.decode(TestFiles.bytes("grey16.png"), pixels);
    assertThat(pixels.channels()).isEqualTo(1);
    assertThat(new int[] {pixels.width(), pixels.height()}).containsExactly(7, 9);
  }

  @ParameterizedTest
  @CsvSource({"baseline.jpg", "progressive.jpg", "rgb.png", "rgb.bmp", "cmyk.jpg"})
  void aTruncatedFileIsCorrupt(String name) throws IOException {
    byte[] whole = TestFiles.bytes(name);
    byte[] half = Arrays.copyOf(whole, whole.length / 2);
    assertThatThrownBy(() -> decoder.decode(half, pixels))
        .isInstanceOf(CorruptSampleException.class);
  }

  @Test
  void whateverIsNoPictureIsCorrupt() {
    assertThatThrownBy(() -> decoder.decode("text".getBytes(StandardCharsets.UTF_8), pixels))
        .isInstanceOf(CorruptSampleException.class)
        .hasMessage("not a JPEG, PNG or BMP image");
    assertThatThrownBy(() -> decoder.decode(new byte[0], pixels))
        .isInstanceOf(CorruptSampleException.class);
  }

  @Test
  void refusesHugeExtentsBeforeAllocating() throws IOException {
    byte[] png = TestFiles.png(1, 1, 0);
    ByteBuffer header = ByteBuffer.wrap(png);
    header.putInt(16, 60000).putInt(20, 60000); // in IHDR
    CRC32 crc = new CRC32();
    crc.update(png, 12, 17);
    header.putInt(29, (int) crc.getValue());
    assertThatThrownBy(() -> decoder.decode(png, pixels))
        .isInstanceOf(CorruptSampleException.class)
        .hasMessage("60000×60000 pixels are more than the limit of 67108864");
  }

  @Test
  void aDecoderIsGoodForMoreAfterAFailure() throws Exception {
    byte[] whole = TestFiles.bytes("baseline.jpg");
    assertThatThrownBy(() -> decoder.decode(Arrays.copyOf(whole, 300), pixels))
        .isInstanceOf(CorruptSampleException.class);
    decoder.decode(whole, pixels);
    assertThat(worst("decoded_baseline.jpg.npy")).isLessThanOrEqualTo(2);
  }

  @ParameterizedTest
  @CsvSource({"baseline.jpg", "progressive.jpg", "cmyk.jpg", "palette.png", "bits.png", "rgb.bmp"})
  void damagedFilesAreDecodedOrCorruptButNothingElse(String name) throws IOException {
    byte[] whole = TestFiles.bytes(name);
    int corrupt = 0;
    for (int attempt = 0; attempt < 300; attempt++) {
      byte[] damaged = whole.clone();
      SampleRandom random = new SampleRandom(1, 0, attempt);
      for (int change = random.nextInt(6); change >= 0; change--) {
        damaged[random.nextInt(damaged.length)] = (byte) random.nextLong();
      }
      try {
        decoder.decode(damaged, pixels);
      } catch (CorruptSampleException e) {
        corrupt++;
      }
    }
    assertThat(corrupt).isBetween(1, 299);
  }
}
