package io.gohsp.prune;

import io.gohsp.axis.AxisAnalysis;
import io.gohsp.axis.AxisLayout;
import io.gohsp.ir.IrVerifier;
import io.gohsp.ir.Model;
import io.gohsp.ir.ModelException;
import io.gohsp.ir.Node;
import io.gohsp.ir.Traversal;
import io.gohsp.ir.Value;
import io.gohsp.plan.Keeps;
import io.gohsp.shape.ShapeFacts;
import io.gohsp.shape.ShapeInference;
import io.gohsp.shape.Size;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Removes from a model what the keeps leave out. Afterwards the model computes what the original
 * computes with the removed positions' contributions at zero, in the same nodes, under the same
 * names.
 */
public final class PrunePass {
  private final AxisAnalysis analysis;
  private final ShapeFacts facts;
  private final Keeps keeps;

  /**
   * @param analysis of the very model that is rewritten
   * @param facts shapes of that model before
   */
  public PrunePass(AxisAnalysis analysis, ShapeFacts facts, Keeps keeps) {
    this.analysis = analysis;
    this.facts = facts;
    this.keeps = keeps;
  }

  /** Rewrites in place. A model whose keeps are empty is not touched. */
  public void run(Model model) {
    if (keeps.isEmpty()) {
      return;
    }
    NodeRepair repair = new NodeRepair(analysis, facts, keeps);
    repair.rememberScales(model); // before extents change: a default scale is implied by one
    new ParameterSlicer(analysis, facts, keeps).run(model);
    repair.attributes(model);
    ShapeFacts after = ShapeInference.assuming(model, this::shapeAfter);
    new FrozenExtents(analysis, keeps, facts, after).run(model);
    new ShapeOperandRepair(analysis, facts, after, keeps).run(model);
    new ScaleGuard(analysis, facts, keeps).run(model);
    new DeclaredTypes(facts, this::shapeAfter).run(model);
    checkExtents(model);
    IrVerifier.verify(model);
  }

  /**
   * Infers all shapes anew, from the rewritten nodes alone: where they contradict what the layouts
   * promise, something that states an extent was not brought in line.
   *
   * @throws ModelException.Unsupported if there is such a node; better no model than a wrong one
   */
  private void checkExtents(Model model) {
    ShapeFacts anew = ShapeInference.of(model);
    for (Node node : Traversal.nodesWithin(model.graph()).toList()) {
      for (Value output : node.presentOutputs().toList()) {
        List<Size> is = anew.shape(output);
        List<Size> shallBe = analysis.layout(output) == null ? null : shapeAfter(output);
        if (is != null && shallBe != null && contradict(is, shallBe)) {
          throw new ModelException.Unsupported(
              node.location(),
              "would have the shape " + is + " instead of " + shallBe + " after pruning",
              "leave its block out of the plan, and report this model");
        }
      }
    }
  }

  private static boolean contradict(List<Size> a, List<Size> b) {
    boolean contradiction = a.size() != b.size();
    for (int axis = 0; !contradiction && axis < a.size(); axis++) {
      boolean known = a.get(axis).isKnown() && b.get(axis).isKnown();
      contradiction = known && !a.get(axis).equals(b.get(axis));
    }
    return contradiction;
  }

  private @Nullable List<Size> shapeAfter(Value value) {
    List<AxisLayout> layouts = analysis.layout(value);
    return layouts == null ? facts.shape(value) : layouts.stream().map(keeps::size).toList();
  }
}
