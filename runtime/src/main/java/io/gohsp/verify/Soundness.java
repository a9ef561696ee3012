package io.gohsp.verify;

import io.gohsp.ir.ModelException;
import io.gohsp.ort.HostTensor;
import io.gohsp.ort.OrtProgram;
import java.util.Arrays;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Whether a model that computes something else than its original can at least stand in for it. */
public final class Soundness {
  private Soundness() {}

  /**
   * Runs both on random samples: the candidate must take and return what the original does, in the
   * same shapes, and answer finite numbers where the original does.
   *
   * @param inputs found on the original
   * @return what is wrong, or null
   * @throws ModelException if the original does not run
   */
  public static @Nullable String problem(
      OrtProgram original, OrtProgram candidate, SampleInputs inputs, int samples) {
    String problem = Signature.difference(original, candidate, Set.of());
    for (int i = 0; i < samples && problem == null; i++) {
      Map<String, HostTensor> feed = inputs.sample(i);
      Map<String, HostTensor> expected = original.run(feed);
      try {
        problem = problem(expected, candidate.run(feed));
      } catch (ModelException.ExecutionFailed e) {
        problem = String.valueOf(e.getMessage());
      }
    }
    return problem;
  }

  private static @Nullable String problem(
      Map<String, HostTensor> expected, Map<String, HostTensor> actual) {
    for (Map.Entry<String, HostTensor> output : expected.entrySet()) {
      HostTensor want = output.getValue();
      HostTensor have = actual.get(output.getKey());
      String name = "output \"" + output.getKey() + "\" ";
      if (have == null || have.type() != want.type() || !Arrays.equals(have.dims(), want.dims())) {
        return name + "is " + have + " instead of " + want;
      }
      if (want.type().isFloating()) {
        double[] is = have.doubles();
        double[] was = want.doubles();
        for (int at = 0; at < is.length; at++) {
          if (!Double.isFinite(is[at]) && Double.isFinite(was[at])) {
            return name + "has " + is[at] + " at element " + at;
          }
        }
      }
    }
    return null;
  }
}
