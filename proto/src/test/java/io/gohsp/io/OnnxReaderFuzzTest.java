package io.gohsp.io;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import io.gohsp.ir.IrVerifier;
import io.gohsp.ir.Model;
import io.gohsp.ir.ModelCopy;
import io.gohsp.ir.ModelException;

/**
 * Whatever the bytes: a model that can be verified, copied, and written so that it reads the same
 * again; or an error of ours. Normal runs try the corpus beside this class; with {@code
 * JAZZER_FUZZ=1} new inputs are searched for.
 */
class OnnxReaderFuzzTest {
  @FuzzTest(maxDuration = "5m")
  void anyBytesAreModelOrError(byte[] bytes) {
    check(bytes);
  }

  /** The property itself. */
  static void check(byte[] bytes) {
    Model model;
    try {
      model = OnnxReader.read(bytes, null);
    } catch (ModelException expected) {
      assertThat(expected).hasMessageMatching("(?s).{10,}");
      return;
    }
    IrVerifier.verify(model);
    byte[] written = OnnxWriter.toBytes(model);
    assertThat(OnnxWriter.toBytes(OnnxReader.read(written, null))).isEqualTo(written);
    assertThat(OnnxWriter.toBytes(ModelCopy.of(model).model())).isEqualTo(written);
  }
}
