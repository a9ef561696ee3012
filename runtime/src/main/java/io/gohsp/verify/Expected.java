package io.gohsp.verify;

import io.gohsp.ir.Model;
import io.gohsp.ir.ModelException;
import io.gohsp.ir.Node;
import io.gohsp.ort.HostTensor;
import io.gohsp.ort.OrtProgram;
import io.gohsp.tensor.ElementType;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.BiConsumer;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * What is right: what the reference answers to every sample, how far its answers range and, once it
 * is asked for, how far rounding alone moves them. Found once, for any number of candidates. Holds
 * the answers unless they are large; then the reference is run again where they are needed.
 *
 * <p>Usual random samples, samples that somebody gave and each unusual one are groups of their own,
 * so that large numbers in one do not hide anything in another.
 */
public final class Expected {
  /** Of fewer examples nobody can say how far an element ranges. */
  private static final int EXAMPLES = 5;

  /** Bytes of answers that are kept. */
  private static final long KEPT = 64L << 20;

  private final OrtProgram reference;
  private final Rounding rounding;
  private final Map<String, String> probes;
  private final List<GivenSamples> given;
  private SampleInputs inputs;
  private final List<Group> groups = new ArrayList<>();
  private final Map<String, Set<Boolean>> conditions = new LinkedHashMap<>();
  private final Map<Integer, Map<String, HostTensor>> feeds = new HashMap<>();
  private final Map<Integer, Map<String, HostTensor>> answers = new HashMap<>();
  private long kept;
  private boolean nudged;
  private boolean nudgedMore;
  private boolean askedTwice;

  /**
   * Samples whose answers have the same ranks, and how far these range over them; those of the
   * first group count in all that have its ranks.
   */
  record Group(List<Integer> samples, Map<String, OutputRange> ranges) {
    Group() {
      this(new ArrayList<>(), new LinkedHashMap<>());
    }

    private void see(Map<String, HostTensor> answer) {
      ranges.forEach(
          (name, range) -> {
            HostTensor tensor = answer.get(name);
            if (tensor != null) {
              range.add(tensor);
            }
          });
    }

    private boolean hasRanksOf(Map<String, HostTensor> answer) {
      return ranges.entrySet().stream()
          .noneMatch(
              range -> {
                HostTensor tensor = answer.get(range.getKey());
                return tensor != null && range.getValue().isOfOtherRank(tensor);
              });
    }

    private boolean hasFewExamples() {
      return ranges.values().stream().anyMatch(range -> range.examples() < EXAMPLES);
    }
  }

  private Expected(
      OrtProgram reference,
      SampleInputs inputs,
      List<GivenSamples> given,
      Rounding rounding,
      Map<String, String> probes) {
    this.reference = reference;
    this.inputs = inputs;
    this.given = given;
    this.rounding = rounding;
    this.probes = probes;
    Branches.of(reference.outputs().keySet())
        .forEach(condition -> conditions.put(condition, new HashSet<>()));
  }

  /**
   * Runs the reference on {@code samples} random samples, and a few more where that makes too few
   * examples to see how far answers range, or where a condition was the same on all.
   *
   * @param reference what is right
   * @param inputs found on the reference; sizes with which it does not run are given up
   * @param samples at least 1
   * @param given samples beside the random ones
   * @param rounding of the model that is the reference
   * @param probes outputs that are values from inside, with what messages call them
   * @throws ModelException if the reference does not run
   */
  public static Expected of(
      OrtProgram reference,
      SampleInputs inputs,
      int samples,
      List<GivenSamples> given,
      Rounding rounding,
      Map<String, String> probes) {
    if (samples < 1) {
      throw new IllegalArgumentException("nothing can be compared on " + samples + " samples");
    }
    Expected expected = new Expected(reference, inputs, given, rounding, probes);
    expected.run(samples);
    return expected;
  }

  private void run(int random) {
    Group usual = emptyGroup();
    for (int i = 0; i < random; i++) {
      take(i, usual);
    }
    for (int i = random; i < random + EXAMPLES && usual.hasFewExamples(); i++) {
      Map<String, HostTensor> answer = firstRun(i);
      if (usual.hasRanksOf(answer)) {
        usual.see(answer);
      }
    }
    if (!given.isEmpty()) {
      Group group = newGroup();
      for (int i = 0; i < given.size(); i++) {
        take(-1 - i, group);
      }
    }
    conditions.forEach(this::drive);
    if (Randomness.find(model()).isPresent()) {
      requireSameTwice(); // two models may draw the same
    }
  }

  private Group emptyGroup() {
    Group group = new Group();
    for (String output : reference.outputs().keySet()) {
      String label = probes.getOrDefault(output, "output \"" + output + "\"");
      group.ranges().put(output, new OutputRange(label));
    }
    groups.add(group);
    return group;
  }

  private Group newGroup() {
    Group group = new Group();
    groups.get(0).ranges().forEach((name, seen) -> group.ranges().put(name, new OutputRange(seen)));
    groups.add(group);
    return group;
  }

  /** Looks for a sample on which a condition is what it was on none so far. */
  private void drive(String condition, Set<Boolean> seen) {
    for (int i = 0; i < SampleInputs.UNUSUAL && seen.size() == 1; i++) {
      int sample = SampleInputs.UNUSUAL_FROM + i;
      try {
        Map<String, HostTensor> answer = reference.run(inputs.sample(sample));
        HostTensor state = answer.get(condition);
        if (state != null && !seen.contains(Branches.isTrue(state))) {
          take(sample, answer, newGroup());
        }
      } catch (ModelException.ExecutionFailed e) {
        // Sizes or numbers that this model does not take.
      }
    }
  }

  private void take(int sample, Group group) {
    take(sample, firstRun(sample), group);
  }

  /** Branches may answer in other ranks, whose places are others. */
  private Group ofRanks(Map<String, HostTensor> answer, Group wanted) {
    return Stream.concat(Stream.of(wanted), groups.stream())
        .filter(group -> group.hasRanksOf(answer))
        .findFirst()
        .orElseGet(this::emptyGroup);
  }

  private void take(int sample, Map<String, HostTensor> answer, Group wanted) {
    Group group = ofRanks(answer, wanted);
    group.samples().add(sample);
    group.see(answer);
    keep(sample, answer);
    conditions.forEach(
        (condition, seen) -> {
          HostTensor state = answer.get(condition);
          if (state != null) {
            seen.add(Branches.isTrue(state));
          }
        });
  }

  private Map<String, HostTensor> firstRun(int sample) {
    while (true) {
      try {
        Map<String, HostTensor> known = sample == 0 ? inputs.firstAnswers(reference) : null;
        return known == null ? reference.run(feed(sample)) : known;
      } catch (ModelException.ExecutionFailed e) {
        SampleInputs fewer = sample < 0 ? null : inputs.withoutSizesOf(sample);
        if (fewer == null) {
          throw e;
        }
        inputs = fewer;
        feeds.clear();
      }
    }
  }

  private void keep(int sample, Map<String, HostTensor> answer) {
    long bytes = 0;
    for (HostTensor tensor : answer.values()) {
      bytes += tensor.bytes().capacity();
    }
    if (kept + bytes <= KEPT) {
      kept += bytes;
      answers.put(sample, answer);
    }
  }

  private Map<String, HostTensor> feed(int sample) {
    return sample < 0
        ? given.get(-1 - sample).inputs()
        : feeds.computeIfAbsent(sample, number -> inputs.sample(number));
  }

  /** The usual samples first. */
  List<Group> groups() {
    return groups;
  }

  /** The first samples that show every size once. */
  List<Integer> samplesOfAllSizes() {
    List<Integer> usual = groups.get(0).samples();
    return usual.subList(0, Math.min(usual.size(), inputs.variants()));
  }

  /** Hands what goes in and what comes out of the reference to somebody. */
  void visit(int sample, BiConsumer<Map<String, HostTensor>, Map<String, HostTensor>> visitor) {
    Map<String, HostTensor> answer = answers.get(sample);
    visitor.accept(feed(sample), answer == null ? reference.run(feed(sample)) : answer);
  }

  /** Whether the reference need not run any more. */
  public boolean isKept() {
    return answers.size() == groups.stream().mapToInt(group -> group.samples().size()).sum();
  }

  Map<String, String> probes() {
    return probes;
  }

  /** What differs, or null if a candidate takes and returns what the reference does. */
  @Nullable String otherSignature(OrtProgram candidate) {
    return Signature.difference(reference, candidate, probes.keySet());
  }

  Model model() {
    return rounding.model();
  }

  /** Measures a few runs of the reference that differ in rounding only, once. */
  void measureRounding() {
    if (!nudged) {
      nudged = true;
      rounding.first(this::addRounded);
    }
  }

  /** Measures more of them, once. */
  void measureMoreRounding() {
    if (!nudgedMore) {
      nudgedMore = true;
      rounding.more(this::addRounded);
    }
  }

  private void addRounded(Rounding.Twin twin) {
    for (Group group : groups) {
      for (int sample : group.samples()) {
        visit(sample, (feed, answer) -> addRounded(group, answer, twin.run(feed)));
      }
    }
  }

  private static void addRounded(
      Group group, Map<String, HostTensor> answer, Map<String, HostTensor> other) {
    group
        .ranges()
        .forEach(
            (name, range) -> {
              HostTensor want = answer.get(name);
              HostTensor have = other.get(name);
              if (want != null && have != null) {
                range.addRounded(want, have);
              }
            });
  }

  /**
   * A model that draws random numbers answers otherwise each time. What else differs between two
   * runs is rounding.
   *
   * @throws ModelException.Unsupported if it is such a model
   */
  void requireSameTwice() {
    if (!askedTwice) {
      askedTwice = true;
      rounding.same(
          twin -> {
            Map<String, HostTensor> feed = feed(0);
            requireSame(groups.get(0), twin.run(feed), twin.run(feed));
          });
    }
  }

  private void requireSame(
      Group usual, Map<String, HostTensor> first, Map<String, HostTensor> second) {
    for (String name : usual.ranges().keySet()) {
      HostTensor once = first.get(name);
      HostTensor again = second.get(name);
      if (once == null
          || again == null
          || again.type() == ElementType.STRING
          || again.bytes().equals(once.bytes())) {
        continue;
      }
      Node drawing = Randomness.find(model()).orElse(null);
      if (drawing != null) {
        throw new ModelException.Unsupported(
            drawing.location(),
            drawing.op().type()
                + " draws random numbers, so the model answers otherwise each time it is asked the"
                + " same, and nothing can be compared",
            "export it for inference: without dropout in training mode, and without noise");
      }
    }
    addRounded(usual, first, second);
  }

  /** The refusal of a reference whose answers tell nothing. */
  ModelException answersNothing(String what) {
    return NoNumbers.of(model(), "answers nothing that can be compared: " + what);
  }

  /** What was looked at, as far as samples go. */
  Evidence evidence() {
    List<Integer> random = new ArrayList<>();
    groups.forEach(group -> random.addAll(group.samples()));
    random.removeIf(sample -> sample < 0);
    Evidence evidence =
        inputs.evidence(random).withGiven(given.stream().mapToInt(GivenSamples::count).sum());
    return Branches.evidence(evidence, conditions, probes);
  }
}
