package io.gohsp.data;

import static org.assertj.core.api.Assertions.assertThat;

import io.gohsp.ir.ValueType.TensorType;
import io.gohsp.tensor.ElementType;
import java.nio.FloatBuffer;
import java.util.Arrays;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;

class AugmentationTest {
  /** Reading order of a picture of 4×3 pixels numbered from 1. */
  private static int[] apply(Augmentation augmentation, int epoch, int sample) throws Exception {
    Preprocessing plain =
        Preprocessing.forInput(Map.of("x", TensorType.of(ElementType.FLOAT, 1, 1, 3, 4)), null)
            .withResize(new Resize.None(), Interpolation.NEAREST)
            .withNormalisation(1, List.of(0.0), List.of(1.0), "test");
    Pixels pixels = new Pixels().reshape(4, 3, 1);
    for (int i = 0; i < 12; i++) {
      pixels.data()[i] = (byte) (i + 1);
    }
    FloatBuffer out = FloatBuffer.allocate(12);
    new PictureTransform(plain, augmentation)
        .apply(pixels, new SampleRandom(1, epoch, sample), out);
    int[] values = new int[12];
    Arrays.setAll(values, i -> (int) out.get(i));
    return values;
  }

  private static Set<String> outcomes(Augmentation augmentation) throws Exception {
    Set<String> outcomes = new LinkedHashSet<>();
    for (int sample = 0; sample < 400; sample++) {
      outcomes.add(Arrays.toString(apply(augmentation, 0, sample)));
    }
    return outcomes;
  }

  @Test
  void flippingMirrorsHalfOfThePictures() throws Exception {
    assertThat(outcomes(Augmentation.NONE.withFlip()))
        .containsExactlyInAnyOrder(
            "[1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12]", "[4, 3, 2, 1, 8, 7, 6, 5, 12, 11, 10, 9]");
    int flipped = 0;
    for (int sample = 0; sample < 1000; sample++) {
      flipped += apply(Augmentation.NONE.withFlip(), 0, sample)[0] == 4 ? 1 : 0;
    }
    assertThat(flipped).isBetween(430, 570); // 500 ± 4.4 standard deviations
  }

  @Test
  void paddedCropsMoveThePictureByUpToThePadding() throws Exception {
    assertThat(outcomes(Augmentation.NONE.withPadding(1)))
        .hasSize(9)
        .contains("[1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12]")
        .contains("[0, 0, 0, 0, 0, 1, 2, 3, 0, 5, 6, 7]")
        .contains("[6, 7, 8, 0, 10, 11, 12, 0, 0, 0, 0, 0]");
  }

  @Test
  void dependsOnEpochAndSampleOnly() throws Exception {
    Augmentation all =
        Augmentation.NONE.withFlip().withPadding(1).withCrop(Augmentation.Crop.STANDARD);
    assertThat(apply(all, 2, 7)).isEqualTo(apply(all, 2, 7));
    int differ = 0;
    for (int sample = 0; sample < 50; sample++) {
      differ += Arrays.equals(apply(all, 0, sample), apply(all, 1, sample)) ? 0 : 1;
    }
    assertThat(differ).isGreaterThan(40);
  }

  @Test
  void randomPartsLieInsideAndHaveTheAreaAndRatioAsked() {
    Augmentation.Crop crop = new Augmentation.Crop(0.2, 0.5, 0.5, 2);
    for (int sample = 0; sample < 500; sample++) {
      int[] box = crop.choose(100, 80, new SampleRandom(3, 0, sample));
      assertThat(box[0]).isBetween(0, 100 - box[2]);
      assertThat(box[1]).isBetween(0, 80 - box[3]);
      // Edges are rounded to whole pixels, of at least 28: 2 % each.
      assertThat(box[2] * box[3] / 8000.0).isBetween(0.2 * 0.96, 0.5 * 1.04);
      assertThat((double) box[2] / box[3]).isBetween(0.5 * 0.96, 2 * 1.04);
    }
  }

  @Test
  void aPictureTooNarrowForAnyPartGivesItsCentre() {
    assertThat(Augmentation.Crop.STANDARD.choose(1000, 3, new SampleRandom(0, 0, 0)))
        .containsExactly(498, 0, 4, 3);
    assertThat(Augmentation.Crop.STANDARD.choose(3, 1000, new SampleRandom(0, 0, 0)))
        .containsExactly(0, 498, 3, 4);
  }
}
