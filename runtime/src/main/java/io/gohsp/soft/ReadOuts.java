package io.gohsp.soft;

import io.gohsp.axis.AxisLayout;
import io.gohsp.axis.Contraction;
import io.gohsp.ir.Location;
import io.gohsp.ir.ModelException;
import io.gohsp.ir.Node;
import io.gohsp.ir.Value;
import io.gohsp.normalize.WorkingModel;
import io.gohsp.op.ConstantValue;
import io.gohsp.vit.Block;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/**
 * The weights by which heads, value columns and neurons are added up: those of the output
 * projections and of the second layers of MLPs. Zero there, a group has no effect; what comes
 * before may stay as it is, so that the gradient says what the group would do.
 */
final class ReadOuts {
  private ReadOuts() {}

  /**
   * Those of all blocks, as constants of the model.
   *
   * @throws ModelException.Unsupported if a part of a block has none
   */
  static Set<Value> of(WorkingModel working) {
    Set<Value> all = new LinkedHashSet<>();
    for (Block block : working.blocks()) {
      if (block.attention() != null) {
        add(working, block, "attention", block.attention().outputs(), all);
      }
      if (block.mlp() != null) {
        add(working, block, "MLP", block.mlp().outputs(), all);
      }
    }
    return all;
  }

  private static void add(
      WorkingModel working, Block block, String part, List<Contraction> outputs, Set<Value> all) {
    Set<Value> own = new LinkedHashSet<>();
    for (Contraction output : outputs) {
      output.node().inputs().stream()
          .filter(input -> input != null)
          .forEach(input -> addConstants(working, input, output, own));
    }
    if (own.isEmpty()) {
      throw new ModelException.Unsupported(
          Location.of(working.model()),
          "the %s of %s adds up without weights, so that no gradient says what is worth bringing back"
              .formatted(part, block.name()),
          "choose another method");
    }
    all.addAll(own);
  }

  /** Constants may be transposed, say, before they are read; biases are not added up over. */
  private static void addConstants(
      WorkingModel working, Value value, Contraction output, Set<Value> own) {
    if (!working.analysis().isConstant(value)) {
      return;
    }
    if (ConstantValue.of(value) == null) {
      Node producer = value.producer().orElse(null);
      if (producer != null) {
        producer.inputs().stream()
            .filter(input -> input != null)
            .forEach(input -> addConstants(working, input, output, own));
      }
      return;
    }
    List<AxisLayout> layout = working.analysis().layout(value);
    if (layout != null
        && layout.stream()
            .flatMap(AxisLayout::factors)
            .anyMatch(output.reduced().factors().toList()::contains)) {
      own.add(value);
    }
  }
}
