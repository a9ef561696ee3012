package io.gohsp.coverage;

import com.fasterxml.jackson.databind.JsonNode;
import io.gohsp.fixture.Fixture;
import io.gohsp.ir.Model;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Where a fixture is to be judged otherwise than its meta.json and mask.json say, and why. */
final class Expectations {
  /** What meta.json lists is not what counts as parts of blocks here. */
  private static final Map<String, Shape> SHAPES =
      Map.of(
          // Not listed, since their generator could not switch parts off.
          // Three attentions, the last with more heads between two stages; an MLP after each.
          "timm_levit",
          new Shape(List.of(2, 2, 3), List.of(16, 32, 16), List.of(32, 48, 48)),
          // Differential attention: two softmaxes a head, whose value columns are 2 · 3 wide.
          "timm_vit_diff_parallel",
          new Shape(List.of(4, 4), List.of(6, 6), List.of(42, 42)),
          // Tied weights, which meta.json lists once: each block that uses them has the part.
          "hf_albert_tied",
          new Shape(List.of(4, 4), List.of(6, 6), List.of(42, 42)),
          "timm_vit_tied_blocks",
          new Shape(List.of(4, 4), List.of(6, 6), List.of(42, 42)),
          "timm_vit_tied_mlp",
          new Shape(List.of(4, 4), List.of(6, 6), List.of(42, 42)),
          // One layer for both sets of points.
          "rep_lightglue_dynbatch",
          new Shape(List.of(4, 4, 4, 4), List.of(6, 6, 6, 6), List.of(42, 42)));

  /** The oracle switches off what is not removable here; pruning must refuse and say this. */
  private static final Map<String, String> REFUSED =
      Map.of(
          "timm_vit_tap_hidden",
          "is an axis of the model's output \"mlp_hidden0\"",
          "timm_vit__int4_matmulnbits",
          "its weights are quantised in blocks along this axis");

  /**
   * Their weights are so few bytes that the nodes which take packed projections apart (for each of
   * three parts its own reshape, quantisation and transposition) outweigh what is removed. The
   * nodes are as many in a model of any size.
   */
  private static final Set<String> MORE_NODES_THAN_WEIGHTS =
      Set.of("timm_vit__int4_matmulnbits", "timm_vit__int8_qdq");

  /** Rounding errors of two models of one precision differ, but not by more than this. */
  private static final double SPREAD = 3;

  private Expectations() {}

  /** The sizes that must be recognised. */
  static Shape shape(Fixture fixture) {
    Shape other = SHAPES.get(fixture.name());
    return other == null ? Shape.of(fixture.meta()) : other;
  }

  /** What the refusal of the oracle's plan must say; null if it must be accepted. */
  static @Nullable String refusal(Fixture fixture) {
    return REFUSED.get(fixture.name());
  }

  /** Whether the file must get smaller, not only its weights. */
  static boolean shrinksFile(Fixture fixture) {
    return !MORE_NODES_THAN_WEIGHTS.contains(fixture.name());
  }

  /**
   * Whose oracle counts: models in reduced precision were derived from one that has an oracle and
   * come with none of their own.
   */
  static @Nullable Fixture oracle(Fixture fixture) {
    if (fixture.hasMask()) {
      return fixture;
    }
    JsonNode base = fixture.meta().get("base");
    return base == null || base.isNull() ? null : Fixture.of(base.asText());
  }

  /**
   * How far the pruned model may be from what PyTorch computed, relative to the largest output. For
   * 32 bits 1e-4 is ten times what summing in another order does to these tiny networks, and a
   * hundredth of what one wrong column does. A model that was converted to less precision cannot be
   * nearer to the 32-bit answer than it was before pruning; the bound is then a small multiple of
   * how far it was.
   *
   * @param denseError how far the unpruned model is from PyTorch
   */
  static double oracleBound(Fixture fixture, Model model, double denseError) {
    double rounding = Precision.of(model);
    return fixture.hasMask() ? rounding : Precision.FLOAT32 + SPREAD * denseError;
  }
}
