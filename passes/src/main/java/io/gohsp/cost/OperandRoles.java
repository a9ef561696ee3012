package io.gohsp.cost;

import io.gohsp.ir.Node;
import io.gohsp.ir.OpId;
import io.gohsp.ir.Use;
import io.gohsp.ir.Value;
import io.gohsp.op.CastOp;
import io.gohsp.op.ConstantValue;
import io.gohsp.tensor.ElementType;
import io.gohsp.tensor.Tensor;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.function.Predicate;

/** Which constants are weights: decided by who reads them, and as which operand. */
final class OperandRoles {
  /** What an operand means to its reader. */
  private enum Role {
    /** Numbers that may have been learned, even where they are whole. */
    WEIGHT,
    /**
     * Scales, zero points, sizes: they say how to read or compute, and are no weights even where
     * they are floats.
     */
    SETTING,
    /** Whatever the constant is by itself. */
    PLAIN
  }

  /**
   * @param weights operands that are weights although they may be whole numbers
   * @param settings operands that are no weights although they may be floats
   */
  private record Row(Set<Integer> weights, Set<Integer> settings) {}

  private static final Map<OpId, Row> ROWS = new HashMap<>();

  private static void standard(String type, Set<Integer> weights, Set<Integer> settings) {
    ROWS.put(OpId.of(type), new Row(weights, settings));
  }

  private static void microsoft(String type, Set<Integer> weights, Set<Integer> settings) {
    ROWS.put(OpId.of(OpId.MICROSOFT, type), new Row(weights, settings));
  }

  static {
    standard("QuantizeLinear", Set.of(), Set.of(1, 2));
    microsoft("QuantizeLinear", Set.of(), Set.of(1, 2));
    standard("DequantizeLinear", Set.of(0), Set.of(1, 2));
    microsoft("DequantizeLinear", Set.of(0), Set.of(1, 2));
    standard("MatMulInteger", Set.of(0, 1), Set.of(2, 3));
    standard("ConvInteger", Set.of(1), Set.of(2, 3));
    standard("QLinearMatMul", Set.of(0, 3), Set.of(1, 2, 4, 5, 6, 7));
    standard("QLinearConv", Set.of(3, 8), Set.of(1, 2, 4, 5, 6, 7));
    microsoft("QLinearConv", Set.of(3, 8), Set.of(1, 2, 4, 5, 6, 7));
    microsoft("QLinearAdd", Set.of(0, 3), Set.of(1, 2, 4, 5, 6, 7));
    microsoft("QLinearMul", Set.of(0, 3), Set.of(1, 2, 4, 5, 6, 7));
    microsoft("QGemm", Set.of(3, 6), Set.of(1, 2, 4, 5, 7, 8));
    microsoft("QAttention", Set.of(1), Set.of(3, 4, 6, 7));
    microsoft("MatMulIntegerToFloat", Set.of(0, 1), Set.of(2, 3, 4, 5));
    microsoft("DynamicQuantizeMatMul", Set.of(1), Set.of(2, 3));
    microsoft("MatMulNBits", Set.of(1), Set.of(2, 3, 4));
    microsoft("MatMulBnb4", Set.of(1), Set.of(2));
    microsoft("GatherBlockQuantized", Set.of(0), Set.of(2, 3));
    microsoft(
        "QEmbedLayerNormalization",
        Set.of(2, 3, 4, 5, 6),
        Set.of(8, 9, 10, 11, 12, 13, 14, 15, 16, 17));
    microsoft("DynamicQuantizeLSTM", Set.of(1, 2), Set.of(8, 9, 10, 11));
    microsoft("QLinearWhere", Set.of(1, 4), Set.of(2, 3, 5, 6, 7, 8));
    standard("Resize", Set.of(), Set.of(1, 2));
    standard("Upsample", Set.of(), Set.of(1));
  }

  /** Operators behind which a constant is still the same constant. */
  private static final Set<OpId> TRANSPARENT =
      Set.of(
          OpId.of("Identity"),
          OpId.of("Transpose"),
          OpId.of("Reshape"),
          OpId.of("Squeeze"),
          OpId.of("Unsqueeze"));

  /**
   * Operators that pick or join elements: a quantised table stays one although only the rows looked
   * up are made floats.
   */
  private static final Set<OpId> PICKING =
      Set.of(
          OpId.of("Gather"),
          OpId.of("GatherElements"),
          OpId.of("GatherND"),
          OpId.of("Slice"),
          OpId.of("Split"),
          OpId.of("Concat"),
          OpId.of("Expand"),
          OpId.of("Tile"));

  private OperandRoles() {}

  /** Whether anybody reads a floating constant as more than a setting. */
  static boolean isReadAsFloatWeight(Value value) {
    return value.isGraphOutput() // a branch of an If may return one
        || readers(value).stream()
            .anyMatch(use -> role(use) != Role.SETTING && !isScaledAtRunTime(use));
  }

  /** Whether anybody reads a constant of whole numbers as a quantised weight. */
  static boolean isReadAsQuantisedWeight(Value value) {
    return readers(value, OperandRoles::handsOnElements).stream()
        .anyMatch(use -> role(use) == Role.WEIGHT || (isByteOrLess(value) && isMadeFloat(use)));
  }

  /** A scale by itself, with no operator for it. */
  private static boolean isMadeFloat(Use use) {
    return use.node().is("Cast") && CastOp.of(use.node()).to().isFloating();
  }

  private static boolean isByteOrLess(Value value) {
    Tensor tensor = ConstantValue.of(value);
    return tensor != null && tensor.type() != ElementType.BOOL && tensor.type().bytes(2) <= 2;
  }

  /** Who reads the constant, directly or through transparent operators. */
  private static List<Use> readers(Value value) {
    return readers(value, OperandRoles::isTransparent);
  }

  private static List<Use> readers(Value value, Predicate<Use> transparent) {
    List<Use> readers = new ArrayList<>();
    Deque<Value> open = new ArrayDeque<>(List.of(value)); // not recursion: chains can be long
    Set<Value> seen = new HashSet<>(open);
    while (!open.isEmpty()) {
      for (Use use : open.remove().uses()) {
        if (transparent.test(use)) {
          use.node().presentOutputs().filter(seen::add).forEach(open::add);
        } else {
          readers.add(use);
        }
      }
    }
    return readers;
  }

  private static boolean isTransparent(Use use) {
    return use.index() == 0 && TRANSPARENT.contains(use.node().op());
  }

  private static boolean handsOnElements(Use use) {
    return isTransparent(use)
        || (PICKING.contains(use.node().op()) && (use.index() == 0 || use.node().is("Concat")));
  }

  private static Role role(Use use) {
    Row row = ROWS.get(use.node().op());
    if (row == null) {
      return Role.PLAIN;
    }
    return row.settings().contains(use.index())
        ? Role.SETTING
        : row.weights().contains(use.index()) ? Role.WEIGHT : Role.PLAIN;
  }

  /**
   * Dynamic quantisation multiplies the weight's scales by the activation's, which is found at run
   * time.
   */
  private static boolean isScaledAtRunTime(Use use) {
    Node node = use.node();
    return node.is("Mul")
        && node.inputs().stream()
            .filter(Objects::nonNull)
            .flatMap(input -> input.producer().stream())
            .anyMatch(producer -> producer.is("DynamicQuantizeLinear"));
  }
}
