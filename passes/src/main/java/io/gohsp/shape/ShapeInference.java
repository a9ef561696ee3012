package io.gohsp.shape;

import io.gohsp.ir.AtNode;
import io.gohsp.ir.Function;
import io.gohsp.ir.Graph;
import io.gohsp.ir.Model;
import io.gohsp.ir.ModelException;
import io.gohsp.ir.Node;
import io.gohsp.ir.OpId;
import io.gohsp.ir.Value;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Walks a model once and derives the type, extents and small contents of every value from the
 * operators. Declarations matter for graph inputs and where no rule has an answer; elsewhere a
 * declaration that contradicts the operators is out of date and ignored. Changes nothing.
 *
 * <p>Each call of a local function is walked on its own; a value of the body then has what all
 * calls agree on.
 */
public final class ShapeInference {
  /** Calls nested deeper than this are taken for a function that calls itself. */
  private static final int MAX_CALL_DEPTH = 64;

  private final Map<Value, Fact> facts = new HashMap<>(); // values compare by identity
  private final Map<OpId, Function> functions = new HashMap<>();
  private final FreshSymbols symbols = new FreshSymbols();
  private final ShapeRules rules = ShapeRules.standard();
  private final java.util.function.@Nullable Function<Value, @Nullable List<Size>> known;
  private final ShapeEffort effort;
  private final Set<ShapeFacts.Met> met = new LinkedHashSet<>();
  private int callDepth;

  /** How many bodies of If, Loop and Scan this is in; they need not run. */
  private int bodies;

  private ShapeInference(
      Model model, java.util.function.@Nullable Function<Value, @Nullable List<Size>> known) {
    this.known = known;
    this.effort = new ShapeEffort(model);
    model.functions().forEach(function -> functions.put(function.id(), function));
  }

  /**
   * @throws ModelException.Malformed naming the first node whose operands contradict each other
   */
  public static ShapeFacts of(Model model) {
    ShapeInference analysis = new ShapeInference(model, null);
    analysis.walk(model.graph());
    return new ShapeFacts(analysis.facts, analysis.met);
  }

  /** How many steps {@link #of} takes. */
  static long steps(Model model) {
    ShapeInference analysis = new ShapeInference(model, null);
    analysis.walk(model.graph());
    return analysis.effort.spent();
  }

  /**
   * Takes the extents of values as given and derives only types and small contents: what shape
   * arithmetic will compute once everything has those extents, even while some operand does not go
   * with them yet.
   *
   * @param extents the extents a value will have; null where they are to be derived
   */
  public static ShapeFacts assuming(
      Model model, java.util.function.Function<Value, @Nullable List<Size>> extents) {
    ShapeInference analysis = new ShapeInference(model, extents);
    analysis.walk(model.graph());
    return new ShapeFacts(analysis.facts, analysis.met);
  }

  Fact fact(Value value) {
    return facts.getOrDefault(value, Fact.UNKNOWN);
  }

  FreshSymbols symbols() {
    return symbols;
  }

  void meet(Size a, Size b) {
    boolean told = a.isKnown() && b.isKnown();
    if (bodies == 0 && !told && !a.equals(b) && !a.is(1) && !b.is(1)) {
      met.add(new ShapeFacts.Met(a, b));
    }
  }

  /** States all about an input before its graph is walked. */
  void assume(Value input, Fact fact) {
    facts.put(input, fact);
  }

  void walk(Graph graph) {
    for (Value initializer : graph.initializers()) {
      facts.put(
          initializer,
          initializer.constant() == null
              ? Fact.declared(initializer, symbols)
              : Fact.of(initializer.constant()));
    }
    for (Value input : graph.inputs()) {
      facts.computeIfAbsent(input, i -> Fact.declared(i, symbols));
    }
    graph.nodes().forEach(this::infer);
  }

  private void infer(Node node) {
    Function function = functions.get(node.op());
    if (function != null) {
      call(function, node);
    } else {
      apply(node);
    }
    effort.spend(node, this::fact);
    node.presentOutputs().forEach(this::completeByDeclaration);
    if (known != null) {
      node.presentOutputs().forEach(this::takeAsGiven);
    }
  }

  private void takeAsGiven(Value output) {
    List<Size> shape = Objects.requireNonNull(known).apply(output);
    if (shape != null && !shape.equals(fact(output).shape())) {
      facts.put(output, new Fact(fact(output).type(), shape, null));
    }
  }

  private void completeByDeclaration(Value output) {
    if (output.type() != null) {
      facts.put(output, fact(output).orElse(Fact.declared(output, symbols), symbols));
    }
  }

  private void apply(Node node) {
    NodeFacts nodeFacts = new NodeFacts(node, this);
    ShapeRule rule = rules.of(node.op());
    int around = bodies;
    bodies += node.subgraphs().findAny().isPresent() ? 1 : 0;
    try {
      if (rule != null) {
        AtNode.run(node, () -> rule.infer(nodeFacts));
      } else {
        node.subgraphs().forEach(this::walk);
      }
    } catch (ModelException.Malformed contradiction) {
      if (known == null) {
        throw contradiction;
      }
    } finally {
      bodies = around;
    }
    for (int i = 0; i < node.outputs().size(); i++) {
      Value output = node.outputs().get(i);
      if (output != null) {
        facts.put(output, nodeFacts.result(i));
      }
    }
  }

  private void call(Function function, Node call) {
    effort.spend(call, function);
    if (++callDepth > MAX_CALL_DEPTH) {
      throw new ModelException.Malformed(
          call.location(), "local functions call each other without end");
    }
    try {
      walkBody(CalledBody.of(function, call), call);
    } finally {
      callDepth--;
    }
  }

  private void walkBody(CalledBody body, Node call) {
    for (int i = 0; i < body.graph().inputs().size(); i++) {
      Value argument = call.optionalInput(i);
      assume(body.graph().inputs().get(i), argument == null ? Fact.UNKNOWN : fact(argument));
    }
    walk(body.graph());
    for (int i = 0; i < call.outputs().size(); i++) {
      Value output = call.outputs().get(i);
      if (output != null && i < body.graph().outputs().size()) {
        facts.put(output, fact(body.graph().outputs().get(i)));
      }
    }
    body.originals()
        .forEach(
            (copy, original) -> {
              Fact before = facts.get(original);
              Fact now = fact(copy);
              facts.remove(copy);
              facts.put(original, before == null ? now : before.merged(now, original, symbols));
            });
  }
}
