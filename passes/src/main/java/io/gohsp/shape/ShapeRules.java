package io.gohsp.shape;

import io.gohsp.ir.OpId;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** The table of shape rules: one row per operator, filled family by family. */
public final class ShapeRules {
  private static final ShapeRules STANDARD = new ShapeRules();

  static {
    ElementwiseShapes.register(STANDARD);
    ReshapingShapes.register(STANDARD);
    IndexingShapes.register(STANDARD);
    ContractionShapes.register(STANDARD);
    ReductionShapes.register(STANDARD);
    NormalisationShapes.register(STANDARD);
    ConvolutionShapes.register(STANDARD);
    ConstantShapes.register(STANDARD);
    RecurrentShapes.register(STANDARD);
    ControlFlowShapes.register(STANDARD);
    AttentionShapes.register(STANDARD);
    QuantisationShapes.register(STANDARD);
    FusedShapes.register(STANDARD);
  }

  private final Map<OpId, ShapeRule> rules = new LinkedHashMap<>();

  private ShapeRules() {}

  public static ShapeRules standard() {
    return STANDARD;
  }

  /** The operators that have a rule, by family. */
  public Set<OpId> operators() {
    return Collections.unmodifiableSet(rules.keySet());
  }

  @Nullable ShapeRule of(OpId op) {
    return rules.get(op);
  }

  /** One rule for standard operators. */
  void standard(ShapeRule rule, String... types) {
    for (String type : types) {
      add(OpId.of(type), rule);
    }
  }

  /** One rule for ONNX Runtime's operators. */
  void microsoft(ShapeRule rule, String... types) {
    for (String type : types) {
      add(OpId.of(OpId.MICROSOFT, type), rule);
    }
  }

  private void add(OpId op, ShapeRule rule) {
    if (rules.put(op, rule) != null) {
      throw new IllegalStateException("two shape rules for " + op);
    }
  }
}
