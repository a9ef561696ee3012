package io.gohsp.shape;

import io.gohsp.ir.Graph;
import io.gohsp.ir.ModelException;
import io.gohsp.ir.Node;
import io.gohsp.ir.Value;
import io.gohsp.op.Axes;
import io.gohsp.op.ConstantReader;
import io.gohsp.tensor.ElementType;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * One node as a {@link ShapeRule} sees it: facts about its operands, and room for those about its
 * results.
 */
final class NodeFacts implements ConstantReader {
  /** No operator of any runtime takes a tensor of more axes. */
  static final int MAX_RANK = 64;

  private final Node node;
  private final ShapeInference analysis;
  private final Fact[] results;

  NodeFacts(Node node, ShapeInference analysis) {
    this.node = node;
    this.analysis = analysis;
    this.results = new Fact[node.outputs().size()];
    Arrays.fill(results, Fact.UNKNOWN);
  }

  Node node() {
    return node;
  }

  /** The version of the standard operators. */
  int opset() {
    return node.graph().model().opset();
  }

  private Fact operand(int index) {
    Value value = node.optionalInput(index);
    return value == null ? Fact.UNKNOWN : analysis.fact(value);
  }

  boolean has(int index) {
    return node.optionalInput(index) != null;
  }

  /** How many inputs are listed, absent ones included. */
  int inputs() {
    return node.inputs().size();
  }

  int outputs() {
    return node.outputs().size();
  }

  /** Null if the rank is unknown or the operand absent. */
  @Nullable List<Size> shape(int index) {
    return operand(index).shape();
  }

  /**
   * The same, for operators that take only certain ranks.
   *
   * @throws ModelException.Malformed if the rank is known and none of {@code ranks}
   */
  @Nullable List<Size> shape(int index, Integer... ranks) {
    List<Size> shape = shape(index);
    if (shape != null && !Arrays.asList(ranks).contains(shape.size())) {
      throw malformed(
          "input " + index + " of shape " + shape + " should have rank " + Arrays.toString(ranks));
    }
    return shape;
  }

  @Nullable ElementType type(int index) {
    return operand(index).type();
  }

  @Nullable SymbolicTensor data(int index) {
    return operand(index).data();
  }

  /**
   * The contents of an operand, with unknown elements where nothing is known; null if its extents
   * are unknown.
   */
  @Nullable SymbolicTensor dataOrUnknown(int index) {
    SymbolicTensor data = data(index);
    long[] dims = Shapes.known(shape(index));
    if (data != null || dims == null || SymbolicTensor.count(dims) > SymbolicTensor.MAX_ELEMENTS) {
      return data;
    }
    return SymbolicTensor.filled(dims, null);
  }

  /**
   * All elements of a vector operand; unknown ones null; null if not even their number is known.
   */
  @Nullable List<@Nullable Size> elements(int index) {
    SymbolicTensor data = dataOrUnknown(index);
    return data == null ? null : data.elements();
  }

  @Override
  public long @Nullable [] read(Value value) {
    return ShapeFacts.constants(value, analysis.fact(value));
  }

  int axis(long axis, int rank) {
    return Axes.normalize(node, axis, rank);
  }

  /** States type and extents of a result; does nothing if the output is absent. */
  void result(int index, @Nullable ElementType type, @Nullable List<Size> shape) {
    if (shape != null) {
      if (shape.size() > MAX_RANK) {
        throw malformed("the result would have " + shape.size() + " axes");
      }
      if (shape.stream().anyMatch(extent -> extent.isKnown() && extent.value() < 0)) {
        throw malformed("the result would have the shape " + shape);
      }
    }
    if (index < results.length) {
      results[index] = new Fact(type, shape, null);
    }
  }

  void result(@Nullable ElementType type, @Nullable List<Size> shape) {
    result(0, type, shape);
  }

  /** States the contents of a result whose extents are stated already. */
  void data(int index, @Nullable SymbolicTensor data) {
    if (index < results.length
        && data != null
        && data.elements().size() <= SymbolicTensor.MAX_ELEMENTS) {
      results[index] = new Fact(results[index].type(), results[index].shape(), data);
    }
  }

  void data(@Nullable SymbolicTensor data) {
    data(0, data);
  }

  /** A symbol for an extent of a result that nothing determines. */
  Size fresh(int output, int axis) {
    Value value = node.optionalOutput(output);
    return value == null ? Size.symbol("?") : analysis.symbols().of(value, axis);
  }

  /** As many undetermined extents as {@code rank} says. */
  List<Size> freshShape(int output, int rank) {
    List<Size> shape = new ArrayList<>();
    for (int axis = 0; axis < rank; axis++) {
      shape.add(fresh(output, axis));
    }
    return Collections.unmodifiableList(shape);
  }

  /** The size, or a symbol for an undetermined extent of a result. */
  Size orFresh(@Nullable Size size, int output, int axis) {
    return size != null ? size : fresh(output, axis);
  }

  /**
   * Analyses a nested graph of the node; nothing is known of its inputs beyond what they declare.
   */
  void walk(Graph subgraph) {
    analysis.walk(subgraph);
  }

  /** What is known about a value of a nested graph. */
  Fact fact(Value value) {
    return analysis.fact(value);
  }

  /** States all about an input of a nested graph, or forgets it. */
  void assume(Value input, Fact fact) {
    analysis.assume(input, fact);
  }

  /** States all about a result. */
  void result(int index, Fact fact) {
    if (index < results.length) {
      results[index] = fact;
    }
  }

  Fact result(int index) {
    return results[index];
  }

  /** Takes two extents position by position: they are one in every run, unless one of them is 1. */
  void meet(Size a, Size b) {
    analysis.meet(a, b);
  }

  FreshSymbols symbols() {
    return analysis.symbols();
  }

  ModelException.Malformed malformed(String problem) {
    return new ModelException.Malformed(node.location(), problem);
  }
}
