package io.gohsp.linalg;

import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.gohsp.ir.ModelException;
import org.junit.jupiter.api.Test;

class KernelCheckTest {
  /** Column by column, the textbook's way. */
  private static int factorize(double[] a, int n) {
    for (int j = 0; j < n; j++) {
      for (int k = 0; k < j; k++) {
        for (int i = j; i < n; i++) {
          a[j * n + i] -= a[k * n + i] * a[k * n + j];
        }
      }
      double pivot = Math.sqrt(a[j * n + j]);
      for (int i = j; i < n; i++) {
        a[j * n + i] /= pivot;
      }
    }
    return 0;
  }

  @Test
  void rightFactorsPass() {
    assertThatCode(() -> KernelCheck.require(KernelCheckTest::factorize))
        .doesNotThrowAnyException();
  }

  @Test
  void wrongFactorsAndRefusalsAreTold() {
    assertThatThrownBy(() -> KernelCheck.require((a, n) -> 17))
        .isInstanceOf(ModelException.ExecutionFailed.class)
        .hasMessageContaining("OPENBLAS_CORETYPE=HASWELL");
    assertThatThrownBy(
            () ->
                KernelCheck.require(
                    (a, n) -> {
                      int info = factorize(a, n);
                      a[5 * n + 5] *= 1.0001;
                      return info;
                    }))
        .isInstanceOf(ModelException.ExecutionFailed.class);
  }
}
