package io.gohsp.cost;

import io.gohsp.ir.Node;
import io.gohsp.ir.OpId;
import io.gohsp.ir.Use;
import io.gohsp.ir.Value;
import io.gohsp.op.ConstantValue;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;

/**
 * Which weights are embedding tables: rows are looked up in them by numbers that samples decide
 * about. No pruning of a block makes them smaller, and they take no arithmetic, so that literature
 * counts a text model without them ("non-embedding parameters", Kaplan et al. 2020). A table that
 * is a classifier's weight as well is one all the same. Where a constant says which rows are taken,
 * as for relative positions, nothing is looked up.
 */
public final class EmbeddingTables {
  /** The operands of operators that look rows up, and who says which. */
  private record Row(Set<Integer> tables, int indices) {}

  private static final Map<OpId, Row> ROWS =
      Map.of(
          OpId.of("Gather"), new Row(Set.of(0), 1),
          OpId.of(OpId.MICROSOFT, "GatherBlockQuantized"), new Row(Set.of(0), 1),
          OpId.of(OpId.MICROSOFT, "EmbedLayerNormalization"), new Row(Set.of(2, 3, 4), 0),
          OpId.of(OpId.MICROSOFT, "QEmbedLayerNormalization"), new Row(Set.of(2, 3, 4), 0));

  /** Operators behind which a table is still the same table. */
  private static final Set<OpId> TRANSPARENT =
      Set.of(
          OpId.of("Identity"),
          OpId.of("Cast"),
          OpId.of("DequantizeLinear"),
          OpId.of(OpId.MICROSOFT, "DequantizeLinear"));

  private EmbeddingTables() {}

  /** Whether rows are looked up in a constant. */
  static boolean contains(Value weight) {
    Deque<Value> open = new ArrayDeque<>(Set.of(weight));
    Set<Value> seen = new HashSet<>(open);
    while (!open.isEmpty()) {
      for (Use use : open.remove().uses()) {
        if (looksUp(use)) {
          return true;
        }
        if (use.index() == 0 && TRANSPARENT.contains(use.node().op())) {
          use.node().presentOutputs().filter(seen::add).forEach(open::add);
        }
      }
    }
    return false;
  }

  private static boolean looksUp(Use use) {
    Row row = ROWS.get(use.node().op());
    return row != null && row.tables().contains(use.index()) && looksUp(use.node());
  }

  /** Whether a node looks rows up by numbers that samples decide about. */
  public static boolean looksUp(Node node) {
    Row row = ROWS.get(node.op());
    return row != null
        && node.intAttribute("axis", 0) == 0
        && ConstantValue.of(node.input(row.indices())) == null;
  }
}
