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

  /** Likewise, of what a plan does: numbers that are not finite in both do not count. */
  static double effect(Collection<HostTensor> whole, Collection<HostTensor> masked) {
    double worst = 0;
    Iterator<HostTensor> have = masked.iterator();
    for (HostTensor want : whole) {
      double[] expected = want.doubles();
      double[] actual = have.next().doubles();
      double scale = 0;
      double off = 0;
      for (int i = 0; i < expected.length; i++) {
        if (Double.isFinite(expected[i]) && Double.isFinite(actual[i])) {
          scale = Math.max(scale, Math.abs(expected[i]));
          off = Math.max(off, Math.abs(expected[i] - actual[i]));
        }
      }
      worst = Math.max(worst, off == 0 ? 0 : off / scale);
    }
    return worst;
  }
}
