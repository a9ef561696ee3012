package io.gohsp.linear;

import io.gohsp.ir.Attribute;
import io.gohsp.ir.Graph;
import io.gohsp.ir.IrVerifier;
import io.gohsp.ir.Location;
import io.gohsp.ir.Model;
import io.gohsp.ir.ModelCopy;
import io.gohsp.ir.ModelException;
import io.gohsp.ir.Node;
import io.gohsp.ir.Value;
import io.gohsp.ir.ValueType;
import io.gohsp.lower.Lowering;
import io.gohsp.normalize.RemoveUnused;
import io.gohsp.normalize.WorkingModel;
import io.gohsp.rewrite.GraphBuilder;
import io.gohsp.shape.ShapeInference;
import io.gohsp.tensor.ElementType;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashSet;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Which tokens of a sample count. Padding is what no query looks at: what an input of the model
 * keeps from a Softmax. That is read off the attention itself, so that masks of any form (ones and
 * zeroes, booleans of either sense, numbers to be added, lengths, the id of padding) mean what they
 * do to the model.
 *
 * @param model takes the model's inputs, as far as it needs them, and returns {@link #weights}
 * @param input the graph input that keeps tokens out; its first extent is the batch, its last the
 *     tokens
 * @param weights FLOAT [batch, tokens], 1 for a token that counts and 0 for another
 */
public record TokenMask(Model model, String input, String weights) {
  /** What measuring graphs call an input for {@link #weights}. */
  public static final String FED = "gohsp/tokens";

  /** Between a mask and the scores nothing mixes tokens, or looks anything up by them. */
  private static final Set<String> ELEMENTWISE =
      Set.of(
          "Add",
          "Sub",
          "Mul",
          "Div",
          "Min",
          "Max",
          "Neg",
          "Clip",
          "Where",
          "Cast",
          "CastLike",
          "Not",
          "And",
          "Or",
          "Equal",
          "Greater",
          "GreaterOrEqual",
          "Less",
          "LessOrEqual",
          "Identity",
          "Reshape",
          "Unsqueeze",
          "Squeeze",
          "Flatten",
          "Expand",
          "Tile",
          "Transpose",
          "Slice",
          "Concat",
          "Split",
          "Pad",
          "IsNaN",
          "IsInf",
          "ReduceSum",
          "ReduceMin",
          "ReduceMax",
          "CumSum",
          "ArgMax",
          "Sign");

  /** Only what is picked from is followed, not what says where. */
  private static final Set<String> PICKING =
      Set.of("Gather", "GatherND", "GatherElements", "ScatterND", "ScatterElements", "Trilu");

  /** Whether samples are texts: numbers of tokens, which may be padded. */
  public static boolean isAskedOf(Model model) {
    return model.graph().inputs().stream()
        .anyMatch(
            input ->
                input.constant() == null
                    && input.type() instanceof ValueType.TensorType type
                    && (type.element() == ElementType.INT64
                        || type.element() == ElementType.INT32));
  }

  /**
   * The mask of a model.
   *
   * @param input as in {@link #named}; null to find it
   * @return null if nothing keeps a token out
   * @throws ModelException.Unsupported if the model has no input of that name
   */
  public static @Nullable TokenMask of(Model model, @Nullable String input) {
    return input == null ? find(model).orElse(null) : named(model, input);
  }

  /** Finds it; empty if no input keeps a token out. */
  public static Optional<TokenMask> find(Model model) {
    Model copy = lowered(model);
    return softmax(copy.graph())
        .map(node -> of(copy, Objects.requireNonNull(source(node.input(0))), node.output()));
  }

  /** The name of the input that keeps tokens out of a lowered graph; null if none does. */
  public static @Nullable String inputOf(Graph lowered) {
    return softmax(lowered)
        .map(node -> Objects.requireNonNull(source(node.input(0))).name())
        .orElse(null);
  }

  /** The first that an input reaches. */
  private static Optional<Node> softmax(Graph graph) {
    return graph.nodes().stream()
        .filter(node -> node.is("Softmax") && source(node.input(0)) != null)
        .findFirst();
  }

  /**
   * Takes an input at its word.
   *
   * @param input [batch, tokens] or with axes between, true or not 0 where a token counts
   * @throws ModelException.Unsupported if the model has no such input
   */
  public static TokenMask named(Model model, String input) {
    Model copy = ModelCopy.of(model).model();
    GraphBuilder g = GraphBuilder.appendingTo(copy.graph()).in(FED);
    Value mask = requireInput(model, copy.graph(), input);
    return of(copy, mask, cast(g, cast(g, mask, ElementType.BOOL), ElementType.FLOAT));
  }

  /**
   * Likewise, written into a graph with the model's inputs.
   *
   * @return FLOAT [batch, tokens]
   */
  public static Value append(Graph graph, Model model, String input) {
    GraphBuilder g = GraphBuilder.appendingTo(graph).in(FED);
    Value mask = requireInput(model, graph, input);
    return weights(g, mask, cast(g, cast(g, mask, ElementType.BOOL), ElementType.FLOAT));
  }

  /**
   * Whether some layer reads as many rows of a sample as {@link #input} has numbers on its last
   * axis, as far as the model's graph tells; if not, layers are measured on all tokens ({@link
   * TokenRows}). True where no layer is understood, of which none is measured.
   */
  public boolean isOfTokens(Model masked) {
    Model copy = measured(masked);
    TokenRows rows = new TokenRows(copy.graph(), ShapeInference.of(copy), input);
    List<LinearLayer> layers =
        copy.graph().nodes().stream().flatMap(node -> LinearLayer.find(node).stream()).toList();
    return layers.isEmpty() || layers.stream().map(Activation::of).anyMatch(rows::areTokens);
  }

  private static Model measured(Model model) {
    try {
      return WorkingModel.forSamples(model).model();
    } catch (ModelException.Unsupported asItIs) {
      return ModelCopy.of(model).model();
    }
  }

  private static Value requireInput(Model model, Graph graph, String input) {
    List<String> names =
        graph.inputs().stream().filter(v -> v.constant() == null).map(Value::name).toList();
    return graph.inputs().stream()
        .filter(value -> value.name().equals(input) && value.constant() == null)
        .findFirst()
        .orElseThrow(
            () ->
                new ModelException.Unsupported(
                    Location.of(model),
                    "has no input \"%s\" to say which tokens count; it has %s"
                        .formatted(input, names),
                    "name one of them, or leave out --mask"));
  }

  private static Model lowered(Model model) {
    try {
      return Lowering.of(model).model();
    } catch (ModelException.Unsupported asItIs) {
      return ModelCopy.of(model).model();
    }
  }

  /** The input that reaches a value; null if none does. */
  private static @Nullable Value source(Value scores) {
    Deque<Value> open = new ArrayDeque<>(List.of(scores));
    Set<Value> seen = new HashSet<>();
    while (!open.isEmpty()) {
      Value value = open.pop();
      if (value.isGraphInput() && value.constant() == null) {
        return value;
      }
      Node node = value.producer().orElse(null);
      if (node != null && seen.add(value)) {
        String type = node.op().type();
        Stream<Value> followed =
            ELEMENTWISE.contains(type)
                ? node.presentInputs()
                : PICKING.contains(type) ? node.presentInputs().limit(1) : Stream.empty();
        followed.forEach(open::push);
      }
    }
    return null;
  }

  /**
   * @param looked not negative, more than 0 where somebody looks at a token; the batch is its first
   *     axis, perhaps together with others, and tokens are its last
   */
  private static TokenMask of(Model model, Value input, Value looked) {
    Graph graph = model.graph();
    Value weights = weights(GraphBuilder.appendingTo(graph).in(FED), input, looked);
    graph.clearOutputs();
    graph.addOutput(weights);
    RemoveUnused.run(model, Set.of());
    graph.inputs().stream().filter(value -> !value.isUsed()).forEach(graph::removeInput);
    IrVerifier.verify(model);
    return new TokenMask(model, input.name(), weights.name());
  }

  private static Value weights(GraphBuilder g, Value input, Value looked) {
    Value zero = g.longs(0);
    Value one = g.longs(1);
    Value batch = g.op("Slice", g.op("Shape", input), zero, one);
    Value last = g.longs(-1);
    Value tokens = g.op("Slice", g.op("Shape", looked), last, g.longs(Integer.MAX_VALUE));
    Value shape = g.concat(0, batch, last, tokens);
    Value sum = g.reduceSum(g.op("Reshape", looked, shape), false, 1);
    Value positive = g.op("Greater", cast(g, sum, ElementType.FLOAT), g.scalar(0));
    return cast(g.as("weights"), positive, ElementType.FLOAT);
  }

  private static Value cast(GraphBuilder g, Value value, ElementType type) {
    return g.op("Cast", List.of(Attribute.of("to", (long) type.code())), value);
  }
}
