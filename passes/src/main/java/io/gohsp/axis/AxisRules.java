package io.gohsp.axis;

import io.gohsp.ir.OpId;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** The table of axis rules, by operator. What is not in it is immovable. */
public final class AxisRules {
  private static final AxisRules STANDARD = build();

  private final Map<OpId, AxisRule> rules = new LinkedHashMap<>();

  private AxisRules() {}

  static AxisRules standard() {
    return STANDARD;
  }

  private static AxisRules build() {
    AxisRules rules = new AxisRules();
    ElementwiseAxes.register(rules);
    ReshapingAxes.register(rules);
    SegmentAxes.register(rules);
    ContractionAxes.register(rules);
    ConvolutionAxes.register(rules);
    NormalizationAxes.register(rules);
    QuantizationAxes.register(rules);
    AttentionAxes.register(rules);
    ControlFlowAxes.register(rules);
    return rules;
  }

  void add(AxisRule rule, String... types) {
    for (String type : types) {
      rules.put(OpId.of(type), rule);
    }
  }

  void addMicrosoft(AxisRule rule, String... types) {
    for (String type : types) {
      rules.put(OpId.of(OpId.MICROSOFT, type), rule);
    }
  }

  @Nullable AxisRule get(OpId op) {
    return rules.get(op);
  }

  /** Every operator with a rule, family by family. */
  public static Set<OpId> operators() {
    return Collections.unmodifiableSet(STANDARD.rules.keySet());
  }
}
