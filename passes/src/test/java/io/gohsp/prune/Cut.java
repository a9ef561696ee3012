package io.gohsp.prune;

import io.gohsp.axis.AxisAnalysis;
import io.gohsp.axis.AxisLayout;
import io.gohsp.axis.AxisLayout.Leaf;
import io.gohsp.axis.Factor;
import io.gohsp.ir.Model;
import io.gohsp.plan.Keep;
import io.gohsp.plan.Keeps;
import io.gohsp.shape.ShapeFacts;
import io.gohsp.shape.ShapeInference;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;

/**
 * Shortens axes of a tiny model: axes are named by a value that has them, so a test needs no whole
 * transformer.
 */
final class Cut implements Consumer<Model> {
  /** What stays of one axis. */
  private record Choice(String value, int axis, List<Integer> kept) {}

  private final List<Choice> choices = new ArrayList<>();

  private Cut() {}

  /** Keeps these positions of an axis that is a factor by itself. */
  static Cut keep(String value, int axis, Integer... kept) {
    return new Cut().and(value, axis, kept);
  }

  Cut and(String value, int axis, Integer... kept) {
    choices.add(new Choice(value, axis, List.of(kept)));
    return this;
  }

  @Override
  public void accept(Model model) {
    ShapeFacts facts = ShapeInference.of(model);
    AxisAnalysis analysis = AxisAnalysis.of(model, facts);
    Map<Factor, Keep> keeps = new LinkedHashMap<>();
    for (Choice choice : choices) {
      AxisLayout layout = axes(analysis, choice.value()).get(choice.axis());
      if (!(layout instanceof Leaf leaf)) {
        throw new AssertionError(choice + " is made of several factors: " + layout);
      }
      if (leaf.factor().isFixed()) {
        throw new AssertionError(choice + " cannot be cut: " + leaf.factor().fixed());
      }
      keeps.put(leaf.factor(), Keep.of(choice.kept()));
    }
    new PrunePass(analysis, facts, new Keeps(keeps)).run(model);
  }

  private static List<AxisLayout> axes(AxisAnalysis analysis, String name) {
    return analysis.layouts().entrySet().stream()
        .filter(entry -> entry.getKey().name().equals(name))
        .map(Map.Entry::getValue)
        .findFirst()
        .orElseThrow(() -> new AssertionError("no value " + name));
  }
}
