package io.gohsp.rotation;

import io.gohsp.basis.Basis;
import io.gohsp.basis.BasisAnalysis;
import io.gohsp.basis.ColumnMoments;
import io.gohsp.basis.Freedom;
import io.gohsp.normalize.WorkingModel;
import io.gohsp.plan.GroupKind;
import io.gohsp.plan.Importance;
import io.gohsp.vit.AttentionPart;
import io.gohsp.vit.Block;
import io.gohsp.vit.PrunableAxis;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Bases from weights and norms alone, for every block whose columns are free to have one, and what
 * their columns are worth. Columns that are not free keep the model's own basis.
 */
public final class WeightBases {
  private final List<Turned> blocks = new ArrayList<>();

  /** For each head; null where the columns are not free. */
  private record Turned(@Nullable List<PairBasis> qk, @Nullable List<PairBasis> v) {}

  private WeightBases() {}

  /**
   * @param working normalised
   */
  public static WeightBases of(WorkingModel working) {
    WeightBases bases = new WeightBases();
    BasisAnalysis analysis = BasisAnalysis.of(working);
    ColumnMoments moments = new ColumnMoments(working, analysis);
    for (Block block : working.blocks()) {
      AttentionPart attention = block.attention();
      bases.blocks.add(
          attention == null
              ? new Turned(null, null)
              : new Turned(
                  turned(moments, attention, attention.qk(), analysis.qk(block)),
                  turned(moments, attention, attention.v(), analysis.v(block))));
    }
    return bases;
  }

  private static @Nullable List<PairBasis> turned(
      ColumnMoments moments,
      AttentionPart attention,
      @Nullable PrunableAxis axis,
      @Nullable Freedom freedom) {
    if (axis == null || freedom == null || !freedom.isFree()) {
      return null;
    }
    Map<ColumnMoments.Sides, PairBasis> known = new HashMap<>(); // heads may share one
    return moments.of(attention, axis, freedom).stream()
        .map(sides -> known.computeIfAbsent(sides, s -> PairBasis.of(s.first(), s.second())))
        .toList();
  }

  /** The scores, but for columns in these bases, which are worth what is lost with them. */
  public Importance scores(Importance own) {
    List<Importance.Scores> all = new ArrayList<>();
    for (int i = 0; i < blocks.size(); i++) {
      Importance.Scores before = own.blocks().get(i);
      all.add(
          new Importance.Scores(
              before.heads(),
              worth(blocks.get(i).qk(), before.of(GroupKind.QK)),
              worth(blocks.get(i).v(), before.of(GroupKind.V)),
              before.neurons()));
    }
    return new Importance(all);
  }

  private static double[][] worth(@Nullable List<PairBasis> heads, double[][] own) {
    return heads == null ? own : heads.stream().map(PairBasis::worth).toArray(double[][]::new);
  }

  /** For each block its basis; null where nothing is free. */
  public List<@Nullable Basis> bases() {
    List<@Nullable Basis> all = new ArrayList<>();
    for (Turned block : blocks) {
      Basis basis = new Basis(matrices(block.qk()), matrices(block.v()));
      all.add(basis.isEmpty() ? null : basis);
    }
    return all;
  }

  private static @Nullable List<io.gohsp.basis.Matrix> matrices(@Nullable List<PairBasis> heads) {
    return heads == null ? null : heads.stream().map(PairBasis::matrix).toList();
  }
}
