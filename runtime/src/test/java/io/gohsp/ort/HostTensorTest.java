package io.gohsp.ort;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.gohsp.tensor.ElementType;
import java.nio.ByteBuffer;
import java.util.List;
import org.junit.jupiter.api.Test;

class HostTensorTest {
  @Test
  void memoryIsDirectAndAlignedAndWritesShow() {
    HostTensor tensor = HostTensor.allocate(ElementType.FLOAT, 2, 3);
    assertThat(tensor.bytes().isDirect()).isTrue();
    assertThat(tensor.bytes().alignmentOffset(0, 64)).isZero();
    tensor.bytes().putFloat(4 * 5, 2.5f);
    assertThat(tensor.floats()).containsExactly(0, 0, 0, 0, 0, 2.5f);
  }

  @Test
  void halvesAreRoundedInAndWidenedOut() {
    float third = 1f / 3;
    assertThat(HostTensor.ofFloats(ElementType.FLOAT16, new long[] {1}, third).floats())
        .containsExactly(0.33325195f);
    assertThat(HostTensor.ofFloats(ElementType.BFLOAT16, new long[] {1}, third).floats())
        .containsExactly(0.33398438f);
  }

  @Test
  void doublesKeepTheirDigitsAndWholeNumbersTheirSign() {
    HostTensor doubles = HostTensor.allocate(ElementType.DOUBLE, 1);
    doubles.bytes().putDouble(0, 1 + 0x1p-50);
    assertThat(doubles.doubles()).containsExactly(1 + 0x1p-50);
    assertThat(HostTensor.ofIntegers(ElementType.INT8, new long[] {2}, -1, 127).doubles())
        .containsExactly(-1, 127);
    assertThat(HostTensor.ofIntegers(ElementType.UINT8, new long[] {1}, 255).longs())
        .containsExactly(255);
  }

  @Test
  void sizesMustFit() {
    assertThatThrownBy(
            () -> HostTensor.wrap(ElementType.FLOAT, new long[] {3}, ByteBuffer.allocate(8)))
        .hasMessage("8 bytes do not hold FLOAT[3]");
    assertThatThrownBy(() -> HostTensor.allocate(ElementType.FLOAT, 1L << 40))
        .isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> HostTensor.ofTexts(new long[] {2}, List.of("one")))
        .isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void emptyTensorsAndScalarsAreTensors() {
    assertThat(HostTensor.allocate(ElementType.INT64, 0, 4).longs()).isEmpty();
    assertThat(HostTensor.allocate(ElementType.INT64).longs()).containsExactly(0);
  }
}
