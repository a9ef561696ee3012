package io.gohsp.autodiff;

import io.gohsp.ir.Attribute;
import io.gohsp.ir.ModelException;
import io.gohsp.ir.Node;
import io.gohsp.ir.OpId;
import io.gohsp.ir.Value;
import io.gohsp.op.ConstantReader;
import io.gohsp.op.TransposeOp;
import io.gohsp.rewrite.GraphBuilder;
import io.gohsp.shape.ShapeFacts;
import io.gohsp.shape.Size;
import io.gohsp.tensor.ElementType;
import io.gohsp.tensor.Tensor;
import io.gohsp.tensor.TensorData;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.Function;
import java.util.function.Predicate;
import java.util.function.Supplier;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import org.jspecify.annotations.Nullable;

/**
 * Where a {@link GradientRule} writes: shapes of the node's operands and results, and nodes of the
 * operator set that lowered models have. Everything written is named after the node.
 */
public final class GradientContext implements ConstantReader {
  /** Extents that no operator lets through; ONNX reads it as "to the end". */
  private static final long END = Long.MAX_VALUE;

  private final Node node;
  private final GraphBuilder g;
  private final ShapeFacts facts;
  private final Predicate<Value> wanted;
  private final Function<Value, @Nullable Value> gradients;
  private final Map<Value, Placement> placements;

  /** A gradient that is zero but for one range of one axis. */
  record Placement(Value part, Value whole, int axis, long begin, long size) {}

  GradientContext(
      Node node,
      GraphBuilder g,
      ShapeFacts facts,
      Predicate<Value> wanted,
      Function<Value, @Nullable Value> gradients,
      Map<Value, Placement> placements) {
    this.node = node;
    this.g = g;
    this.facts = facts;
    this.wanted = wanted;
    this.gradients = gradients;
    this.placements = placements;
  }

  // What is known

  /** Whether somebody reads the gradient of input {@code index}. */
  public boolean wants(int index) {
    Value input = node.optionalInput(index);
    return input != null && wanted.test(input);
  }

  /** The gradient if {@link #wants} says that it is read, else null; for lists of gradients. */
  public @Nullable Value when(int index, Supplier<Value> gradient) {
    return wants(index) ? gradient.get() : null;
  }

  /** The same for operators with two inputs. */
  public List<@Nullable Value> both(Supplier<Value> first, Supplier<Value> second) {
    return Arrays.asList(when(0, first), when(1, second));
  }

  /** For operators whose other inputs have no gradient. */
  public List<@Nullable Value> only(Supplier<Value> first) {
    return Collections.singletonList(when(0, first));
  }

  /** The gradient of a value that later nodes read, if it is complete and there is one. */
  @Nullable Value gradientOf(Value value) {
    return gradients.apply(value);
  }

  /**
   * The extents of a value of the forward graph.
   *
   * @throws ModelException.Unsupported if not even the rank is known
   */
  public List<Size> shape(Value value) {
    List<Size> shape = facts.shape(value);
    if (shape == null) {
      throw unsupported(
          "the rank of \"" + value.name() + "\" is unknown", "export with static shapes");
    }
    return shape;
  }

  /** Whether the value was there before differentiation began. */
  boolean isForward(Value value) {
    return facts.type(value) != null || facts.shape(value) != null;
  }

  public int rank(Value value) {
    return shape(value).size();
  }

  /** The element type of a value of the forward graph. */
  public ElementType type(Value value) {
    return Objects.requireNonNullElse(facts.type(value), ElementType.FLOAT);
  }

  @Override
  public long @Nullable [] read(Value value) {
    return facts.constants(value);
  }

  /** The extents as numbers, or null if one is only known at run time. */
  public long @Nullable [] known(List<Size> shape) {
    return shape.stream().allMatch(Size::isKnown)
        ? shape.stream().mapToLong(Size::value).toArray()
        : null;
  }

  ModelException.Unsupported unsupported(String problem, String hint) {
    return new ModelException.Unsupported(node.location(), "no gradient: " + problem, hint);
  }

  // Arithmetic

  public Value add(Value a, Value b) {
    return g.add(a, b);
  }

  public Value sub(Value a, Value b) {
    return g.sub(a, b);
  }

  public Value mul(Value a, Value b) {
    return g.mul(a, b);
  }

  public Value div(Value a, Value b) {
    return g.div(a, b);
  }

  public Value neg(Value x) {
    return g.op("Neg", x);
  }

  /** {@code x} times a number; {@code x} itself if that is 1. */
  public Value times(Value x, double factor) {
    return factor == 1 ? x : g.mul(x, scalar(factor));
  }

  /** A number of the type of the node's first output. */
  public Value scalar(double number) {
    ElementType type = type(node.output());
    return g.constant("scalar", number(type, number));
  }

  private static Tensor number(ElementType type, double number) {
    if (type != ElementType.DOUBLE) {
      return Tensor.ofFloats(type, new long[0], (float) number);
    }
    ByteBuffer bytes = ByteBuffer.allocate(8).order(ByteOrder.LITTLE_ENDIAN).putDouble(number);
    return new Tensor(type, new long[0], new TensorData.Heap(bytes.flip()));
  }

  /** {@code value} in the type of {@code like}; statistics are FLOAT whatever is normalised. */
  public Value as(Value like, Value value) {
    ElementType type = type(like);
    return type == ElementType.FLOAT
        ? value
        : g.op("Cast", List.of(Attribute.of("to", (long) type.code())), value);
  }

  /** {@code dy} where the condition holds, zero elsewhere. */
  public Value gated(Value condition, Value dy) {
    return g.op("Where", condition, dy, scalar(0));
  }

  /** Any standard operator with one output; an absent input is null. */
  public Value op(String type, @Nullable Value... inputs) {
    return g.op(type, inputs);
  }

  /** The same with attributes. */
  public Value op(String type, List<Attribute> attributes, @Nullable Value... inputs) {
    return g.op(type, attributes, inputs);
  }

  public List<Value> split(Value x, int axis, long... sizes) {
    return g.split(x, axis, sizes);
  }

  /** A constant vector of whole numbers. */
  public Value longs(long... values) {
    return g.constant("longs", Tensor.ofLongs(values));
  }

  public Value constant(Tensor contents) {
    return g.constant("constant", contents);
  }

  // Matrices

  /** {@code a b}, with either read transposed if so asked; all of rank 2. */
  public Value gemm(Value a, boolean transA, Value b, boolean transB, double alpha) {
    return g.op(
        "Gemm",
        List.of(
            Attribute.of("alpha", (float) alpha),
            Attribute.of("transA", transA ? 1L : 0L),
            Attribute.of("transB", transB ? 1L : 0L)),
        a,
        b);
  }

  public Value matMul(Value a, Value b) {
    return g.matMul(a, b);
  }

  /** The last two axes swapped; ONNX Runtime folds this into the product that reads it. */
  public Value swapped(Value x, int rank) {
    long[] perm = LongStream.range(0, rank).toArray();
    perm[rank - 1] = rank - 2L;
    perm[rank - 2] = rank - 1L;
    return transpose(x, perm);
  }

  /** Output axis {@code i} is input axis {@code perm[i]}; two in a row become one or none. */
  public Value transpose(Value x, long... perm) {
    Node producer = x.producer().orElse(null);
    if (producer != null && producer.is("Transpose")) {
      List<Integer> first = TransposeOp.of(producer).perm(perm.length);
      return transpose(
          producer.input(0), Arrays.stream(perm).map(p -> first.get((int) p)).toArray());
    }
    boolean identity = IntStream.range(0, perm.length).allMatch(i -> perm[i] == i);
    return identity ? x : g.transpose(x, perm);
  }

  // Shapes

  /** A value's extents as an operand: a constant if they are known, else read at run time. */
  public Value shapeOperand(Value value) {
    long[] known = known(shape(value));
    return known != null ? longs(known) : g.op("Shape", value);
  }

  /** The extent of one axis as an INT64 vector of one element. */
  public Value extent(Value value, int axis) {
    Size size = shape(value).get(axis);
    return size.isKnown()
        ? longs(size.value())
        : g.op(
            "Shape",
            List.of(Attribute.of("start", (long) axis), Attribute.of("end", axis + 1L)),
            value);
  }

  /** The target of a Reshape: -1 where only one extent is open, else read from where they occur. */
  public Value reshapeTarget(List<Size> sizes, Value... sources) {
    long open = sizes.stream().filter(size -> !size.isKnown()).count();
    if (open > 1 || sizes.stream().anyMatch(size -> size.is(0))) {
      return extents(sizes, sources);
    }
    return longs(sizes.stream().mapToLong(size -> size.isKnown() ? size.value() : -1).toArray());
  }

  /** Extents as an operand: numbers where they are known, else read from where they occur. */
  public Value extents(List<Size> sizes, Value... sources) {
    long[] known = known(sizes);
    if (known != null) {
      return longs(known);
    }
    Value[] parts = new Value[sizes.size()];
    for (int i = 0; i < parts.length; i++) {
      Size size = sizes.get(i);
      parts[i] = size.isKnown() ? longs(size.value()) : extentOf(size, sources);
    }
    return g.concat(0, parts);
  }

  private Value extentOf(Size size, Value... sources) {
    for (Value source : sources) {
      int axis = shape(source).indexOf(size);
      if (axis >= 0) {
        return extent(source, axis);
      }
    }
    throw unsupported("an extent of " + size + " is not found", "export with a fixed batch size");
  }

  /** {@code x} with the extents of {@code like}; -1 where only one is open. */
  public Value reshapeLike(Value x, Value like) {
    List<Size> shape = shape(like);
    long open = shape.stream().filter(size -> !size.isKnown()).count();
    boolean empty = shape.stream().anyMatch(size -> size.is(0));
    return open == 1 && !empty ? reshape(x, reshapeTarget(shape)) : reshape(x, shapeOperand(like));
  }

  public Value reshape(Value x, Value target) {
    return g.op("Reshape", x, target);
  }

  public Value reshape(Value x, long... target) {
    return reshape(x, longs(target));
  }

  /** As a matrix whose columns are the last axis; {@code x} itself if it is one. */
  public Value rows(Value x, List<Size> shape) {
    Size last = shape.get(shape.size() - 1);
    if (shape.size() == 2) {
      return x;
    }
    if (last.isKnown() && last.value() > 0) {
      return reshape(x, -1, last.value());
    }
    return g.op("Flatten", List.of(Attribute.of("axis", shape.size() - 1L)), x);
  }

  public Value unsqueeze(Value x, long... axes) {
    return axes.length == 0 ? x : g.unsqueeze(x, axes);
  }

  public Value squeeze(Value x, long... axes) {
    return axes.length == 0 ? x : g.squeeze(x, axes);
  }

  public Value expandLike(Value x, Value like) {
    return g.op("Expand", x, shapeOperand(like));
  }

  /** Zeroes with the type and extents of {@code like}. */
  public Value zerosLike(Value like) {
    return zeros(shapeOperand(like));
  }

  /** Zeroes of the type of the node's output. */
  public Value zeros(Value shape) {
    Tensor zero = number(type(node.output()), 0);
    Tensor vector = new Tensor(zero.type(), new long[] {1}, zero.data());
    return g.op("ConstantOfShape", List.of(Attribute.of("value", vector)), shape);
  }

  public Value concat(int axis, Value... parts) {
    return parts.length == 1 ? parts[0] : g.concat(axis, parts);
  }

  // Sums

  /** The sum over {@code axes}; each stays with extent 1 if {@code keep}. */
  public Value sum(Value x, boolean keep, long... axes) {
    return axes.length == 0 ? x : g.reduceSum(x, keep, axes);
  }

  /**
   * Undoes broadcasting: sums a gradient over the axes along which {@code x} was repeated.
   *
   * @param from extents of the gradient
   */
  public Value sumTo(Value gradient, List<Size> from, Value x) {
    return Unbroadcast.sum(this, gradient, from, x);
  }

  // Parts

  /** Elements {@code [begin, end)} of one axis. */
  public Value slice(Value x, int axis, long begin, long end) {
    return g.op("Slice", x, longs(begin), longs(end), longs(axis));
  }

  /** Elements from {@code begin} on to the end. */
  public Value sliceFrom(Value x, int axis, long begin) {
    return slice(x, axis, begin, END);
  }

  /**
   * The gradient of {@code whole} where only a range of one axis was read: {@code part} there, zero
   * elsewhere. Where all ranges of a value are read by somebody, {@link Backward} replaces these by
   * one Concat.
   *
   * @param size of the part along the axis
   */
  public Value placed(Value part, Value whole, int axis, long begin, long size) {
    Size extent = shape(whole).get(axis);
    Value padded;
    if (extent.isKnown()) {
      long after = extent.value() - begin - size;
      if (begin == 0 && after == 0) {
        return part;
      }
      padded = pad(part, longs(begin, after), axis);
    } else {
      Value after = g.sub(extent(whole, axis), longs(begin + size));
      padded = pad(part, g.concat(0, longs(begin), after), axis);
    }
    placements.put(padded, new Placement(part, whole, axis, begin, size));
    return padded;
  }

  /** Zeroes around the ends of some axes. */
  public Value pad(Value x, Value pads, long... axes) {
    return g.op("Pad", x, pads, null, longs(axes));
  }

  /** Adds one optional output to a node of the forward graph. */
  public Value demandOutput(Node forward, int index) {
    return forward.demandOutput(index, forward.output().name() + "_" + index);
  }

  /** A standard operator with several outputs. */
  public Node node(
      String type, List<Attribute> attributes, int outputs, @Nullable Value... inputs) {
    return g.node(OpId.of(type), attributes, outputs, inputs);
  }
}
