package io.gohsp.create;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Map;
import org.junit.jupiter.api.Test;

class VitArchitectureTest {
  private final VitArchitecture tiny = VitArchitecture.named("deit-tiny");

  @Test
  void knowsItsPresets() {
    assertThat(VitArchitecture.names())
        .containsExactly("deit-tiny", "deit-small", "deit-base", "vit-small");
    assertThat(VitArchitecture.names())
        .allSatisfy(name -> assertThat(VitArchitecture.named(name).depth()).isEqualTo(12));
    assertThat(VitArchitecture.named("vit-small"))
        .isEqualTo(new VitArchitecture(32, 3, 4, 384, 12, 6, 1536, 10));
  }

  @Test
  void derivesTokensAndHeadWidth() {
    assertThat(tiny.patches()).isEqualTo(196);
    assertThat(tiny.tokens()).isEqualTo(197);
    assertThat(tiny.headDim()).isEqualTo(64);
  }

  @Test
  void replacesSizes() {
    assertThat(tiny.with(Map.of(VitSize.IMAGE, 32, VitSize.PATCH, 4, VitSize.CLASSES, 10)))
        .isEqualTo(new VitArchitecture(32, 3, 4, 192, 12, 3, 768, 10));
  }

  @Test
  void keepsTheRatioOfMlpToDimUnlessBothAreGiven() {
    assertThat(tiny.with(Map.of(VitSize.DIM, 96)).mlp()).isEqualTo(384);
    assertThat(tiny.with(Map.of(VitSize.DIM, 96, VitSize.MLP, 100)).mlp()).isEqualTo(100);
  }

  @Test
  void saysWhichSizesDoNotFit() {
    invalid(
        Map.of(VitSize.PATCH, 15),
        "image 224 is not a multiple of patch 15; choose an image such as 225");
    invalid(
        Map.of(VitSize.DIM, 200),
        "dim 200 is not a multiple of heads 3, so heads would differ in width; choose a dim such as 201");
    invalid(Map.of(VitSize.DEPTH, 0), "depth 0 is out of range; it must be between 1 and 1024");
    invalid(
        Map.of(VitSize.IMAGE, 16384, VitSize.PATCH, 1, VitSize.DIM, 3),
        "the position embedding would have 268435457 x 3 elements; at most 268435456 are possible");
  }

  @Test
  void saysWhichNamesThereAre() {
    assertThatThrownBy(() -> VitArchitecture.named("deit-huge"))
        .isInstanceOf(VitArchitecture.InvalidSize.class)
        .hasMessage(
            "there is no architecture \"deit-huge\";"
                + " choose one of deit-tiny, deit-small, deit-base, vit-small");
  }

  private void invalid(Map<VitSize, Integer> sizes, String message) {
    assertThatThrownBy(() -> tiny.with(sizes))
        .isInstanceOf(VitArchitecture.InvalidSize.class)
        .hasMessage(message);
  }
}
