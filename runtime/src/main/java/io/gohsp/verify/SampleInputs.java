package io.gohsp.verify;

import io.gohsp.ir.Dim;
import io.gohsp.ir.Location;
import io.gohsp.ir.Model;
import io.gohsp.ir.ModelException;
import io.gohsp.ir.Value;
import io.gohsp.ir.ValueType;
import io.gohsp.ir.ValueType.TensorType;
import io.gohsp.ort.HostTensor;
import io.gohsp.ort.OrtProgram;
import io.gohsp.tensor.ElementType;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.EnumSet;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.SortedSet;
import java.util.TreeSet;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * Random inputs that a model could really get: ids within their table, masks that leave something
 * visible, images, activations. The same seed gives the same bits on every machine. Inputs with a
 * default keep it. Once {@link #varied}, samples differ in their sizes too.
 */
public final class SampleInputs {
  /** What random numbers are made of, and ONNX Runtime takes from Java. */
  private static final Set<ElementType> CAN_BE_FED =
      EnumSet.of(
          ElementType.BOOL,
          ElementType.STRING,
          ElementType.FLOAT,
          ElementType.DOUBLE,
          ElementType.FLOAT16,
          ElementType.BFLOAT16,
          ElementType.INT8,
          ElementType.INT16,
          ElementType.INT32,
          ElementType.INT64,
          ElementType.UINT8,
          ElementType.UINT16,
          ElementType.UINT32,
          ElementType.UINT64);

  /**
   * Samples from this number on are unusual: numbers of other ranges, then other sizes, for
   * conditions that usual ones leave as they are. With some a model may not run.
   */
  static final int UNUSUAL_FROM = 1000;

  /** How many unusual samples there are. */
  static final int UNUSUAL = 48;

  /** Tables of segments, not of tokens or positions, have no more rows. */
  private static final long FEW_ROWS = 4;

  /** Of samples with more numbers, such as large pictures, two sizes are enough. */
  private static final long LARGE = 1 << 17;

  /** Of the widest type, in an array of bytes. */
  private static final long MOST_ELEMENTS = Integer.MAX_VALUE / 8;

  /** One input: what it is used for, its type, and the size of each axis as an expression. */
  private record Input(InputRole role, TensorType type, List<DimExpression> axes) {
    long[] dims(Map<String, Long> sizes) {
      long[] dims =
          axes.stream()
              .mapToLong(axis -> axis.size(sizes).orElseThrow(() -> none(axis, sizes)))
              .toArray();
      double elements = Arrays.stream(dims).asDoubleStream().reduce(1, (a, b) -> a * b);
      if (elements > MOST_ELEMENTS) {
        throw new ModelException.Unsupported(
            Location.UNKNOWN,
            "an input has the shape %s, more than an array holds".formatted(Arrays.toString(dims)),
            "export the model with open or smaller dimensions");
      }
      return dims;
    }

    /** Of a division that leaves a remainder, say: other sizes may do. */
    private static ModelException.ExecutionFailed none(
        DimExpression axis, Map<String, Long> sizes) {
      return new ModelException.ExecutionFailed(
          Location.UNKNOWN,
          "an input's dimension \"%s\" is no size with %s".formatted(axis.text(), sizes),
          null);
    }
  }

  /** What a program answered to the first sample. */
  private record Answers(OrtProgram program, Map<String, HostTensor> outputs) {}

  private final Map<String, Input> inputs;
  private final Map<String, SymbolSizes.Kind> symbols;
  private final Set<String> given;

  /** Sizes that data show. */
  private final Map<String, Long> seen;

  private final List<Map<String, Long>> variants;
  private final long seed;
  private final @Nullable Answers first;

  private SampleInputs(
      Map<String, Input> inputs,
      Map<String, SymbolSizes.Kind> symbols,
      Set<String> given,
      Map<String, Long> seen,
      List<Map<String, Long>> variants,
      long seed,
      @Nullable Answers first) {
    this.inputs = inputs;
    this.symbols = symbols;
    this.given = given;
    this.seen = seen;
    this.variants = List.copyOf(variants);
    this.seed = seed;
    this.first = first;
  }

  private SampleInputs with(List<Map<String, Long>> newVariants) {
    Answers kept = newVariants.get(0).equals(variants.get(0)) ? first : null;
    return new SampleInputs(inputs, symbols, given, seen, newVariants, seed, kept);
  }

  /** What a program answered to the first sample when sizes were looked for; null if another. */
  @Nullable Map<String, HostTensor> firstAnswers(OrtProgram program) {
    return first != null && first.program() == program ? first.outputs() : null;
  }

  /**
   * Finds sizes for the symbolic dimensions with which a model runs: 2 for what looks like a batch,
   * others from a list, equal symbols always alike.
   *
   * @param model the model, for what its inputs are used for
   * @param program the same model, ready to run
   * @param given sizes that are known, by symbol; an axis without symbol goes by {@code
   *     input[axis]}
   * @throws ModelException.Unsupported if a size is given for a symbol the model does not have, or
   *     an input is not a tensor of known rank
   * @throws ModelException.ExecutionFailed if the model runs with no assignment
   */
  public static SampleInputs find(
      Model model, OrtProgram program, Map<String, Long> given, long seed) {
    return find(model, program, given, seed, DataShapes.NONE);
  }

  /**
   * Likewise where there are data: their sizes are tried first. A symbol for which the data have
   * several sizes is ignored, and each of its axes goes by {@code input[axis]}.
   */
  public static SampleInputs find(
      Model model, OrtProgram program, Map<String, Long> given, long seed, DataShapes data) {
    Map<String, TensorType> types = new LinkedHashMap<>();
    for (Value value : model.graph().inputs()) {
      ValueType type = program.inputs().get(value.name());
      if (type != null) { // otherwise it has a default
        types.put(value.name(), tensor(value, type));
      }
    }
    Set<String> untrue = new HashSet<>(data.several(types));
    untrue.removeAll(given.keySet());
    Map<String, Input> inputs = new LinkedHashMap<>();
    Map<String, SymbolSizes.Kind> symbols = new LinkedHashMap<>();
    Map<String, Long> seen = new LinkedHashMap<>();
    for (Value value : model.graph().inputs()) {
      TensorType type = types.get(value.name());
      if (type != null) {
        List<DimExpression> axes = axes(value.name(), type, untrue);
        for (int axis = 0; axis < axes.size(); axis++) {
          Set<String> read =
              Objects.requireNonNull(type.shape()).get(axis).isKnown()
                  ? Set.of()
                  : axes.get(axis).symbols();
          Long size = data.size(value.name(), axis);
          for (String symbol : read) {
            SymbolSizes.Kind kind =
                data.isOfSamples(value.name(), axis)
                    ? SymbolSizes.Kind.BATCH
                    : SymbolSizes.kind(symbol, axis, axes.size());
            symbols.putIfAbsent(symbol, kind);
            if (size != null && symbol.equals(axes.get(axis).text())) {
              seen.putIfAbsent(symbol, size);
            }
          }
        }
        inputs.put(value.name(), new Input(InputRoles.of(value, type), type, axes));
      }
    }
    for (String symbol : given.keySet()) {
      if (!symbols.containsKey(symbol)) {
        throw new ModelException.Unsupported(
            Location.of(model),
            "no input has a dimension \"" + symbol + "\" to give a size to",
            symbols.isEmpty() ? "all its dimensions are fixed" : "it has " + symbols.keySet());
      }
    }
    seen.keySet().removeAll(given.keySet());
    return firstThatRuns(program, inputs, symbols, given, seen, seed);
  }

  /** What an input is fed. */
  private static TensorType tensor(Value value, ValueType type) {
    // The file knows symbols that ONNX Runtime drops, ONNX Runtime knows shapes that the file
    // leaves out.
    TensorType tensor =
        value.type() instanceof TensorType declared && declared.shape() != null
            ? declared
            : type instanceof TensorType known ? known : null;
    if (tensor == null || tensor.shape() == null) {
      throw new ModelException.Unsupported(
          Location.of(value.graph().model()),
          "input \"" + value.name() + "\" is not a tensor of known rank, but " + type,
          "export the model with a shape for every input");
    }
    if (!CAN_BE_FED.contains(tensor.element())) {
      throw new ModelException.Unsupported(
          Location.of(value.graph().model()),
          "input \"" + value.name() + "\" holds " + tensor.element() + ", which cannot be fed",
          "let the input hold a type of whole bytes, and cast it inside the model");
    }
    return tensor;
  }

  private static List<DimExpression> axes(String input, TensorType type, Set<String> untrue) {
    List<Dim> shape = Objects.requireNonNull(type.shape());
    List<DimExpression> axes = new ArrayList<>();
    for (int axis = 0; axis < shape.size(); axis++) {
      Dim dim = shape.get(axis);
      String anonymous = input + "[" + axis + "]";
      String symbol = symbolOr(dim, anonymous);
      axes.add(
          new DimExpression(
              dim.isKnown()
                  ? Long.toString(dim.value())
                  : untrue.contains(symbol) ? anonymous : symbol));
    }
    return axes;
  }

  private static String symbolOr(Dim dim, String anonymous) {
    String symbol = dim.symbol();
    return symbol == null || symbol.isBlank() ? anonymous : symbol;
  }

  private static SampleInputs firstThatRuns(
      OrtProgram program,
      Map<String, Input> inputs,
      Map<String, SymbolSizes.Kind> symbols,
      Map<String, Long> given,
      Map<String, Long> seen,
      long seed) {
    ModelException.@Nullable ExecutionFailed first = null;
    for (Map<String, Long> sizes : SymbolSizes.assignments(symbols, given, seen)) {
      SampleInputs candidate =
          new SampleInputs(inputs, symbols, given.keySet(), seen, List.of(sizes), seed, null);
      try {
        Answers answers = new Answers(program, program.run(candidate.sample(0)));
        return new SampleInputs(
            inputs, symbols, given.keySet(), seen, List.of(sizes), seed, answers);
      } catch (ModelException.ExecutionFailed e) {
        first = first == null ? e : first;
      }
      if (sizes.isEmpty()) {
        break;
      }
    }
    throw new ModelException.ExecutionFailed(
        Location.UNKNOWN,
        (symbols.isEmpty()
                ? "the model does not run on random inputs: "
                : "the model runs with none of the sizes tried for its dimensions "
                    + symbols.keySet()
                    + "; give their sizes. The first try: ")
            + (first == null ? "" : first.getMessage()),
        first);
  }

  /** The sizes used, by symbol; where they vary, those of the first sample. */
  public Map<String, Long> sizes() {
    return variants.get(0);
  }

  /**
   * The same inputs in three sizes, taken in turns, as far as symbols leave them open: another
   * batch of other lengths, and a third batch in which lengths differ from each other. Of several
   * lengths the first that runs is taken; whether another batch does, the first use shows ({@link
   * #withoutSizesOf}).
   *
   * @param program the model
   */
  public SampleInputs varied(OrtProgram program) {
    List<Map<String, Long>> all = new ArrayList<>(variants.subList(0, 1));
    List<List<Map<String, Long>>> others =
        SymbolSizes.variants(
            symbols,
            given,
            sizes(),
            !seen.isEmpty() && sizes().entrySet().containsAll(seen.entrySet()));
    boolean large = numbers() > LARGE;
    for (List<Map<String, Long>> choices :
        large && !others.isEmpty() ? others.subList(0, 1) : others) {
      choices.stream()
          .filter(sizes -> choices.size() == 1 || runs(program, sizes))
          .findFirst()
          .ifPresent(all::add);
    }
    return with(all);
  }

  /** Numbers in the first sample. */
  private long numbers() {
    long numbers = 0;
    for (Input input : inputs.values()) {
      long size = 1;
      for (long dim : input.dims(sizes())) {
        size *= dim;
      }
      numbers += size;
    }
    return numbers;
  }

  /** How many sizes samples have, in turns. */
  int variants() {
    return variants.size();
  }

  /** The same inputs without the sizes of a sample; null if it has those of the first. */
  @Nullable SampleInputs withoutSizesOf(int sample) {
    Map<String, Long> refused = sizes(sample);
    if (refused.equals(sizes())) {
      return null;
    }
    List<Map<String, Long>> others = new ArrayList<>(variants);
    others.removeIf(refused::equals);
    return with(others);
  }

  private boolean runs(OrtProgram program, Map<String, Long> sizes) {
    try {
      program.run(with(List.of(sizes)).sample(0));
      return true;
    } catch (ModelException.ExecutionFailed e) {
      return false;
    }
  }

  /** What samples show of a model. */
  Evidence evidence(List<Integer> samples) {
    Map<String, SortedSet<Long>> seen = new LinkedHashMap<>();
    for (int sample : samples) {
      sizes(sample)
          .forEach((symbol, size) -> seen.computeIfAbsent(symbol, s -> new TreeSet<>()).add(size));
    }
    Map<String, Evidence.Ids> ids = new LinkedHashMap<>();
    int number = 0;
    for (Map.Entry<String, Input> entry : inputs.entrySet()) {
      if (entry.getValue().role() instanceof InputRole.Index index) {
        Set<Double> rows = new HashSet<>();
        for (int sample : samples) {
          for (double id : tensor(entry.getValue(), sample, number).doubles()) { // floats, perhaps
            rows.add(id);
          }
        }
        ids.put(entry.getKey(), new Evidence.Ids(rows.size(), index.last() - index.first() + 1));
      }
      number++;
    }
    return Evidence.of(seen, ids);
  }

  private Map<String, Long> sizes(int sample) {
    int unusual = sample - UNUSUAL_FROM - RandomTensor.Style.values().length;
    if (unusual < 0) {
      return sample < UNUSUAL_FROM ? variants.get(sample % variants.size()) : sizes();
    }
    Map<String, Long> fixed = new LinkedHashMap<>(sizes());
    fixed.keySet().retainAll(given);
    List<Map<String, Long>> others = SymbolSizes.nearest(symbols, fixed, sizes());
    return others.get(unusual % others.size());
  }

  private static RandomTensor.Style style(int sample) {
    RandomTensor.Style[] styles = RandomTensor.Style.values();
    int unusual = sample - UNUSUAL_FROM;
    return unusual < 0 || unusual >= styles.length ? RandomTensor.Style.USUAL : styles[unusual];
  }

  /** The same inputs with other sizes for some symbols. */
  public SampleInputs withSizes(Map<String, Long> changed) {
    Map<String, Long> merged = new LinkedHashMap<>(sizes());
    merged.putAll(changed);
    return with(List.of(Collections.unmodifiableMap(merged)));
  }

  /** The same inputs for another batch; nothing changes if the model has its batch built in. */
  public SampleInputs withBatch(long batch) {
    Map<String, Long> changed = new LinkedHashMap<>();
    symbols.forEach(
        (symbol, kind) -> {
          if (kind == SymbolSizes.Kind.BATCH) {
            changed.put(symbol, batch);
          }
        });
    return withSizes(changed);
  }

  /**
   * The same inputs at least that long, if the model takes it; else as long as they are.
   *
   * @param program the model
   */
  public SampleInputs withLength(long length, OrtProgram program) {
    Map<String, Long> changed = new LinkedHashMap<>();
    symbols.forEach(
        (symbol, kind) -> {
          if (kind == SymbolSizes.Kind.LENGTH && sizes().getOrDefault(symbol, length) < length) {
            changed.put(symbol, length);
          }
        });
    SampleInputs longer = withSizes(changed);
    return changed.isEmpty() || !runs(program, longer.sizes()) ? this : longer;
  }

  /** The same inputs with this number throughout everything that says which positions count. */
  public SampleInputs withMasks(long number) {
    return withRoles(role -> role instanceof InputRole.Mask ? new InputRole.Same(number) : role);
  }

  /**
   * The same inputs as of one text each: ids of a small table beside a larger one, which tell texts
   * of a pair apart, are the first.
   */
  public SampleInputs withoutPairs() {
    long most = inputs.values().stream().mapToLong(input -> rows(input.role())).max().orElse(0);
    return withRoles(
        role ->
            role instanceof InputRole.Index index && rows(role) <= FEW_ROWS && rows(role) < most
                ? new InputRole.Same(index.first())
                : role);
  }

  /** Of the table that an input picks from; 0 if from none. */
  private static long rows(InputRole role) {
    return role instanceof InputRole.Index index ? index.last() - index.first() + 1 : 0;
  }

  private SampleInputs withRoles(UnaryOperator<InputRole> change) {
    Map<String, Input> changed = new LinkedHashMap<>();
    inputs.forEach(
        (name, input) ->
            changed.put(name, new Input(change.apply(input.role()), input.type(), input.axes())));
    return new SampleInputs(changed, symbols, given, seen, variants, seed, null);
  }

  /** Whether {@link #withBatch} has an effect. */
  public boolean hasSymbolicBatch() {
    return symbols.containsValue(SymbolSizes.Kind.BATCH);
  }

  /** Sample number {@code index}, by input; always the same for the same seed. */
  public Map<String, HostTensor> sample(int index) {
    Map<String, HostTensor> feed = new LinkedHashMap<>();
    int number = 0;
    for (Map.Entry<String, Input> entry : inputs.entrySet()) {
      feed.put(entry.getKey(), tensor(entry.getValue(), index, number++));
    }
    return feed;
  }

  private HostTensor tensor(Input input, int sample, int number) {
    return new RandomTensor(seed, sample, number, style(sample))
        .fill(input.role(), input.type().element(), input.dims(sizes(sample)));
  }
}
