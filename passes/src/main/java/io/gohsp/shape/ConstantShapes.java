package io.gohsp.shape;

import io.gohsp.ir.Attribute;
import io.gohsp.ir.Node;
import io.gohsp.op.ConstantValue;
import io.gohsp.op.RangeOp;
import io.gohsp.op.ShapeOp;
import io.gohsp.tensor.ElementType;
import io.gohsp.tensor.Tensor;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Operators that make tensors from nothing or from the extents of others. */
final class ConstantShapes {
  private ConstantShapes() {}

  static void register(ShapeRules rules) {
    rules.standard(ConstantShapes::constant, "Constant");
    rules.standard(ConstantShapes::constantOfShape, "ConstantOfShape");
    rules.standard(ConstantShapes::shape, "Shape");
    rules.standard(ConstantShapes::size, "Size");
    rules.standard(ConstantShapes::range, "Range");
    rules.standard(ConstantShapes::random, "RandomNormal", "RandomUniform");
    rules.standard(ConstantShapes::randomLike, "RandomNormalLike", "RandomUniformLike", "EyeLike");
  }

  private static void constant(NodeFacts facts) {
    Tensor value = ConstantValue.ofNode(facts.node());
    if (value != null) {
      facts.result(0, Fact.of(value));
    }
  }

  private static void constantOfShape(NodeFacts facts) {
    Attribute attribute = facts.node().attribute("value");
    Tensor value =
        attribute != null && attribute.content() instanceof Attribute.TensorValue tensor
            ? tensor.value()
            : null;
    ElementType type = value != null ? value.type() : attribute == null ? ElementType.FLOAT : null;
    List<@Nullable Size> target = facts.elements(0);
    if (target == null) {
      facts.result(type, null);
      return;
    }
    List<Size> shape = new ArrayList<>();
    for (int axis = 0; axis < target.size(); axis++) {
      shape.add(facts.orFresh(target.get(axis), 0, axis));
    }
    facts.result(type, List.copyOf(shape));
    long[] dims = Shapes.known(shape);
    SymbolicTensor element = value == null ? null : SymbolicTensor.of(value);
    if (dims != null
        && element != null
        && SymbolicTensor.count(dims) <= SymbolicTensor.MAX_ELEMENTS) {
      facts.data(SymbolicTensor.filled(dims, element.single()));
    }
  }

  private static void shape(NodeFacts facts) {
    List<Size> shape = facts.shape(0);
    if (shape == null) {
      facts.result(ElementType.INT64, facts.freshShape(0, 1));
      return;
    }
    ShapeOp op = ShapeOp.of(facts.node());
    List<Size> extents = shape.subList(op.start(shape.size()), op.end(shape.size()));
    facts.result(ElementType.INT64, Shapes.of(extents.size()));
    facts.data(SymbolicTensor.vector(extents));
  }

  private static void size(NodeFacts facts) {
    facts.result(ElementType.INT64, Shapes.SCALAR);
    List<Size> shape = facts.shape(0);
    if (shape != null) {
      facts.data(SymbolicTensor.scalar(Shapes.product(shape)));
    }
  }

  private static void range(NodeFacts facts) {
    RangeOp op = RangeOp.of(facts.node(), facts);
    Size start = bound(facts, 0, op.start());
    Size limit = bound(facts, 1, op.limit());
    Size delta = bound(facts, 2, op.delta());
    ElementType type = facts.type(0) != null ? facts.type(0) : facts.type(1);
    Long counted = op.count();
    Size count = counted == null ? null : Size.of(counted);
    if (start != null && limit != null && delta != null && delta.isKnown() && !delta.is(0)) {
      Size span = delta.value() > 0 ? limit.minus(start) : start.minus(limit);
      Size steps = span.ceilDiv(Math.abs(delta.value()));
      count = steps.isKnown() && steps.value() < 0 ? Size.ZERO : steps;
    }
    facts.result(type, List.of(facts.orFresh(count, 0, 0)));
    boolean whole = type != null && type.isInteger(); // contents of fractions are not followed
    if (whole && start != null && delta != null && count != null && count.isKnown()) {
      if (count.value() <= SymbolicTensor.MAX_ELEMENTS) {
        List<Size> elements = new ArrayList<>();
        for (long i = 0; i < count.value(); i++) {
          elements.add(start.plus(delta.times(Size.of(i))));
        }
        facts.data(SymbolicTensor.vector(elements));
      }
    }
  }

  /**
   * A bound of a range; null if it is not known, or no whole number that a double holds exactly.
   *
   * @param number what it is if it is known as a number
   */
  private static @Nullable Size bound(NodeFacts facts, int index, @Nullable Double number) {
    if (number != null) {
      boolean whole = number == Math.rint(number) && Math.abs(number) < 1L << 53;
      return whole ? Size.of(number.longValue()) : null;
    }
    SymbolicTensor data = facts.data(index);
    ElementType type = facts.type(index);
    if (data == null && (type == ElementType.FLOAT || type == ElementType.DOUBLE)) {
      Node cast = facts.node().input(index).producer().orElse(null);
      if (cast != null && (cast.is("Cast") || cast.is("CastLike"))) {
        data = facts.fact(cast.input(0)).data(); // an extent, which these types hold
      }
    }
    return data == null ? null : data.single();
  }

  private static void random(NodeFacts facts) {
    List<Long> shape = facts.node().intsAttribute("shape");
    facts.result(
        declaredType(facts, ElementType.FLOAT),
        shape == null ? null : shape.stream().map(Size::of).toList());
  }

  private static void randomLike(NodeFacts facts) {
    facts.result(declaredType(facts, facts.type(0)), facts.shape(0));
  }

  private static @Nullable ElementType declaredType(
      NodeFacts facts, @Nullable ElementType otherwise) {
    long code = facts.node().intAttribute("dtype", 0);
    return code == 0 ? otherwise : ElementType.of(Math.toIntExact(code));
  }
}
