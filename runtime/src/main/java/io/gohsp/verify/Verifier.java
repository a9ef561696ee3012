package io.gohsp.verify;

import io.gohsp.ir.ModelException;
import io.gohsp.ort.HostTensor;
import io.gohsp.ort.OrtProgram;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Runs a model on the samples of a reference and judges whether both compute the same. */
public final class Verifier {
  private final Expected expected;
  private final OrtProgram candidate;
  private final Verdict.Mode mode;

  /** One for each output and group of samples. */
  private final List<OutputComparison> outputs = new ArrayList<>();

  /** Values from inside that the candidate has not, or in another form. */
  private final Set<String> lacking = new LinkedHashSet<>();

  private int compared;

  private Verifier(Expected expected, OrtProgram candidate, Verdict.Mode mode) {
    this.expected = expected;
    this.candidate = candidate;
    this.mode = mode;
  }

  /**
   * Compares all outputs on {@code samples} random samples. Numbers that are not finite must be the
   * same in the same places.
   *
   * @param reference what is right; a failure to run it is the caller's, not a verdict
   * @param candidate what is judged; a failure to run it is a failed verdict
   * @param inputs found on the reference
   * @param samples at least 1
   * @param rounding of the model that is the reference
   * @throws ModelException if the reference does not run
   * @throws ModelException.Unsupported if it answers nothing that can be compared: an output that
   *     is never a number, or other numbers each time
   */
  public static Verdict compare(
      OrtProgram reference,
      OrtProgram candidate,
      SampleInputs inputs,
      int samples,
      Rounding rounding,
      Verdict.Mode mode) {
    return compare(
        Expected.of(reference, inputs, samples, List.of(), rounding, Map.of()), candidate, mode);
  }

  /**
   * Likewise, on the samples of {@code expected}.
   *
   * @param candidate may lack some of the values from inside that are compared
   */
  public static Verdict compare(Expected expected, OrtProgram candidate, Verdict.Mode mode) {
    Verifier verifier = new Verifier(expected, candidate, mode);
    String problem = expected.otherSignature(candidate);
    if (problem == null) {
      try {
        for (Expected.Group group : expected.groups()) {
          verifier.compare(group.samples(), group.ranges());
        }
      } catch (Refusal refusal) {
        problem = String.valueOf(refusal.getMessage());
      }
    }
    return problem == null ? verifier.judged() : verifier.failed(problem);
  }

  /**
   * Likewise, of another reference: whether both would judge candidates alike. One sample of each
   * size is enough, for what they may differ in does not depend on numbers.
   *
   * @throws ModelException.ExecutionFailed if the other one does not run
   */
  public static Verdict compareReferences(Expected expected, OrtProgram other, Verdict.Mode mode) {
    Verifier verifier = new Verifier(expected, other, mode);
    String problem = expected.otherSignature(other);
    if (problem != null) {
      return verifier.failed(problem);
    }
    try {
      verifier.compare(expected.samplesOfAllSizes(), expected.groups().get(0).ranges());
    } catch (Refusal refusal) {
      throw refusal.why;
    }
    return verifier.judged();
  }

  /** The candidate does not run. */
  @SuppressWarnings("serial") // never written
  private static final class Refusal extends RuntimeException {
    private final ModelException why;

    Refusal(ModelException why) {
      super(why.getMessage(), why);
      this.why = why;
    }
  }

  private void compare(List<Integer> samples, Map<String, OutputRange> ranges) {
    Map<String, OutputComparison> group = new LinkedHashMap<>();
    ranges.forEach((name, range) -> group.put(name, new OutputComparison(name, range)));
    for (int sample : samples) {
      expected.visit(sample, (feed, answer) -> compare(feed, answer, group));
      compared += sample >= 0 ? 1 : 0;
    }
    outputs.addAll(group.values());
  }

  private void compare(
      Map<String, HostTensor> feed,
      Map<String, HostTensor> answer,
      Map<String, OutputComparison> group) {
    Map<String, HostTensor> actual;
    try {
      actual = candidate.run(feed);
    } catch (ModelException e) {
      throw new Refusal(e);
    }
    group.forEach(
        (name, output) -> {
          HostTensor want = answer.get(name);
          HostTensor have = actual.get(name);
          if (want == null) {
            return;
          }
          boolean alike =
              have != null
                  && have.type() == want.type()
                  && have.dims().length == want.dims().length;
          if (!alike && expected.probes().containsKey(name)) {
            lacking.add(name); // in another form, it tells nothing
          } else if (have != null) {
            output.add(want, have);
          }
        });
  }

  private Verdict judged() {
    requireNumbers();
    if (passes()) {
      return verdict();
    }
    expected.requireSameTwice();
    expected.measureRounding();
    if (!passes()) {
      expected.measureMoreRounding();
    }
    return verdict();
  }

  private void requireNumbers() {
    boolean numbers = false;
    for (OutputComparison output : outputs()) {
      OutputRange range = output.reference();
      numbers |= range.isInformative() || output.hasProblem();
      if (range.isOnlyNaN() && !output.hasProblem()) {
        throw expected.answersNothing(range.label() + " is NaN on every input");
      }
    }
    if (!numbers) {
      throw expected.answersNothing("no output has a finite number on any input");
    }
  }

  private List<OutputComparison> outputs() {
    return outputs.stream().filter(output -> !lacking.contains(output.name())).toList();
  }

  private boolean passes() {
    return outputs().stream().allMatch(o -> o.worst(Tolerance.STANDARD).passed());
  }

  private Verdict failed(String problem) {
    return new Verdict(
        false,
        Double.POSITIVE_INFINITY,
        Double.POSITIVE_INFINITY,
        compared,
        candidate.device(),
        mode,
        Tolerance.STANDARD,
        null,
        problem,
        evidence());
  }

  /** The first output that fails is told; if none does, the one that comes nearest to it. */
  private Verdict verdict() {
    OutputComparison.@Nullable Worst worst = null;
    OutputComparison told = null;
    double absolute = 0;
    for (OutputComparison output : outputs()) {
      OutputComparison.Worst here = output.worst(Tolerance.STANDARD);
      absolute = Math.max(absolute, output.absolute());
      boolean tells = worst == null || (worst.passed() && here.excess() > worst.excess());
      if (tells) {
        worst = here;
        told = output;
      }
    }
    if (worst == null || told == null) {
      return failed("it has no outputs to compare");
    }
    return new Verdict(
        worst.passed(),
        absolute,
        worst.relative(),
        compared,
        candidate.device(),
        mode,
        new Tolerance(worst.decided(), worst.allowed()),
        told.name(),
        worst.passed() ? null : told.reference().label() + " " + told.describe(worst),
        evidence());
  }

  private Evidence evidence() {
    Set<String> names = new LinkedHashSet<>(expected.groups().get(0).ranges().keySet());
    int all = Branches.streams(names, expected.probes());
    names.removeAll(lacking);
    int streams = Branches.streams(names, expected.probes());
    Evidence evidence = expected.evidence().withStreams(streams).withUnread(withoutNumber());
    return streams == all
        ? evidence
        : evidence.withUnread(
            List.of(
                "%d of %d values along the residual stream, which the file has not"
                    .formatted(all - streams, all)));
  }

  /** Elements that are NaN in the original say nothing of the candidate. */
  private List<String> withoutNumber() {
    return outputs().stream()
        .map(OutputComparison::reference)
        .filter(range -> range.placesWithoutNumber() > 0)
        .map(
            range ->
                "%d of %d elements of %s, where the original answers no number"
                    .formatted(
                        range.placesWithoutNumber(),
                        Arrays.stream(range.dims()).reduce(1, Math::multiplyExact),
                        range.label()))
        .toList();
  }
}
