package io.gohsp.branch;

import io.gohsp.axis.AxisAnalysis;
import io.gohsp.axis.Contraction;
import io.gohsp.axis.Fixed;
import io.gohsp.ir.Graph;
import io.gohsp.ir.Node;
import io.gohsp.ir.Value;
import io.gohsp.op.DataOperands;
import io.gohsp.shape.ShapeFacts;
import io.gohsp.tensor.Tensor;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * How a branch leaves its output layers for the residual stream, once these have nothing left to
 * add up over.
 *
 * @param obstacle why it cannot be taken away; null if it can
 * @param joints where it joins the stream
 * @param passed the nodes on the way, output layers included: they go with the branch
 */
public record BranchExit(@Nullable Fixed obstacle, List<Joint> joints, Set<Node> passed) {
  public BranchExit {
    joints = List.copyOf(joints);
    passed = Set.copyOf(passed);
  }

  /**
   * Follows the constant that the output layers still add.
   *
   * @param outputs the branch's output layers, several where weights are tied
   * @param analysis of the model they are from
   */
  public static BranchExit of(List<Contraction> outputs, AxisAnalysis analysis, ShapeFacts facts) {
    Walk walk = new Walk(analysis, facts);
    try {
      Set<Node> layers = new LinkedHashSet<>();
      outputs.forEach(output -> layers.add(output.node()));
      Set<Graph> graphs = new LinkedHashSet<>();
      layers.forEach(layer -> graphs.add(layer.graph()));
      for (Graph graph : graphs) {
        for (Node node : graph.nodes()) {
          walk.visit(node, layers.contains(node));
        }
      }
      return new BranchExit(null, walk.joints, walk.passed);
    } catch (NoExit e) {
      return blocked(e.node, e.reason);
    }
  }

  /** The exit of a branch that cannot be taken away. */
  public static BranchExit blocked(Node node, String reason) {
    return new BranchExit(new Fixed(node, reason), List.of(), Set.of());
  }

  /** The way out is blocked. */
  static final class NoExit extends Exception {
    private static final long serialVersionUID = 1;

    private final transient Node node;
    private final String reason;

    NoExit(Node node, String reason) {
      super(reason, null, false, false);
      this.node = node;
      this.reason = reason;
    }
  }

  private static final class Walk {
    private static final String SHAPES = "takes shapes or indices from the branch";

    private final AxisAnalysis analysis;
    private final ExitRules rules;
    private final ShapeFacts facts;
    private final Map<Value, Channels> known = new LinkedHashMap<>();
    private final Set<Value> extents = new LinkedHashSet<>();
    private final List<Joint> joints = new ArrayList<>();
    private final Set<Node> passed = new LinkedHashSet<>();

    Walk(AxisAnalysis analysis, ShapeFacts facts) {
      this.analysis = analysis;
      this.facts = facts;
      this.rules = new ExitRules(analysis, facts);
    }

    void visit(Node node, boolean isOutputLayer) throws NoExit {
      boolean isOfBranch = isOutputLayer || node.presentInputs().anyMatch(known::containsKey);
      boolean isShape = node.is("Shape") || node.is("Size");
      if (isOfBranch ? isShape : node.presentInputs().anyMatch(extents::contains)) {
        measure(node, isShape);
        return;
      }
      if (!isOfBranch) {
        return;
      }
      int stream = streamOperand(node, isOutputLayer);
      if (stream >= 0) {
        join(node, isOutputLayer);
        return;
      }
      Channels result;
      if (isOutputLayer) {
        result = rules.outputLayer(node);
      } else {
        if (DataOperands.of(node).stream().noneMatch(known::containsKey)) {
          throw new NoExit(node, SHAPES);
        }
        result = rules.apply(node, known);
      }
      passed.add(node);
      for (Value output : node.presentOutputs().toList()) {
        if (output.isGraphOutput()) {
          throw new NoExit(node, "what the branch adds is an output of its own");
        }
        if (isReadInside(output)) {
          throw new NoExit(node, "what the branch adds is read inside a nested graph");
        }
        known.put(output, result);
      }
    }

    /**
     * Shapes that are read off the branch and what is computed of them: gone with it, as long as
     * they tell only its own nodes how to regroup what it says (windows that are put together).
     */
    private void measure(Node node, boolean isShape) throws NoExit {
      boolean ofExtents = isShape || DataOperands.of(node).stream().anyMatch(extents::contains);
      List<Value> results = node.presentOutputs().toList();
      if (!ofExtents
          || results.stream().anyMatch(result -> result.isGraphOutput() || isReadInside(result))) {
        throw new NoExit(node, SHAPES);
      }
      extents.addAll(results);
    }

    private static boolean isReadInside(Value value) {
      return value.uses().stream().anyMatch(use -> use.node().graph() != value.graph());
    }

    /**
     * The operand with which a node adds an activation of the stream to the branch; -1 if it is no
     * such addition. A layer that multiplies and adds at once has the stream as its third operand.
     */
    private int streamOperand(Node node, boolean isOutputLayer) {
      if (isOutputLayer) {
        Value added = node.is("Gemm") ? node.optionalInput(2) : null;
        return added != null && !analysis.isConstant(added) ? 2 : -1;
      }
      if (!Joining.isAddition(node)) {
        return -1;
      }
      for (int i = 0; i < Joining.addends(node); i++) {
        Value addend = node.optionalInput(i);
        if (addend != null && !known.containsKey(addend) && Stated.of(addend) == null) {
          return i;
        }
      }
      return -1;
    }

    private void join(Node node, boolean isOutputLayer) throws NoExit {
      if (node.presentInputs().anyMatch(extents::contains)) {
        throw new NoExit(node, SHAPES);
      }
      if (isOutputLayer) {
        if (node.floatAttribute("beta", 1) != 1) {
          throw new NoExit(node, "the output layer scales the stream");
        }
        requireWholeStream(node, node.input(2));
        joints.add(new Joint(node, 0, null, null));
        return;
      }
      for (int i = 0; i < Joining.addends(node); i++) {
        Value addend = node.optionalInput(i);
        Channels constant = addend == null ? null : known.get(addend);
        if (addend != null && constant != null) {
          for (int j = 0; j < Joining.addends(node); j++) {
            Value other = node.optionalInput(j);
            if (other != null && !known.containsKey(other) && Stated.of(other) == null) {
              requireWholeStream(node, other);
            }
          }
          joints.add(new Joint(node, i, tensor(node, addend, constant), constant.along()));
        }
      }
    }

    /** The stream alone must have the extents of the sum: then a constant broadcasts to it. */
    private void requireWholeStream(Node node, Value stream) throws NoExit {
      if (facts.shape(stream) == null
          || !Objects.equals(facts.shape(stream), facts.shape(node.output(0)))) {
        throw new NoExit(node, "the stream gets its extents from the branch");
      }
    }

    private @Nullable Tensor tensor(Node node, Value value, Channels constant) throws NoExit {
      if (constant.isZero()) {
        return null;
      }
      return rules.tensor(node, value, constant);
    }
  }
}
