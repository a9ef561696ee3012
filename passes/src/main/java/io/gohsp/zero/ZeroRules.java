package io.gohsp.zero;

import io.gohsp.ir.OpId;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The table of zero rules, by operator. Of the results of an operator that is not in it (Exp,
 * Sigmoid, Softmax, norms, anything unknown) nothing is known to be zero.
 *
 * <p>Products with zero are taken to be zero, and so is zero divided by anything: where a model
 * computes an infinity or NaN there, its output is not a number anyway.
 */
public final class ZeroRules {
  private static final ZeroRules STANDARD = build();

  private final Map<OpId, ZeroRule> rules = new LinkedHashMap<>();

  private ZeroRules() {}

  static ZeroRules standard() {
    return STANDARD;
  }

  private static ZeroRules build() {
    ZeroRules rules = new ZeroRules();
    ElementwiseZeros.register(rules);
    ReshapingZeros.register(rules);
    SegmentZeros.register(rules);
    ContractionZeros.register(rules);
    BlockwiseZeros.register(rules);
    ConvolutionZeros.register(rules);
    ReductionZeros.register(rules);
    QuantizationZeros.register(rules);
    AttentionZeros.register(rules);
    ControlFlowZeros.register(rules);
    return rules;
  }

  void add(ZeroRule rule, String... types) {
    for (String type : types) {
      rules.put(OpId.of(type), rule);
    }
  }

  void addMicrosoft(ZeroRule rule, String... types) {
    for (String type : types) {
      rules.put(OpId.of(OpId.MICROSOFT, type), rule);
    }
  }

  @Nullable ZeroRule get(OpId op) {
    return rules.get(op);
  }

  /** Every operator with a rule, family by family. */
  public static Set<OpId> operators() {
    return Collections.unmodifiableSet(STANDARD.rules.keySet());
  }
}
