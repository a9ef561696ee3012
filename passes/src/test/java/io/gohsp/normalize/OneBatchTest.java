package io.gohsp.normalize;

import static org.assertj.core.api.Assertions.assertThat;

import io.gohsp.ir.Model;
import io.gohsp.text.OnnxText;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class OneBatchTest {
  /** A symbol on another axis too is of tokens, say, and numbers but one are a built-in batch. */
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          b,s,12 | c,s   | b,s,12 | b,s
          ?,s,12 | ?,s   | batch,s,12 | batch,s
          ?,s,12 | c,s   | c,s,12 | c,s
          b,s,12 | b,s   | b,s,12 | b,s
          s,b,12 | b,s   | s,b,12 | b,s
          4,s,12 | b,s   | 4,s,12 | 4,s
          b,s,12 | 4     | 4,s,12 | 4
          b,s,12 | 1,s   | 1,s,12 | 1,s
          ?,batch,12 | ?,s | batch_of_samples,batch,12 | batch_of_samples,s
          """)
  void namesTheFirstAxisOfWhatIsFed(String x, String mask, String newX, String newMask) {
    Model model =
        OnnxText.parse(
            """
            <ir_version: 8, opset_import: ["" : 17]>
            g (float[%s] x, float[%s] mask) => (float y, float[K] z) <float[1] w = {1}> {
              y = ReduceSum<keepdims = 0>(x)
              z = Add(w, mask)
            }
            """
                .formatted(x, mask));
    OneBatch.run(model);
    assertThat(model.graph().inputs())
        .extracting(input -> String.valueOf(input.type()))
        .containsExactly(
            "FLOAT[" + newX.replace(",", ", ") + "]", "FLOAT[" + newMask.replace(",", ", ") + "]");
  }
}
