package io.gohsp.shape;

import io.gohsp.ir.Value;
import io.gohsp.op.CastOp;
import io.gohsp.op.ConstantValue;
import io.gohsp.tensor.ElementType;
import io.gohsp.tensor.Tensor;
import java.util.ArrayList;
import java.util.List;
import java.util.function.BinaryOperator;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/** Operators that treat every element alike. */
final class ElementwiseShapes {
  private ElementwiseShapes() {}

  static void register(ShapeRules rules) {
    rules.standard(
        ElementwiseShapes::like,
        "Acos",
        "Acosh",
        "Asin",
        "Asinh",
        "Atan",
        "Atanh",
        "Bernoulli",
        "Celu",
        "Clip",
        "Cos",
        "Cosh",
        "CumProd",
        "CumSum",
        "Elu",
        "Erf",
        "Exp",
        "Gelu",
        "HardSigmoid",
        "HardSwish",
        "LeakyRelu",
        "Log",
        "Mish",
        "PRelu",
        "Reciprocal",
        "Relu",
        "Selu",
        "Shrink",
        "Sigmoid",
        "Sign",
        "Sin",
        "Sinh",
        "Softplus",
        "Softsign",
        "Sqrt",
        "Swish",
        "Tan",
        "Tanh",
        "ThresholdedRelu",
        "Trilu");
    rules.standard(unary(a -> a), "Ceil", "Floor", "Identity", "Round");
    rules.standard(unary(a -> Size.ZERO.minus(a)), "Neg");
    rules.standard(unary(ElementwiseShapes::abs), "Abs");
    rules.standard(unary(ElementwiseShapes::not), "Not");
    rules.standard(facts -> facts.result(ElementType.BOOL, facts.shape(0)), "IsInf", "IsNaN");
    rules.standard(ElementwiseShapes::dropout, "Dropout");
    rules.standard(ElementwiseShapes::cast, "Cast");
    rules.standard(facts -> castTo(facts, facts.type(1)), "CastLike");
    rules.standard(ElementwiseShapes::bitCast, "BitCast");

    rules.standard(variadic(Size::plus), "Add", "Sum");
    rules.standard(variadic(Size::minus), "Sub");
    rules.standard(variadic(Size::times), "Mul");
    rules.standard(variadic(ElementwiseShapes::divide), "Div");
    rules.standard(variadic(ElementwiseShapes::modulo), "Mod");
    rules.standard(variadic(Size::min), "Min");
    rules.standard(variadic(Size::max), "Max");
    rules.standard(
        variadic((a, b) -> null),
        "BitShift",
        "BitwiseAnd",
        "BitwiseOr",
        "BitwiseXor",
        "Mean",
        "Pow",
        "SwiGLU");
    rules.standard(unary(a -> null), "BitwiseNot");
    rules.standard(comparison(ElementwiseShapes::equal), "Equal");
    rules.standard(comparison((a, b) -> atMost(b, a, Size.of(-1))), "Greater");
    rules.standard(comparison((a, b) -> atMost(b, a, Size.ZERO)), "GreaterOrEqual");
    rules.standard(comparison((a, b) -> atMost(a, b, Size.of(-1))), "Less");
    rules.standard(comparison((a, b) -> atMost(a, b, Size.ZERO)), "LessOrEqual");
    rules.standard(comparison(Size::times), "And");
    rules.standard(comparison(Size::max), "Or");
    rules.standard(comparison((a, b) -> not(equal(a, b))), "Xor");
    rules.standard(ElementwiseShapes::where, "Where");
  }

  /** The first result is like the first operand. */
  static void like(NodeFacts facts) {
    facts.result(facts.type(0), facts.shape(0));
  }

  private static ShapeRule unary(UnaryOperator<@Nullable Size> operation) {
    return facts -> {
      like(facts);
      SymbolicTensor data = facts.data(0);
      if (data != null) {
        facts.data(data.combined(data, (a, same) -> operation.apply(a)));
      }
    };
  }

  /** Broadcasts all operands; the result has the type of the first. */
  private static ShapeRule variadic(BinaryOperator<@Nullable Size> operation) {
    return facts -> {
      broadcast(facts, facts.type(0) != null || facts.inputs() < 2 ? facts.type(0) : facts.type(1));
      combine(facts, operation);
    };
  }

  private static ShapeRule comparison(BinaryOperator<@Nullable Size> operation) {
    return facts -> {
      broadcast(facts, ElementType.BOOL);
      combine(facts, operation);
    };
  }

  private static void broadcast(NodeFacts facts, @Nullable ElementType type) {
    List<@Nullable List<Size>> shapes = new ArrayList<>();
    for (Value input : facts.node().inputs()) {
      shapes.add(input == null ? Shapes.SCALAR : facts.fact(input).shape());
    }
    if (facts.node().intAttribute("broadcast", 0)
        != 0) { // before operator set 7: B is aligned at an axis of A
      facts.result(type, shapes.get(0));
    } else {
      facts.result(type, Broadcast.shapes(facts, shapes));
    }
  }

  private static void combine(NodeFacts facts, BinaryOperator<@Nullable Size> operation) {
    long[] dims = Shapes.known(facts.result(0).shape());
    SymbolicTensor result = facts.data(0);
    if (dims == null
        || result == null
        || SymbolicTensor.count(dims) > SymbolicTensor.MAX_ELEMENTS) {
      return;
    }
    result = result.broadcastTo(dims);
    for (int i = 1; i < facts.inputs(); i++) {
      SymbolicTensor next = facts.data(i);
      if (next == null) {
        return;
      }
      result = result.combined(next.broadcastTo(dims), (a, b) -> withoutOverflow(operation, a, b));
    }
    facts.data(result);
  }

  /** Contents may legally wrap around, unlike extents; what then comes out is of no interest. */
  private static @Nullable Size withoutOverflow(
      BinaryOperator<@Nullable Size> operation, Size a, Size b) {
    try {
      return operation.apply(a, b);
    } catch (ArithmeticException overflow) {
      return null;
    }
  }

  private static @Nullable Size abs(@Nullable Size a) {
    if (a == null || a.isNonNegative()) {
      return a;
    }
    return a.isKnown() ? Size.of(Math.abs(a.value())) : null;
  }

  private static @Nullable Size not(@Nullable Size a) {
    return a == null || !a.isKnown() ? null : Size.of(a.is(0) ? 1 : 0);
  }

  /**
   * Division of whole numbers rounds towards zero, which is down where the dividend is not
   * negative. A difference such as {@code N-3} is not, in any run in which what it counts is there.
   */
  private static @Nullable Size divide(Size a, Size b) {
    if (b.is(0)) {
      return null;
    }
    if (a.isKnown() && b.isKnown()) {
      return Size.of(a.value() / b.value());
    }
    Size exact = a.dividedBy(b);
    return exact != null || !a.isPositiveAtLast() || !b.isNonNegative() ? exact : a.floorDiv(b);
  }

  private static @Nullable Size modulo(Size a, Size b) {
    boolean sameSign = a.isNonNegative() && b.isNonNegative(); // then fmod makes no difference
    return b.is(0) || !sameSign ? null : a.mod(b);
  }

  private static @Nullable Size equal(Size a, Size b) {
    if (a.equals(b)) {
      return Size.ONE;
    }
    Size difference = a.minus(b);
    boolean apart =
        difference.isKnown()
            || difference.plus(Size.of(-1)).isNonNegative()
            || b.minus(a).plus(Size.of(-1)).isNonNegative();
    return apart ? Size.ZERO : null;
  }

  /** Whether {@code a <= b + slack}; unknown if that depends on the symbols. */
  private static @Nullable Size atMost(Size a, Size b, Size slack) {
    Size room = b.plus(slack).minus(a);
    if (room.isNonNegative()) {
      return Size.ONE;
    }
    return Size.of(-1).minus(room).isNonNegative() ? Size.ZERO : null;
  }

  private static void dropout(NodeFacts facts) {
    like(facts);
    facts.result(1, facts.opset() < 10 ? facts.type(0) : ElementType.BOOL, facts.shape(0));
  }

  private static void cast(NodeFacts facts) {
    castTo(facts, CastOp.of(facts.node()).to());
  }

  /** The same bits read as another type of the same width. */
  private static void bitCast(NodeFacts facts) {
    facts.result(CastOp.of(facts.node()).to(), facts.shape(0));
  }

  private static void castTo(NodeFacts facts, @Nullable ElementType to) {
    facts.result(to, facts.shape(0));
    SymbolicTensor data = facts.data(0);
    if (to == null) {
      return;
    }
    switch (to) {
      case INT64, INT32, UINT64, UINT32 ->
          facts.data(data != null ? data : wholeNumbers(facts.node().input(0), to));
      case BOOL -> {
        if (data != null) {
          facts.data(data.combined(data, (a, same) -> not(equal(a, Size.ZERO))));
        }
      }
      default -> {} // fractions are not followed, and narrow types wrap around
    }
  }

  /**
   * What a cast to 32 or 64 bits makes of a constant of fractions: they are rounded towards zero;
   * those that 31 bits do not hold are unknown. Null if the value is no such constant, or a large
   * one.
   */
  private static @Nullable SymbolicTensor wholeNumbers(Value value, ElementType to) {
    Tensor constant = ConstantValue.of(value);
    if (constant == null
        || !Tensor.holdsFloats(constant.type())
        || constant.size() > SymbolicTensor.MAX_ELEMENTS) {
      return null;
    }
    double lowest = to == ElementType.INT64 || to == ElementType.INT32 ? Integer.MIN_VALUE : -1;
    List<@Nullable Size> numbers = new ArrayList<>();
    for (double number : constant.doubles()) {
      boolean fits = number > lowest && number < Integer.MAX_VALUE; // false for NaN
      numbers.add(fits ? Size.of((long) number) : null);
    }
    return new SymbolicTensor(constant.dims(), numbers);
  }

  private static void where(NodeFacts facts) {
    ElementType type = facts.type(1) != null ? facts.type(1) : facts.type(2);
    broadcast(facts, type);
    long[] dims = Shapes.known(facts.result(0).shape());
    SymbolicTensor condition = facts.dataOrUnknown(0);
    SymbolicTensor yes = facts.dataOrUnknown(1);
    SymbolicTensor no = facts.dataOrUnknown(2);
    if (dims == null
        || condition == null
        || yes == null
        || no == null
        || (facts.data(1) == null && facts.data(2) == null)
        || SymbolicTensor.count(dims) > SymbolicTensor.MAX_ELEMENTS) {
      return;
    }
    condition = condition.broadcastTo(dims);
    yes = yes.broadcastTo(dims);
    no = no.broadcastTo(dims);
    List<@Nullable Size> chosen = new ArrayList<>();
    for (int i = 0; i < condition.elements().size(); i++) {
      Size test = condition.element(i);
      Size a = yes.element(i);
      Size b = no.element(i);
      if (test == null || !test.isKnown()) {
        chosen.add(a != null && a.equals(b) ? a : null);
      } else {
        chosen.add(test.is(0) ? b : a);
      }
    }
    facts.data(new SymbolicTensor(dims, chosen));
  }
}
