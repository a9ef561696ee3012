package io.gohsp.equivalence;

import io.gohsp.autodiff.Parameters;
import io.gohsp.ir.Model;
import io.gohsp.ir.Node;
import io.gohsp.ir.Value;
import io.gohsp.linear.LeftConstant;
import io.gohsp.linear.LinearLayer;
import io.gohsp.normalize.SeparateParameters;
import io.gohsp.normalize.TransposedCopies;
import io.gohsp.normalize.WorkingModel;
import io.gohsp.op.ConstantValue;
import io.gohsp.plan.DroppableBranches;
import io.gohsp.prune.CutComparison;
import io.gohsp.prune.CutComparison.OtherConstant;
import io.gohsp.prune.Pruning;
import io.gohsp.vit.Block;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What a model owes to its original besides what it computes: the graph, attributes and constants
 * of a fresh cut by the plan it carries. Independent of any run, and complete: nothing is left to
 * the choice of samples.
 *
 * @param refusal why it is no cut of the original; null if nothing speaks against it
 * @param finding what was found, for the verdict
 * @param whole whether all constants were compared
 */
record CutCheck(@Nullable String refusal, String finding, boolean whole) {
  /** How many names a message lists. */
  private static final int NAMED = 8;

  /**
   * Checks a model that says what was done to it.
   *
   * <p>One whose weights still are the original's must have all of them. If its graph is another,
   * it was worked on since (fused, quantised, converted), which says nothing for or against it: its
   * numbers alone are judged then. One that was trained or corrected has nothing but its structure
   * and what training cannot have touched, so there the graph must be the cut's.
   *
   * @throws io.gohsp.ir.ModelException.BadPlan if the plan does not fit the original
   */
  static CutCheck of(Model original, Provenance provenance, Model model) {
    return of(original, provenance, Pruning.prune(original, provenance.plan()), model);
  }

  /**
   * Likewise.
   *
   * @param cut a fresh one
   */
  static CutCheck of(Model original, Provenance provenance, Model cut, Model model) {
    if (provenance.trained() > 0) {
      SeparateParameters.run(cut); // as training does
      TransposedCopies.tie(cut);
    }
    CutComparison comparison = CutComparison.of(cut, model);
    String graph = comparison.otherGraph();
    if (graph != null) {
      return provenance.isFaithful()
          ? new CutCheck(
              null, "numbers alone, for its graph is not that of a fresh cut: " + graph, false)
          : refused(graph);
    }
    if (comparison.otherAttribute() != null) {
      return refused(comparison.otherAttribute());
    }
    Set<Value> free = free(original, provenance, cut);
    int changed = 0;
    for (OtherConstant constant : comparison.otherConstants()) {
      if (!constant.sameForm() || !free.contains(constant.expected())) {
        return refused("\"" + constant.name() + "\" " + constant.problem());
      }
      changed++;
    }
    return new CutCheck(null, finding(provenance, changed, free), free.isEmpty());
  }

  private static CutCheck refused(String why) {
    return new CutCheck(
        "it is no cut of the original by its plan: " + why, "not those of a cut", false);
  }

  private static String finding(Provenance provenance, int changed, Set<Value> free) {
    if (provenance.isFaithful()) {
      return "graph, attributes and all constants of a fresh cut";
    }
    List<String> names = free.stream().map(Value::name).sorted().limit(NAMED).toList();
    String listed = String.join(", ", names) + (free.size() > NAMED ? ", ..." : "");
    return "graph and attributes of a fresh cut, and its constants but for %d of the %d that training or correction may change"
            .formatted(changed, free.size())
        + (provenance.trained() > 0 ? "" : " (" + listed + ")");
  }

  /** Constants of the cut that training or correction may have changed. */
  private static Set<Value> free(Model original, Provenance provenance, Model cut) {
    Set<Value> free = new LinkedHashSet<>();
    if (provenance.trained() > 0) {
      // A weight of which one number is left was more before the cut, and learnt.
      Set<String> learnt = new HashSet<>();
      for (Value value : Parameters.candidates(WorkingModel.normalized(original).model())) {
        if (Parameters.trainable(value)) {
          learnt.add(value.name());
        }
      }
      for (Value value : Parameters.candidates(cut)) {
        if (Parameters.trainable(value) || learnt.contains(value.name())) {
          free.add(value);
        }
      }
    }
    if (provenance.corrected() > 0) {
      Set<String> outputs = outputLayers(original);
      Set<String> left =
          Set.copyOf(
              DroppableBranches.sums(
                  WorkingModel.normalized(original), provenance.plan().inOwnBasis()));
      for (Node node : cut.graph().nodes()) {
        if (node.presentOutputs().anyMatch(output -> outputs.contains(output.name()))) {
          LinearLayer.find(node).ifPresent(layer -> add(layer, free));
        } else if (left.contains(node.output(0).name()) && node.is("Add")) {
          free.add(LeftConstant.of(node).stored());
        }
      }
    }
    free.removeIf(value -> ConstantValue.of(value) == null);
    return free;
  }

  private static void add(LinearLayer layer, Set<Value> free) {
    free.add(layer.stored());
    Value bias = layer.storedBias();
    if (bias != null) {
      free.add(bias);
    }
  }

  /** Names of what the blocks' output layers return: those that a correction changes. */
  private static Set<String> outputLayers(Model original) {
    Set<String> names = new HashSet<>();
    for (Block block : WorkingModel.normalized(original).blocks()) {
      if (block.attention() != null) {
        block.attention().outputs().forEach(layer -> names.add(layer.node().output(0).name()));
      }
      if (block.mlp() != null) {
        block.mlp().outputs().forEach(layer -> names.add(layer.node().output(0).name()));
      }
    }
    return names;
  }
}
