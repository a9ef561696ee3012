package io.gohsp.stream;

import io.gohsp.axis.Factor;
import io.gohsp.ir.ModelCopy;
import io.gohsp.ir.Node;
import io.gohsp.ir.Use;
import io.gohsp.ir.Value;
import io.gohsp.normalize.WorkingModel;
import io.gohsp.op.ConstantValue;
import io.gohsp.rewrite.GraphBuilder;
import io.gohsp.tensor.ElementType;
import io.gohsp.tensor.Tensor;
import io.gohsp.vit.Block;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.function.Consumer;
import java.util.stream.Stream;

/**
 * Layers that change nothing, with the identity as weight, where a stream begins or ends (as
 * SliceGPT has between streams that are each in a basis of their own): then what is on both sides
 * are axes of their own, and a change of basis of the stream is one of these layers' weights. A
 * norm in front of all blocks, or behind each, thus begins another stream, and hidden states that
 * the model returns keep their channels. Likewise biases of zeroes, where what a norm adds to
 * channels is to move into a layer that has none. All of it is there when costs are counted.
 */
final class Seams {
  /** Products with the identity. */
  private final List<Node> layers = new ArrayList<>();

  /** Additions of zeroes. */
  private final List<Node> biases = new ArrayList<>();

  /** Names that values had before seams took them over, by the names they have now. */
  private final Map<String, String> renamed = new HashMap<>();

  /** The model with all that; the same object where no stream needs any. */
  private WorkingModel model;

  private Seams(WorkingModel model) {
    this.model = model;
  }

  /**
   * Gives every stream its own axis that can be written otherwise then.
   *
   * @param working not changed
   */
  static Seams of(WorkingModel working) {
    Seams opened = new Seams(working);
    opened.open();
    boolean sameBlocks = sizes(working).equals(sizes(opened.model));
    boolean helps = sameBlocks && free(opened.model).size() > free(working).size();
    Seams seams = helps ? opened : new Seams(working);
    seams.giveBiases();
    return seams;
  }

  private void open() {
    List<SeamFinder> found = find();
    if (!found.isEmpty()) {
      change(copy -> found.forEach(finder -> insert(copy, finder)));
    }
  }

  /** Changes a copy of the model, which takes its place. */
  private void change(Consumer<ModelCopy> rewrite) {
    ModelCopy copy = ModelCopy.of(model.model());
    Map<Value, Value> copies = new LinkedHashMap<>();
    model
        .copies()
        .forEach(
            (value, original) -> {
              Value of = copy.values().get(value);
              Value from = copy.values().get(original);
              if (of != null && from != null) {
                copies.put(of, from);
              }
            });
    layers.replaceAll(copy.nodes()::get);
    rewrite.accept(copy);
    model = WorkingModel.changed(copy.model(), copies);
  }

  /** The streams that can be written otherwise. */
  private static List<Trace> free(WorkingModel model) {
    return Streams.factors(model).stream()
        .map(factor -> Trace.of(model.model(), model.analysis(), factor))
        .filter(trace -> trace.obstacle() == null)
        .toList();
  }

  private void giveBiases() {
    List<Node> lacking = new ArrayList<>();
    for (Trace trace : free(model)) {
      int channels = trace.factor().count();
      for (Trace.Reader reader : trace.readers()) {
        boolean shifts =
            Arrays.stream(reader.norm().shifts(channels)).anyMatch(shift -> shift != 0);
        if (shifts && ReaderBias.lacks(reader.node())) {
          lacking.add(reader.node());
        }
      }
    }
    if (!lacking.isEmpty()) {
      change(
          copy ->
              lacking.forEach(
                  layer ->
                      biases.add(
                          ReaderBias.give(Objects.requireNonNull(copy.nodes().get(layer))))));
    }
  }

  private List<SeamFinder> find() {
    List<SeamFinder> all = new ArrayList<>();
    for (Factor factor : Streams.factors(model)) {
      if (Trace.of(model.model(), model.analysis(), factor).obstacle() != null) {
        SeamFinder finder = SeamFinder.of(model.model(), model.analysis(), factor);
        if (finder != null && holdsFloats(finder)) {
          all.add(finder);
        }
      }
    }
    return all;
  }

  /** Whether layers that change nothing can be written in the types that values have. */
  private boolean holdsFloats(SeamFinder finder) {
    return Stream.concat(finder.seams().keySet().stream(), finder.returned().stream())
        .map(model.facts()::type)
        .allMatch(type -> type == null || Tensor.holdsFloats(type));
  }

  private static List<List<Integer>> sizes(WorkingModel model) {
    return model.blocks().stream().map(Block::sizes).toList();
  }

  /** The model that streams are of. */
  WorkingModel model() {
    return model;
  }

  /** What a value is called where there are no seams. */
  String nameOutside(Value value) {
    return renamed.getOrDefault(value.name(), value.name());
  }

  private void insert(ModelCopy copy, SeamFinder finder) {
    finder
        .seams()
        .forEach(
            (value, uses) -> {
              Node first = Objects.requireNonNull(copy.nodes().get(uses.get(0).node()));
              Value seam = seam(copy, value, GraphBuilder.before(first), finder.channels());
              for (Use use : uses) {
                Node reader = Objects.requireNonNull(copy.nodes().get(use.node()));
                reader.setInput(use.index(), seam);
              }
            });
    for (Value value : finder.returned()) {
      Value result = copy.of(value);
      GraphBuilder end = GraphBuilder.appendingTo(result.graph());
      result.graph().returnInstead(result, seam(copy, value, end, finder.channels()));
      renamed.put(result.name(), value.name());
    }
  }

  private Value seam(ModelCopy copy, Value value, GraphBuilder at, int channels) {
    ElementType known = model.facts().type(value);
    ElementType type = known == null ? ElementType.FLOAT : known;
    Value weight =
        at.constant(
            value.name() + "_seam_weight",
            Tensor.ofDoubles(type, new long[] {channels, channels}, identity(channels)));
    Value product = at.in(value.name() + "_seam").matMul(copy.of(value), weight);
    layers.add(product.producer().orElseThrow());
    return product;
  }

  private static double[] identity(int n) {
    double[] identity = new double[n * n];
    for (int i = 0; i < n; i++) {
      identity[i * n + i] = 1;
    }
    return identity;
  }

  /** Whether a stream begins or ends at such a layer. */
  boolean touch(Trace trace) {
    return layers.stream().anyMatch(layer -> trace.constants().all().containsKey(layer.input(1)));
  }

  /**
   * Takes out what will change nothing.
   *
   * @param changing constants that will
   */
  void removeAllBut(Set<Value> changing) {
    Stream.of(biases, layers)
        .flatMap(List::stream)
        .filter(node -> !changing.contains(node.input(1)))
        .forEach(Seams::flowOn);
  }

  /** Takes out what still changes nothing; what nobody reads any more is left. */
  void removeIdle() {
    for (Node bias : biases) {
      if (Arrays.stream(numbers(bias)).allMatch(number -> number == 0)) {
        flowOn(bias);
      }
    }
    for (Node layer : layers) {
      double[] weight = numbers(layer);
      int channels = (int) Math.round(Math.sqrt(weight.length));
      if (Arrays.equals(weight, identity(channels))) {
        flowOn(layer);
      }
    }
  }

  private static double[] numbers(Node layer) {
    return Objects.requireNonNull(ConstantValue.of(layer.input(1))).doubles();
  }

  private static void flowOn(Node layer) {
    Value result = layer.output();
    if (result.isGraphOutput()) {
      layer.graph().returnInstead(result, layer.input(0));
    }
    result.replaceAllUsesWith(layer.input(0));
  }
}
