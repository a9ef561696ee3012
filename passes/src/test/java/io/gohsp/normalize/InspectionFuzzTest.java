package io.gohsp.normalize;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import io.gohsp.io.OnnxReader;
import io.gohsp.ir.Model;
import io.gohsp.ir.ModelException;

/**
 * Whatever the bytes: if they are a model, it is analysed or refused, and that ends. Normal runs
 * try the corpus beside this class, files that once broke a rule; with {@code JAZZER_FUZZ=1} new
 * inputs are searched for, and one that takes longer than libFuzzer's {@code -timeout} is found
 * too.
 */
class InspectionFuzzTest {
  @FuzzTest(maxDuration = "5m")
  void anyModelIsAnalysedOrRefused(byte[] bytes) {
    try {
      Model model = OnnxReader.read(bytes, null);
      Inspection.of(model);
    } catch (ModelException.PassFailed broken) {
      throw broken;
    } catch (ModelException expected) {
      assertThat(expected).hasMessageMatching("(?s).{10,}");
    }
  }
}
