package io.gohsp.lower;

import io.gohsp.ir.AtNode;
import io.gohsp.ir.IrVerifier;
import io.gohsp.ir.Model;
import io.gohsp.ir.ModelCopy;
import io.gohsp.ir.Node;
import io.gohsp.ir.OpId;
import io.gohsp.ir.Value;
import io.gohsp.normalize.InlineFunctions;
import io.gohsp.normalize.OneBatch;
import io.gohsp.normalize.SeparateParameters;
import io.gohsp.shape.ShapeFacts;
import io.gohsp.shape.ShapeInference;
import java.util.Collections;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** The table of operators that are taken apart, and the walk that does it. */
public final class Lowering {
  private static final Map<OpId, LoweringRule> RULES = new LinkedHashMap<>();
  private static final Set<OpId> PATTERNS = new LinkedHashSet<>();

  /** Comes first: what it brings to the main graph is to be lowered too. */
  private static final Map<OpId, LoweringRule> BRANCHES = Map.of(OpId.of("If"), Branches::lower);

  static {
    FusedLayers.register();
    FusedAttention.register();
    StandardAttention.register();
    RotaryParts.register();
    PatchEmbedding.register();
    GeluParts.register();
    SafeSoftmax.register();
  }

  private final Model model;
  private final Map<Value, Value> replacements = new LinkedHashMap<>();
  private final Map<Value, Value> replaced = new HashMap<>();

  private Lowering(Model model) {
    this.model = model;
  }

  static void standard(LoweringRule rule, String type) {
    RULES.put(OpId.of(type), rule);
  }

  static void microsoft(LoweringRule rule, String type) {
    RULES.put(OpId.of(OpId.MICROSOFT, type), rule);
  }

  /** A rule that leaves most uses of its operator as they are. */
  static void pattern(LoweringRule rule, String type) {
    standard(rule, type);
    PATTERNS.add(OpId.of(type));
  }

  /** The operators that are taken apart wherever they occur: none is left in a lowered model. */
  public static Set<OpId> operators() {
    Set<OpId> always = new LinkedHashSet<>(RULES.keySet());
    always.removeAll(PATTERNS);
    return Collections.unmodifiableSet(always);
  }

  /** The operators that are rewritten in some uses only. */
  public static Set<OpId> patterns() {
    Set<OpId> some = new LinkedHashSet<>(PATTERNS);
    some.addAll(BRANCHES.keySet());
    return Collections.unmodifiableSet(some);
  }

  /**
   * Lowers a copy of the model, for samples to be fed to ({@link OneBatch}); the original stays as
   * it is.
   *
   * @throws io.gohsp.ir.ModelException.Unsupported if a fused operator is used in a way that has no
   *     rule, or the operator set is too old
   */
  public static LoweredModel of(Model original) {
    ModelCopy copy = ModelCopy.of(original);
    Model model = copy.model();
    OneBatch.run(model);
    InlineFunctions.run(model);
    SeparateParameters.run(model);
    Declarations.forget(model);
    OperatorSetUpgrade.run(model);
    WidenHalves.run(model);
    Lowering lowering = new Lowering(model);
    if (model.graph().nodes().stream().anyMatch(node -> BRANCHES.containsKey(node.op()))) {
      lowering.run(BRANCHES, ShapeInference.of(model));
      lowering.replaced.clear(); // what is chosen has shapes of its own from now on
    }
    lowering.run(RULES, ShapeInference.of(model));
    IrVerifier.verify(model);
    Map<Value, Value> values = new HashMap<>();
    copy.values().forEach((from, to) -> values.put(from, lowering.current(to)));
    return new LoweredModel(model, values);
  }

  private Value current(Value value) {
    return replacements.getOrDefault(value, value);
  }

  private void run(Map<OpId, LoweringRule> rules, ShapeFacts facts) {
    for (Node node : model.graph().nodes()) {
      LoweringRule rule = rules.get(node.op());
      if (rule == null) {
        continue;
      }
      if (rules == RULES && !PATTERNS.contains(node.op())) {
        KnownAttributes.require(node);
      }
      List<@Nullable Value> results =
          AtNode.get(node, () -> rule.lower(node, new LoweringContext(node, facts, replaced)));
      if (results.isEmpty()) {
        continue; // the rule leaves this use as it is
      }
      replace(node, results);
    }
  }

  private void replace(Node node, List<@Nullable Value> results) {
    for (int i = 0; i < node.outputs().size(); i++) {
      Value output = node.outputs().get(i);
      Value result = i < results.size() ? results.get(i) : null;
      if (output == null) {
        continue;
      }
      if (result != null) {
        replaceValue(output, result);
      } else if (output.isUsed()) {
        throw new LoweringContext(node, ShapeInference.of(model), replaced)
            .unsupported("somebody reads output " + i);
      }
    }
    model.graph().remove(node);
  }

  private void replaceValue(Value old, Value replacement) {
    old.replaceAllUsesWith(replacement);
    List<Value> returned = model.graph().outputs();
    for (int i = 0; i < returned.size(); i++) {
      if (returned.get(i) == old) {
        model.graph().setOutput(i, replacement);
      }
    }
    replacements.put(old, replacement);
    replaced.put(replacement, old);
  }
}
