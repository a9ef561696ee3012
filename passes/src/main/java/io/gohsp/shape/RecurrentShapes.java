package io.gohsp.shape;

import java.util.List;

/** RNN, GRU, LSTM. */
final class RecurrentShapes {
  private RecurrentShapes() {}

  static void register(ShapeRules rules) {
    rules.standard(RecurrentShapes::recurrent, "RNN", "GRU", "LSTM");
  }

  /**
   * X is [N, B, in], or [B, N, in] with layout 1; the recurrence weight is [directions, gates *
   * hidden, hidden].
   */
  private static void recurrent(NodeFacts facts) {
    List<Size> x = facts.shape(0);
    List<Size> recurrence = facts.shape(2);
    if (x == null || recurrence == null || x.size() != 3 || recurrence.size() != 3) {
      return;
    }
    boolean batchFirst = facts.node().intAttribute("layout", 0) != 0;
    Size steps = x.get(batchFirst ? 1 : 0);
    Size batch = x.get(batchFirst ? 0 : 1);
    Size directions = recurrence.get(0);
    Size hidden = recurrence.get(2);
    facts.result(
        0,
        facts.type(0),
        batchFirst
            ? List.of(batch, steps, directions, hidden)
            : List.of(steps, directions, batch, hidden));
    List<Size> state =
        batchFirst ? List.of(batch, directions, hidden) : List.of(directions, batch, hidden);
    facts.result(1, facts.type(0), state);
    facts.result(2, facts.type(0), state);
  }
}
