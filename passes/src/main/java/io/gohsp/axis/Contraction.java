package io.gohsp.axis;

import io.gohsp.ir.Node;
import io.gohsp.ir.Value;
import java.util.List;

/**
 * A place where a node adds up over an axis, so that a removed position counts as a zero
 * contribution: what makes removal exact.
 *
 * @param node the node that adds up
 * @param kind what is multiplied with what
 * @param reduced the axis that is added up over
 * @param gates operands; zeroing a position in all of these zeroes its contribution
 * @param batch axes along which the product is taken separately (the heads, in attention)
 * @param free axes of the result that come from one operand alone: of a layer its outputs, of a
 *     product those of both operands (queries and V's columns, in attention, on whichever side)
 */
public record Contraction(
    Node node,
    Kind kind,
    AxisLayout reduced,
    List<Value> gates,
    List<AxisLayout> batch,
    List<AxisLayout> free) {

  /** What meets in a contraction. */
  public enum Kind {
    /** An activation and constant weights (or constants only). */
    WEIGHT,
    /** Two activations, as QKᵀ and AV. */
    ACTIVATIONS,
    /** A plain sum. */
    SUM
  }

  public Contraction {
    gates = List.copyOf(gates);
    batch = List.copyOf(batch);
    free = List.copyOf(free);
  }
}
