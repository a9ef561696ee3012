package io.gohsp.verify;

import io.gohsp.ir.ModelException;
import io.gohsp.ort.HostTensor;
import io.gohsp.ort.OrtProgram;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Runs two models on the same inputs and judges whether they compute the same. */
public final class Verifier {
  private final OrtProgram reference;
  private final OrtProgram candidate;
  private final Tolerance tolerance;
  private final Verdict.Mode mode;
  private double maxAbsolute;
  private double maxRelative;
  private boolean informative;
  private @Nullable String worstOutput;
  private int compared;

  private Verifier(
      OrtProgram reference, OrtProgram candidate, Tolerance tolerance, Verdict.Mode mode) {
    this.reference = reference;
    this.candidate = candidate;
    this.tolerance = tolerance;
    this.mode = mode;
  }

  /**
   * Compares all outputs on {@code samples} random samples; stops at the first difference. Numbers
   * that are not finite must be the same in the same places.
   *
   * @param reference what is right; a failure to run it is the caller's, not a verdict
   * @param candidate what is judged; a failure to run it is a failed verdict
   * @param inputs found on the reference
   * @param samples at least 1
   * @throws ModelException if the reference does not run
   */
  public static Verdict compare(
      OrtProgram reference,
      OrtProgram candidate,
      SampleInputs inputs,
      int samples,
      Tolerance tolerance,
      Verdict.Mode mode) {
    if (samples < 1) {
      throw new IllegalArgumentException("nothing can be compared on " + samples + " samples");
    }
    return new Verifier(reference, candidate, tolerance, mode).compare(inputs, samples);
  }

  private Verdict compare(SampleInputs inputs, int samples) {
    String problem = Signature.difference(reference, candidate);
    for (int i = 0; i < samples && problem == null; i++) {
      problem = compare(inputs.sample(i));
      compared++;
    }
    if (problem == null && !informative) {
      problem = "no output has a finite number in any sample, so nothing was compared";
    }
    return new Verdict(
        problem == null,
        maxAbsolute,
        maxRelative,
        compared,
        candidate.device(),
        mode,
        tolerance,
        worstOutput,
        problem);
  }

  private @Nullable String compare(Map<String, HostTensor> feed) {
    Map<String, HostTensor> expected = reference.run(feed);
    Map<String, HostTensor> actual;
    try {
      actual = candidate.run(feed);
    } catch (ModelException e) {
      return e.getMessage();
    }
    String problem = null;
    for (Map.Entry<String, HostTensor> output : expected.entrySet()) {
      HostTensor have = actual.get(output.getKey());
      if (have == null) {
        return "output \"" + output.getKey() + "\" is missing";
      }
      OutputComparison result = OutputComparison.of(output.getValue(), have, tolerance);
      informative |= result.informative();
      maxAbsolute = Math.max(maxAbsolute, result.absolute());
      if (worstOutput == null || result.relative() > maxRelative) {
        maxRelative = result.relative();
        worstOutput = output.getKey();
      }
      if (problem == null && result.problem() != null) {
        problem = "output \"" + output.getKey() + "\" " + result.problem();
      }
    }
    return problem;
  }
}
