package io.gohsp.autodiff;

import io.gohsp.ir.ModelException;
import io.gohsp.ir.OpId;
import io.gohsp.ir.Value;
import io.gohsp.shape.Size;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The table of gradient rules. An operator has a rule, or is declared to let no gradient through
 * (its result does not change when its operands change a little), or is absent: then a loss that
 * depends on parameters through it cannot be differentiated. Quantised operators are absent for
 * good, and a refusal says so.
 *
 * <p>Fused operators are absent on purpose: {@link io.gohsp.lower.Lowering} takes them apart first.
 */
public final class GradientRules {
  private static final GradientRules STANDARD = new GradientRules();

  static {
    ArithmeticGradients.register(STANDARD);
    ActivationGradients.register(STANDARD);
    ContractionGradients.register(STANDARD);
    NormalizationGradients.register(STANDARD);
    ConvolutionGradients.register(STANDARD);
    PoolingGradients.register(STANDARD);
    ReductionGradients.register(STANDARD);
    LayoutGradients.register(STANDARD);
    SegmentGradients.register(STANDARD);
    IndexingGradients.register(STANDARD);
    STANDARD.gradientFree(
        "And",
        "ArgMax",
        "ArgMin",
        "BitwiseAnd",
        "BitwiseNot",
        "BitwiseOr",
        "BitwiseXor",
        "Ceil",
        "Constant",
        "ConstantOfShape",
        "Equal",
        "EyeLike",
        "Floor",
        "Greater",
        "GreaterOrEqual",
        "Hardmax",
        "IsInf",
        "IsNaN",
        "Less",
        "LessOrEqual",
        "NonZero",
        "Not",
        "OneHot",
        "Or",
        "Range",
        "Round",
        "Shape",
        "Sign",
        "Size",
        "Xor");
    STANDARD.quantised(
        OpId.of("ConvInteger"),
        OpId.of("DequantizeLinear"),
        OpId.of("DynamicQuantizeLinear"),
        OpId.of("MatMulInteger"),
        OpId.of("QLinearConv"),
        OpId.of("QLinearMatMul"),
        OpId.of("QuantizeLinear"));
    for (String type :
        List.of(
            "DequantizeLinear",
            "DynamicQuantizeMatMul",
            "MatMulBnb4",
            "MatMulInteger16",
            "MatMulIntegerToFloat",
            "MatMulNBits",
            "QAttention",
            "QGemm",
            "QLinearAdd",
            "QLinearAveragePool",
            "QLinearConcat",
            "QLinearConv",
            "QLinearGlobalAveragePool",
            "QLinearLeakyRelu",
            "QLinearMul",
            "QLinearSigmoid",
            "QLinearSoftmax",
            "QLinearWhere",
            "QuantizeLinear")) {
      STANDARD.quantised(OpId.of(OpId.MICROSOFT, type));
    }
  }

  private final Map<OpId, GradientRule> rules = new LinkedHashMap<>();
  private final Set<OpId> gradientFree = new LinkedHashSet<>();
  private final Set<OpId> quantised = new LinkedHashSet<>();

  private GradientRules() {}

  public static GradientRules standard() {
    return STANDARD;
  }

  /** The operators that have a rule, by family. */
  public Set<OpId> operators() {
    return Collections.unmodifiableSet(rules.keySet());
  }

  /** The operators declared to let no gradient through. */
  public Set<OpId> gradientFree() {
    return Collections.unmodifiableSet(gradientFree);
  }

  /** Whether the operator has no rule because it computes with whole numbers, and never will. */
  boolean isQuantised(OpId op) {
    return quantised.contains(op);
  }

  @Nullable GradientRule of(OpId op) {
    return rules.get(op);
  }

  /** One rule for operators with any number of outputs. */
  void all(GradientRule rule, String... types) {
    for (String type : types) {
      if (rules.put(OpId.of(type), rule) != null) {
        throw new IllegalStateException("two gradient rules for " + type);
      }
    }
  }

  /** One rule for operators of which only the first output is differentiable. */
  void one(GradientRule.OfOneOutput rule, String... types) {
    all(
        (node, gradients, g) -> {
          if (gradients.stream().skip(1).anyMatch(extra -> extra != null)) {
            throw new ModelException.Unsupported(
                node.location(),
                "has no gradient for its outputs after the first",
                "train the parameters that do not reach the loss through them");
          }
          Value dy = gradients.get(0);
          return dy == null ? List.of() : rule.backward(node, dy, g);
        },
        types);
  }

  /**
   * One rule for operators that repeat their operands along extents of 1: the rule may return
   * gradients of the output's shape, they are summed to the operands' shapes here.
   */
  void broadcasting(GradientRule.OfOneOutput rule, String... types) {
    one(
        (node, dy, g) -> {
          List<@Nullable Value> gradients = rule.backward(node, dy, g);
          List<@Nullable Value> summed = new ArrayList<>();
          List<Size> from = g.shape(node.output());
          for (int i = 0; i < gradients.size(); i++) {
            Value gradient = gradients.get(i);
            summed.add(gradient == null ? null : g.sumTo(gradient, from, node.input(i)));
          }
          return summed;
        },
        types);
  }

  private void quantised(OpId... operators) {
    quantised.addAll(List.of(operators));
  }

  private void gradientFree(String... types) {
    for (String type : types) {
      if (rules.containsKey(OpId.of(type)) || !gradientFree.add(OpId.of(type))) {
        throw new IllegalStateException("two declarations for " + type);
      }
    }
  }
}
