package io.gohsp.verify;

import io.gohsp.ir.ModelException;
import io.gohsp.ir.Node;
import io.gohsp.ort.HostTensor;
import io.gohsp.ort.OrtProgram;
import io.gohsp.tensor.ElementType;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** Runs two models on the same inputs and judges whether they compute the same. */
public final class Verifier {
  /** Of fewer examples nobody can say how far an element ranges. */
  private static final int EXAMPLES = 5;

  private final OrtProgram reference;
  private final OrtProgram candidate;
  private SampleInputs inputs;
  private final Rounding rounding;
  private final Verdict.Mode mode;
  private final Map<String, String> probes;
  private final Map<String, OutputComparison> outputs = new LinkedHashMap<>();
  private int compared;

  private Verifier(
      OrtProgram reference,
      OrtProgram candidate,
      SampleInputs inputs,
      Rounding rounding,
      Verdict.Mode mode,
      Map<String, String> probes) {
    this.reference = reference;
    this.candidate = candidate;
    this.inputs = inputs;
    this.rounding = rounding;
    this.mode = mode;
    this.probes = probes;
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
    return compare(reference, candidate, inputs, samples, rounding, mode, Map.of());
  }

  /**
   * Likewise.
   *
   * @param probes outputs that are values from inside, with what messages call them; the candidate
   *     may lack some
   */
  public static Verdict compare(
      OrtProgram reference,
      OrtProgram candidate,
      SampleInputs inputs,
      int samples,
      Rounding rounding,
      Verdict.Mode mode,
      Map<String, String> probes) {
    if (samples < 1) {
      throw new IllegalArgumentException("nothing can be compared on " + samples + " samples");
    }
    Verifier verifier = new Verifier(reference, candidate, inputs, rounding, mode, probes);
    for (String output : reference.outputs().keySet()) {
      String label = probes.getOrDefault(output, "output \"" + output + "\"");
      verifier.outputs.put(output, new OutputComparison(label));
    }
    return verifier.compare(samples);
  }

  private Verdict compare(int samples) {
    String problem = Signature.difference(reference, candidate, probes.keySet());
    for (int i = 0; i < samples && problem == null; i++) {
      problem = compareSample(i);
      compared++;
    }
    if (problem != null) {
      return failed(problem);
    }
    measureRanges(samples);
    requireNumbers();
    if (passes()) {
      return verdict();
    }
    requireSameTwice();
    rounding.first(twin -> addRounded(twin, samples));
    if (!passes()) {
      rounding.more(twin -> addRounded(twin, samples));
    }
    return verdict();
  }

  private @Nullable String compareSample(int index) {
    Map<String, HostTensor> expected = expected(index);
    Map<String, HostTensor> feed = inputs.sample(index);
    Map<String, HostTensor> actual;
    try {
      actual = candidate.run(feed);
    } catch (ModelException e) {
      return e.getMessage();
    }
    expected.forEach((name, want) -> compare(name, want, actual.get(name)));
    return null;
  }

  /** What the reference says; sizes with which it does not run are given up. */
  private Map<String, HostTensor> expected(int index) {
    while (true) {
      try {
        return reference.run(inputs.sample(index));
      } catch (ModelException.ExecutionFailed e) {
        SampleInputs fewer = inputs.withoutSizesOf(index);
        if (fewer == null) {
          throw e;
        }
        inputs = fewer;
      }
    }
  }

  /** A probe that the candidate has in another form, or not at all, tells nothing. */
  private void compare(String name, HostTensor want, @Nullable HostTensor have) {
    OutputComparison output = outputs.get(name);
    boolean alike =
        have != null && have.type() == want.type() && have.dims().length == want.dims().length;
    if (!alike && probes.containsKey(name)) {
      outputs.remove(name);
    } else if (output != null && have != null) {
      output.add(want, have);
    }
  }

  /** Runs the reference alone where so few examples were compared that scales are chance. */
  private void measureRanges(int samples) {
    for (int i = samples; i < samples + EXAMPLES; i++) {
      if (outputs.values().stream().allMatch(output -> output.examples() >= EXAMPLES)) {
        return;
      }
      expected(i)
          .forEach(
              (name, tensor) -> {
                OutputComparison output = outputs.get(name);
                if (output != null) {
                  output.addReference(tensor);
                }
              });
    }
  }

  private OutputComparison comparison(String output) {
    return Objects.requireNonNull(outputs.get(output));
  }

  private void requireNumbers() {
    boolean numbers = false;
    for (OutputComparison output : outputs.values()) {
      numbers |= output.isInformative() || output.hasProblem();
      if (output.isOnlyNaN() && !output.hasProblem()) {
        throw answersNothing(output.label() + " is NaN on every input");
      }
    }
    if (!numbers) {
      throw answersNothing("no output has a finite number on any input");
    }
  }

  private ModelException answersNothing(String what) {
    return NoNumbers.of(rounding.model(), "answers nothing that can be compared: " + what);
  }

  /**
   * A model that draws random numbers answers otherwise each time. What else differs between two
   * runs is rounding.
   */
  private void requireSameTwice() {
    Map<String, HostTensor> feed = inputs.sample(0);
    Map<String, HostTensor> first = reference.run(feed);
    Map<String, HostTensor> second = reference.run(feed);
    for (Map.Entry<String, HostTensor> output : first.entrySet()) {
      HostTensor again = second.get(output.getKey());
      if (again == null
          || !outputs.containsKey(output.getKey())
          || again.type() == ElementType.STRING
          || again.bytes().equals(output.getValue().bytes())) {
        continue;
      }
      Node drawing = Randomness.find(rounding.model()).orElse(null);
      if (drawing != null) {
        throw new ModelException.Unsupported(
            drawing.location(),
            drawing.op().type()
                + " draws random numbers, so the model answers otherwise each time it is asked the"
                + " same, and nothing can be compared",
            "export it for inference: without dropout in training mode, and without noise");
      }
      comparison(output.getKey()).addRounded(output.getValue(), again);
    }
  }

  private void addRounded(Rounding.Twin twin, int samples) {
    for (int i = 0; i < samples; i++) {
      Map<String, HostTensor> feed = inputs.sample(i);
      Map<String, HostTensor> other = twin.run(feed);
      Map<String, HostTensor> expected = reference.run(feed);
      outputs.forEach(
          (name, output) -> {
            HostTensor want = expected.get(name);
            HostTensor have = other.get(name);
            if (want != null && have != null) {
              output.addRounded(want, have);
            }
          });
    }
  }

  private boolean passes() {
    return outputs.values().stream().allMatch(o -> o.worst(Tolerance.STANDARD).passed());
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
    String name = null;
    double absolute = 0;
    for (Map.Entry<String, OutputComparison> output : outputs.entrySet()) {
      OutputComparison.Worst here = output.getValue().worst(Tolerance.STANDARD);
      absolute = Math.max(absolute, output.getValue().absolute());
      boolean tells = worst == null || (worst.passed() && here.excess() > worst.excess());
      if (tells) {
        worst = here;
        name = output.getKey();
      }
    }
    if (worst == null || name == null) {
      return failed("it has no outputs to compare");
    }
    OutputComparison told = comparison(name);
    return new Verdict(
        worst.passed(),
        absolute,
        worst.relative(),
        compared,
        candidate.device(),
        mode,
        new Tolerance(worst.decided(), worst.allowed()),
        name,
        worst.passed() ? null : told.label() + " " + told.describe(worst),
        evidence());
  }

  private Evidence evidence() {
    int streams = 0;
    for (String probe : probes.keySet()) {
      streams += outputs.containsKey(probe) ? 1 : 0;
    }
    return inputs.evidence(compared).withStreams(streams);
  }
}
