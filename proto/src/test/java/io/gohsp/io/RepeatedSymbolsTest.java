package io.gohsp.io;

import static org.assertj.core.api.Assertions.assertThat;

import io.gohsp.ir.Dim;
import io.gohsp.ir.ValueType.TensorType;
import io.gohsp.tensor.ElementType;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class RepeatedSymbolsTest {
  private static TensorType type(String dims) {
    return new TensorType(
        ElementType.FLOAT,
        Arrays.stream(dims.split(","))
            .map(d -> d.matches("\\d+") ? Dim.of(Long.parseLong(d)) : Dim.of(d))
            .toList());
  }

  /** Which axes another input says to be no batch, and which it leaves in doubt. */
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          n,n | n,n | FLOAT[n, n_axis_1]
          n,n | m,n | FLOAT[n, n]
          n,n,8 | m,n | FLOAT[n_axis_0, n, 8]
          n,n,n | m,n | FLOAT[n_axis_0, n, n]
          n,n,n | 4,n | FLOAT[n, n, n]
          n,n,8 | n,m | FLOAT[n, n_axis_1, 8]
          b,1,n,n | b,n | FLOAT[b, 1, n, n]
          """)
  void areTold(String input, String other, String expected) {
    TensorType type = type(input);
    RepeatedSymbols symbols = new RepeatedSymbols(List.of(type, type(other)));
    assertThat(String.valueOf(symbols.apart(type))).isEqualTo(expected);
  }
}
