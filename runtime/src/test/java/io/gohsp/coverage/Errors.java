package io.gohsp.coverage;

import static org.assertj.core.api.Assertions.assertThat;

import io.gohsp.ort.HostTensor;
import java.util.Collection;
import java.util.Iterator;
import java.util.List;

/** How far results are apart. */
final class Errors {
  private Errors() {}

  /** The largest difference of any output, relative to the largest magnitude expected in it. */
  static double relative(List<HostTensor> expected, Collection<HostTensor> actual) {
    assertThat(actual).hasSameSizeAs(expected);
    double worst = 0;
    Iterator<HostTensor> have = actual.iterator();
    for (HostTensor want : expected) {
      worst = Math.max(worst, relative(want, have.next()));
    }
    return worst;
  }

  private static double relative(HostTensor expected, HostTensor actual) {
    assertThat(actual.dims()).isEqualTo(expected.dims());
    double[] want = expected.doubles();
    double[] have = actual.doubles();
    double scale = 0;
    double worst = 0;
    for (int i = 0; i < want.length; i++) {
      assertThat(have[i]).as("element %d", i).isFinite();
      scale = Math.max(scale, Math.abs(want[i]));
      worst = Math.max(worst, Math.abs(want[i] - have[i]));
    }
    return worst == 0 ? 0 : worst / scale;
  }
}
