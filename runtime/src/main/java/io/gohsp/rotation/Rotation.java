package io.gohsp.rotation;

import io.gohsp.basis.Basis;
import io.gohsp.basis.BasisAnalysis;
import io.gohsp.basis.Freedom;
import io.gohsp.basis.MomentGraph;
import io.gohsp.calibration.Calibration;
import io.gohsp.data.DataException;
import io.gohsp.data.LastBatch;
import io.gohsp.linalg.Matrix;
import io.gohsp.linear.LinearLayer;
import io.gohsp.normalize.WorkingModel;
import io.gohsp.plan.BlockGroups;
import io.gohsp.plan.GroupKind;
import io.gohsp.recover.GroupRows;
import io.gohsp.recover.LayerInputs;
import io.gohsp.vit.AttentionPart;
import io.gohsp.vit.Block;
import io.gohsp.vit.PrunableAxis;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * Chooses the bases that the columns of heads are best cut in, from calibration samples: METHOD.md
 * section 9 with data. What is not free to be written in another basis stays as it is.
 */
public final class Rotation {
  private final WorkingModel working;
  private final Calibration calibration;

  private Rotation(WorkingModel working, Calibration calibration) {
    this.working = working;
    this.calibration = calibration;
  }

  /**
   * Measures and chooses.
   *
   * @return one for each block of the model; null where nothing changes
   * @throws DataException if the samples cannot be used
   */
  public static List<@Nullable Basis> measure(WorkingModel working, Calibration calibration) {
    return new Rotation(working, calibration).bases();
  }

  private List<@Nullable Basis> bases() {
    BasisAnalysis analysis = BasisAnalysis.of(working);
    List<Boolean> freeQk = new ArrayList<>();
    List<Boolean> freeV = new ArrayList<>();
    for (Block block : working.blocks()) {
      freeQk.add(isFree(analysis.qk(block)));
      freeV.add(isFree(analysis.v(block)));
    }
    List<@Nullable List<io.gohsp.basis.Matrix>> qk = queries(freeQk);
    List<@Nullable List<io.gohsp.basis.Matrix>> v = values(freeV);
    List<@Nullable Basis> bases = new ArrayList<>();
    for (int block = 0; block < working.blocks().size(); block++) {
      Basis basis = new Basis(qk.get(block), v.get(block));
      bases.add(basis.isEmpty() ? null : basis);
    }
    return bases;
  }

  private static boolean isFree(@Nullable Freedom freedom) {
    return freedom != null && freedom.isFree();
  }

  // ---- queries and keys

  private record Both(Moments queries, Moments keys) {}

  private List<@Nullable List<io.gohsp.basis.Matrix>> queries(List<Boolean> free) {
    List<@Nullable List<io.gohsp.basis.Matrix>> all = nothing();
    MomentGraph graph = free.contains(true) ? MomentGraph.of(working, free) : null;
    if (graph == null) {
      return all;
    }
    Map<Integer, Both> measured = new LinkedHashMap<>();
    for (int block = 0; block < all.size(); block++) {
      MomentGraph.Sides sides = graph.blocks().get(block);
      PrunableAxis axis = axis(block, GroupKind.QK);
      if (sides != null && axis != null) {
        measured.put(
            block,
            new Both(
                new Moments(sides.queries(), axis.rows(), axis.size()),
                new Moments(sides.keys(), axis.rows(), axis.size())));
      }
    }
    calibration.run(
        "the graph of queries and keys",
        graph.model(),
        Set.of(),
        LastBatch.DROP,
        (batch, results) ->
            measured
                .values()
                .forEach(
                    both -> {
                      both.queries().add(results);
                      both.keys().add(results);
                    }));
    measured.forEach(
        (block, both) -> {
          List<Matrix> queries = both.queries().matrices(false);
          List<Matrix> keys = both.keys().matrices(true);
          List<io.gohsp.basis.Matrix> rows = new ArrayList<>();
          for (int row = 0; row < queries.size(); row++) {
            rows.add(basis(queries.get(row), keys.get(row)));
          }
          all.set(block, byHead(block, GroupKind.QK, rows));
        });
    return all;
  }

  // ---- values

  @SuppressWarnings("ArrayRecordComponent") // never compared
  private record Output(int block, LinearLayer layer, int[][] rows) {}

  private List<@Nullable List<io.gohsp.basis.Matrix>> values(List<Boolean> free) {
    List<@Nullable List<io.gohsp.basis.Matrix>> all = nothing();
    List<Output> outputs = new ArrayList<>();
    List<List<BlockGroups>> groups = BlockGroups.of(working.blocks());
    for (int block = 0; block < all.size(); block++) {
      AttentionPart attention = working.blocks().get(block).attention();
      LinearLayer layer =
          !free.get(block) || attention == null
              ? null
              : GroupRows.layer(working, attention.outputs());
      for (BlockGroups some : groups.get(block)) {
        int[][] rows =
            layer == null || some.kind() != GroupKind.V ? null : GroupRows.of(working, layer, some);
        if (layer != null && rows != null && Arrays.stream(rows).allMatch(row -> row.length == 1)) {
          outputs.add(new Output(block, layer, rows));
        }
      }
    }
    List<LayerInputs> inputs =
        LayerInputs.measure(
            working.model(), outputs.stream().map(Output::layer).toList(), calibration);
    for (int i = 0; i < outputs.size(); i++) {
      Output output = outputs.get(i);
      all.set(output.block(), byHead(output.block(), GroupKind.V, bases(output, inputs.get(i))));
    }
    return all;
  }

  /** One for each row of heads; those that share values have one, for all their outputs. */
  private List<io.gohsp.basis.Matrix> bases(Output output, LayerInputs inputs) {
    PrunableAxis axis = axis(output.block(), GroupKind.V);
    List<io.gohsp.basis.Matrix> bases = new ArrayList<>();
    if (axis == null) {
      return bases;
    }
    LinearLayer layer = output.layer();
    Matrix moments = layer.hasBias() ? inputs.covariance(0) : inputs.secondMoments(0);
    Matrix weights = Matrix.of(layer.inputs(), layer.outputs(), layer.weights());
    int[] everything = IntStream.range(0, layer.outputs()).toArray();
    int columns = axis.size();
    for (int row = 0; row < axis.rows(); row++) {
      Matrix attended = Matrix.zeros(columns, columns);
      List<Matrix> read = new ArrayList<>();
      for (int head = 0; head * columns < output.rows().length; head++) {
        if (row(output.block(), axis, head) == row) {
          int from = head * columns;
          int[] own = IntStream.range(from, from + columns).map(i -> output.rows()[i][0]).toArray();
          double[] sum = attended.values();
          double[] more = moments.part(own, own).values();
          for (int i = 0; i < sum.length; i++) {
            sum[i] += more[i];
          }
          read.add(weights.part(own, everything));
        }
      }
      Matrix all = sideBySide(read);
      bases.add(basis(attended, all.timesTransposed(all)));
    }
    return bases;
  }

  private static Matrix sideBySide(List<Matrix> parts) {
    int rows = parts.get(0).rows();
    int width = parts.stream().mapToInt(Matrix::columns).sum();
    Matrix all = Matrix.zeros(rows, width);
    int from = 0;
    for (Matrix part : parts) {
      for (int row = 0; row < rows; row++) {
        System.arraycopy(
            part.values(), row * part.columns(), all.values(), row * width + from, part.columns());
      }
      from += part.columns();
    }
    return all;
  }

  // ---- heads

  private List<@Nullable List<io.gohsp.basis.Matrix>> nothing() {
    List<@Nullable List<io.gohsp.basis.Matrix>> all = new ArrayList<>();
    working.blocks().forEach(block -> all.add(null));
    return all;
  }

  private @Nullable PrunableAxis axis(int block, GroupKind kind) {
    AttentionPart attention = working.blocks().get(block).attention();
    return attention == null ? null : kind == GroupKind.QK ? attention.qk() : attention.v();
  }

  private int row(int block, PrunableAxis axis, int head) {
    AttentionPart attention = working.blocks().get(block).attention();
    PrunableAxis heads = attention == null ? null : attention.heads();
    return heads == null ? 0 : axis.row(heads, head);
  }

  private static io.gohsp.basis.Matrix basis(Matrix first, Matrix second) {
    int size = first.rows();
    return PairBasis.of(
            io.gohsp.basis.Matrix.of(size, first.values()),
            io.gohsp.basis.Matrix.of(size, second.values()))
        .matrix();
  }

  /** From rows of heads to heads; null if there is no attention. */
  private @Nullable List<io.gohsp.basis.Matrix> byHead(
      int block, GroupKind kind, List<io.gohsp.basis.Matrix> rows) {
    AttentionPart attention = working.blocks().get(block).attention();
    PrunableAxis axis = axis(block, kind);
    if (attention == null || axis == null) {
      return null;
    }
    List<io.gohsp.basis.Matrix> all = new ArrayList<>();
    for (int head = 0; head < attention.headCount(); head++) {
      all.add(rows.get(row(block, axis, head)));
    }
    return all;
  }
}
