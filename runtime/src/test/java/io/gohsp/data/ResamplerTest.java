package io.gohsp.data;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

class ResamplerTest {
  private static Pixels picture() throws Exception {
    Pixels pixels = new Pixels();
    try (ImageDecoder decoder = new ImageDecoder()) {
      decoder.decode(TestFiles.bytes("rgb.png"), pixels);
    }
    return pixels;
  }

  @ParameterizedTest
  @EnumSource
  void resizesAsPillowDoesToTheLastBit(Interpolation interpolation) throws Exception {
    Resampler resampler = new Resampler();
    Pixels target = new Pixels();
    int[][] sizes = {{16, 16}, {20, 29}, {41, 12}, {64, 50}, {5, 3}};
    for (int[] size : sizes) {
      resampler.resize(picture(), size[0], size[1], interpolation, target);
      String name = "resized_%s_%dx%d.npy".formatted(interpolation, size[0], size[1]);
      assertThat(Arrays.copyOf(target.data(), size[0] * size[1] * 3))
          .as(name)
          .isEqualTo(TestFiles.npy(name));
    }
  }

  @Test
  void theSameSizeIsACopy() throws Exception {
    Pixels target = new Pixels();
    new Resampler().resize(picture(), 41, 29, Interpolation.BICUBIC, target);
    assertThat(target.data()).isEqualTo(picture().data());
  }

  @ParameterizedTest
  @CsvSource({"41,29,19,26,19", "29,41,19,19,26", "10,10,7,7,7"})
  void theLongerEdgeFollowsRoundedDown(int width, int height, int edge, int w, int h) {
    assertThat(new Resize.ShorterEdge(edge).sizeOf(width, height)).containsExactly(w, h);
  }
}
