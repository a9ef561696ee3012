package io.gohsp.bench;

import static org.assertj.core.api.Assertions.assertThat;

import io.gohsp.ir.Model;
import io.gohsp.ort.OrtOptions;
import io.gohsp.ort.OrtProgram;
import io.gohsp.text.OnnxText;
import io.gohsp.verify.SampleInputs;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class LatencyProbeTest {
  /** {@code times} products of 256 x 256 matrices in a row. */
  private static Model chain(int times) {
    StringBuilder text = new StringBuilder();
    text.append("<ir_version: 8, opset_import: [\"\" : 17]>\n");
    text.append("chain (float[batch,256] x) => (float[batch,256] y)\n");
    text.append("<float[256,256] w = random(1, 0.05)> {\n");
    String value = "x";
    for (int i = 0; i < times; i++) {
      String next = i == times - 1 ? "y" : "v" + i;
      text.append(next).append(" = MatMul(").append(value).append(", w)\n");
      value = next;
    }
    return OnnxText.parse(text.append("}").toString());
  }

  @Test
  void theLongerModelTakesLonger() {
    OrtOptions options = OrtOptions.DEFAULT.withThreads(1);
    Model brief = chain(4);
    try (OrtProgram first = OrtProgram.compile(brief, options);
        OrtProgram second = OrtProgram.compile(chain(128), options)) {
      SampleInputs inputs = SampleInputs.find(brief, first, Map.of(), 1);
      List<Latency> results =
          new LatencyProbe(2, 9).interleaved(List.of(first, second), inputs, 64);
      assertThat(results.get(0).ratio()).isEqualTo(1);
      // 32 times the work: whatever else the machine does, it is not eight times as busy each time.
      assertThat(results.get(1).ratio()).isGreaterThan(4);
      for (Latency latency : results) {
        assertThat(latency.batch()).isEqualTo(64);
        assertThat(latency.rounds()).isEqualTo(9);
        assertThat(latency.minMs()).isPositive().isLessThanOrEqualTo(latency.medianMs());
        assertThat(latency.throughput()).isPositive();
      }
    }
  }
}
