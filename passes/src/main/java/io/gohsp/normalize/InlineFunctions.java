package io.gohsp.normalize;

import io.gohsp.ir.Attribute;
import io.gohsp.ir.Function;
import io.gohsp.ir.Graph;
import io.gohsp.ir.Location;
import io.gohsp.ir.Model;
import io.gohsp.ir.ModelException;
import io.gohsp.ir.Node;
import io.gohsp.ir.OpId;
import io.gohsp.ir.Traversal;
import io.gohsp.ir.Value;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Replaces every call of a local function by the function's body, so that calls can be pruned
 * differently. Names inside are prefixed by the call's name. Bodies written for another version of
 * the standard operators cannot be merged.
 */
public final class InlineFunctions {
  private static final int MAX_DEPTH = 64;

  /** Nodes of all calls together: functions that call each other multiply. */
  private static final int MAX_NODES = 100_000;

  /** Letters in the names of what calls bring: each call puts its own name in front. */
  private static final long MAX_LETTERS = 50_000_000;

  private final Map<OpId, Function> functions;
  private int nodes;
  private long letters;

  private InlineFunctions(Map<OpId, Function> functions) {
    this.functions = functions;
  }

  /**
   * @throws ModelException.Malformed if functions call each other without end, or so often that
   *     more than {@value #MAX_NODES} nodes come of it
   * @throws ModelException.Unsupported if a body needs other operator versions than the model
   */
  public static void run(Model model) {
    Map<OpId, Function> functions = new LinkedHashMap<>();
    model.functions().forEach(function -> functions.put(function.id(), function));
    if (functions.isEmpty()) {
      return;
    }
    InlineFunctions inlining = new InlineFunctions(functions);
    inlining.requireFew(model.graph(), Location.of(model));
    inlining.inline(model.graph(), 0);
    model.functions().forEach(model::removeFunction);
  }

  private void inline(Graph graph, int depth) {
    for (Node node : graph.nodes()) {
      Function function = functions.get(node.op());
      if (function == null) {
        node.subgraphs().toList().forEach(subgraph -> inline(subgraph, depth));
        continue;
      }
      if (depth > MAX_DEPTH) {
        throw new ModelException.Malformed(
            node.location(), "local functions call each other without end");
      }
      checkVersions(node, function);
      new Call(graph, node, function).expand();
    }
    boolean nested = graph.nodes().stream().anyMatch(node -> functions.containsKey(node.op()));
    if (nested) {
      inline(graph, depth + 1);
    }
  }

  /** Counts before anything is copied, so that nothing is copied in vain. */
  private void requireFew(Graph graph, Location where) {
    if (size(graph, new HashMap<>(), new HashSet<>()) > MAX_NODES) {
      throw tooMany(where);
    }
  }

  /** How many nodes the graph has once all calls are bodies; more than too many count as that. */
  private long size(Graph graph, Map<OpId, Long> sizes, Set<OpId> open) {
    if (open.size() > MAX_DEPTH) {
      return MAX_NODES + 1L;
    }
    long size = 0;
    for (Node node : Traversal.nodesWithin(graph).toList()) {
      Function function = functions.get(node.op());
      size++;
      if (function != null && open.add(node.op())) {
        Long known = sizes.get(node.op());
        long body = known == null ? size(function.body(), sizes, open) : known;
        sizes.put(node.op(), body);
        open.remove(node.op());
        size = Math.min(size + body, MAX_NODES + 1L);
      }
    }
    return size;
  }

  /** One more thing is copied into the model. */
  private void spend(Node call, int copies, String name) {
    nodes += copies;
    letters += name.length();
    if (nodes > MAX_NODES || letters > MAX_LETTERS) {
      throw tooMany(call.location());
    }
  }

  private static ModelException.Malformed tooMany(Location where) {
    return new ModelException.Malformed(
        where,
        "local functions call each other so often that more than "
            + MAX_NODES
            + " nodes come of it");
  }

  private static void checkVersions(Node call, Function function) {
    Map<String, Long> own = call.graph().model().opsets();
    function
        .opsets()
        .forEach(
            (domain, version) -> {
              Long present = own.putIfAbsent(domain, version);
              if (present != null && !present.equals(version)) {
                throw new ModelException.Unsupported(
                    call.location(),
                    "calls a function written for version "
                        + version
                        + " of the operators of \""
                        + domain
                        + "\", the model is written for "
                        + present,
                    "convert the model to one version, or export it without local functions");
              }
            });
  }

  /** One call on its way to becoming nodes. */
  private final class Call {
    private final Graph graph;
    private final Node call;
    private final Function function;
    private final String prefix;
    private final Map<Value, @Nullable Value> values = new HashMap<>();

    Call(Graph graph, Node call, Function function) {
      this.graph = graph;
      this.call = call;
      this.function = function;
      this.prefix = (call.name().isEmpty() ? call.op().type() : call.name()) + "/";
    }

    void expand() {
      spend(call, 1, prefix);
      List<Value> formals = function.body().inputs();
      for (int i = 0; i < formals.size(); i++) {
        values.put(formals.get(i), call.optionalInput(i));
      }
      copyNodes(function.body(), graph, call);
      List<Value> returned = function.body().outputs();
      for (int i = 0; i < call.outputs().size(); i++) {
        Value result = call.outputs().get(i);
        if (result != null) {
          returnValue(result, i < returned.size() ? values.get(returned.get(i)) : null);
        }
      }
      graph.remove(call);
    }

    /** The result keeps its name if others know it by that: an Identity node stands between. */
    private void returnValue(Value result, @Nullable Value computed) {
      if (computed == null) {
        throw new ModelException.Malformed(
            call.location(), "returns a value that the function does not compute");
      }
      if (!result.isGraphOutput()) {
        result.replaceAllUsesWith(computed);
        return;
      }
      Value replacement =
          graph.insertBefore(call, OpId.of("Identity"), prefix + "result", computed).output();
      result.replaceAllUsesWith(replacement);
      graph.returnInstead(result, replacement);
    }

    private void copyNodes(Graph from, Graph to, @Nullable Node before) {
      for (Value initializer : from.initializers()) {
        String name = graph.model().names().fresh(prefix + initializer.name());
        values.put(
            initializer,
            to.addInitializer(name, java.util.Objects.requireNonNull(initializer.constant())));
      }
      for (Node node : from.nodes()) {
        spend(call, 1 + node.inputs().size() / 8, prefix + node.name());
        List<@Nullable Value> inputs = new ArrayList<>();
        for (Value input : node.inputs()) {
          inputs.add(input == null ? null : values.containsKey(input) ? values.get(input) : input);
        }
        List<@Nullable Value> outputs = new ArrayList<>();
        for (Value output : node.outputs()) {
          outputs.add(output == null ? null : copyValue(output, to));
        }
        Node copy =
            before == null
                ? to.append(node.op(), prefix + node.name(), inputs, outputs)
                : to.insertBefore(before, node.op(), prefix + node.name(), inputs, outputs);
        copy.setResidue(node.residue());
        for (Attribute attribute : node.attributes()) {
          Attribute bound = bind(attribute, to);
          if (bound != null) {
            copy.setAttribute(bound);
          }
        }
      }
    }

    private Value copyValue(Value original, Graph to) {
      spend(call, 0, prefix + original.name());
      Value copy = to.newValue(graph.model().names().fresh(prefix + original.name()));
      copy.setType(original.type());
      values.put(original, copy);
      return copy;
    }

    private @Nullable Attribute bind(Attribute attribute, Graph to) {
      if (attribute.content() instanceof Attribute.Reference reference) {
        Attribute actual = call.attribute(reference.attribute());
        Attribute chosen = actual == null ? function.defaults().get(reference.attribute()) : actual;
        return chosen == null ? null : new Attribute(attribute.name(), chosen.content(), null);
      }
      if (attribute.content() instanceof Attribute.GraphValue nested) {
        Graph copy = to.newSubgraph(nested.value().name());
        for (Value input : nested.value().inputs()) {
          copy.markInput(copyValue(input, copy));
        }
        copyNodes(nested.value(), copy, null);
        nested
            .value()
            .outputs()
            .forEach(
                output ->
                    copy.addOutput(
                        java.util.Objects.requireNonNullElse(values.get(output), output)));
        return new Attribute(attribute.name(), new Attribute.GraphValue(copy), null);
      }
      return attribute;
    }
  }
}
