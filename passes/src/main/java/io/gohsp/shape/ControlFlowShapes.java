package io.gohsp.shape;

import io.gohsp.ir.Attribute;
import io.gohsp.ir.Graph;
import io.gohsp.ir.ModelException;
import io.gohsp.ir.Value;
import java.util.List;

/** Operators with nested graphs. */
final class ControlFlowShapes {
  private ControlFlowShapes() {}

  static void register(ShapeRules rules) {
    rules.standard(ControlFlowShapes::choose, "If");
    rules.standard(IterationShapes::loop, "Loop");
    rules.standard(IterationShapes::scan, "Scan");
  }

  /**
   * The results have what both branches agree on, or what the one branch has that is certain to be
   * taken.
   */
  private static void choose(NodeFacts facts) {
    SymbolicTensor data = facts.data(0);
    Size condition = data == null ? null : data.single();
    Graph yes = branch(facts, "then_branch");
    Graph no = branch(facts, "else_branch");
    boolean yesRuns = canRun(facts, yes);
    boolean noRuns = canRun(facts, no);
    if (condition != null && condition.isKnown()) {
      state(facts, condition.is(0) ? no : yes);
    } else if (yesRuns != noRuns) {
      state(facts, yesRuns ? yes : no);
    } else {
      merge(facts, yes.outputs(), no.outputs());
    }
  }

  /**
   * Analyses a branch. Exporters guard operations by a condition ("squeeze if the extent is 1");
   * where the guarded operation contradicts its operands, the other branch is the one that runs.
   */
  private static boolean canRun(NodeFacts facts, Graph branch) {
    try {
      facts.walk(branch);
      return true;
    } catch (ModelException.Malformed contradiction) {
      return false; // what was found out before it stands, the rest is unknown
    }
  }

  private static Graph branch(NodeFacts facts, String name) {
    Attribute attribute = facts.node().attribute(name);
    if (attribute == null || !(attribute.content() instanceof Attribute.GraphValue graph)) {
      throw facts.malformed("has no " + name);
    }
    return graph.value();
  }

  private static void state(NodeFacts facts, Graph taken) {
    List<Value> outputs = taken.outputs();
    for (int i = 0; i < facts.outputs() && i < outputs.size(); i++) {
      facts.result(i, facts.fact(outputs.get(i)));
    }
  }

  private static void merge(NodeFacts facts, List<Value> yes, List<Value> no) {
    for (int i = 0; i < facts.outputs() && i < yes.size() && i < no.size(); i++) {
      Value output = facts.node().optionalOutput(i);
      if (output != null) {
        Fact fact = facts.fact(yes.get(i)).merged(facts.fact(no.get(i)), output, facts.symbols());
        facts.result(i, fact);
      }
    }
  }
}
