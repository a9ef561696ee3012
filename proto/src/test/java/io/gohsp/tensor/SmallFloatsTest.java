package io.gohsp.tensor;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteBuffer;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Numbers of a byte or less against ml_dtypes 0.5, the package that ONNX's own helpers use. */
class SmallFloatsTest {
  /** All codes: the sum of code times number over finite numbers, and how many are none. */
  @ParameterizedTest
  @CsvSource({
    "FLOAT8E4M3FN, 256, -692208.0, 2, 0",
    "FLOAT8E4M3FNUZ, 256, -376824.0, 1, 0",
    "FLOAT8E5M2, 256, -46137343.96875, 6, 2",
    "FLOAT8E5M2FNUZ, 256, -46137343.984375, 1, 0",
    "FLOAT8E8M0, 255, 8.609143883099743e+40, 0, 0",
    "FLOAT4E2M1, 16, -144.0, 0, 0",
  })
  void everyCode(ElementType type, int codes, double sum, int nan, int infinite) {
    ByteBuffer bytes = ByteBuffer.allocate(codes);
    for (int code = 0; code < codes; code++) {
      if (type.bits() == 8) {
        bytes.put(code, (byte) code);
      } else {
        bytes.put(code / 2, (byte) (bytes.get(code / 2) | (code << (code % 2 * 4))));
      }
    }

    float[] numbers = new Tensor(type, new long[] {codes}, new TensorData.Heap(bytes)).floats();

    double total = 0;
    int none = 0;
    int without = 0;
    for (int code = 0; code < codes; code++) {
      none += Float.isNaN(numbers[code]) ? 1 : 0;
      without += Float.isInfinite(numbers[code]) ? 1 : 0;
      total += Float.isFinite(numbers[code]) ? code * (double) numbers[code] : 0;
    }
    assertThat(total).isEqualTo(sum);
    assertThat(none).isEqualTo(nan);
    assertThat(without).isEqualTo(infinite);
  }

  @ParameterizedTest
  @CsvSource({"UINT2, 2 1 3 0 1", "INT2, -2 1 -1 0 1"})
  void twoBits(ElementType type, String expected) {
    ByteBuffer bytes = ByteBuffer.wrap(new byte[] {0b00_11_01_10, 0b01});

    Tensor tensor = new Tensor(type, new long[] {5}, new TensorData.Heap(bytes));

    assertThat(tensor.longs())
        .containsExactly(
            java.util.Arrays.stream(expected.split(" ")).mapToLong(Long::parseLong).toArray());
  }
}
