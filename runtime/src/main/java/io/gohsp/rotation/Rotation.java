package io.gohsp.rotation;

import io.gohsp.basis.Basis;
import io.gohsp.basis.BasisAnalysis;
import io.gohsp.basis.ColumnMoments;
import io.gohsp.basis.Freedom;
import io.gohsp.basis.InputVariation;
import io.gohsp.calibration.Calibration;
import io.gohsp.data.DataException;
import io.gohsp.ir.Value;
import io.gohsp.linalg.Matrix;
import io.gohsp.linear.Activation;
import io.gohsp.linear.LinearLayer;
import io.gohsp.normalize.WorkingModel;
import io.gohsp.recover.GroupRows;
import io.gohsp.recover.LayerInputs;
import io.gohsp.recover.SurgeonResiduals;
import io.gohsp.selection.BlockGroups;
import io.gohsp.selection.GroupKind;
import io.gohsp.vit.AttentionPart;
import io.gohsp.vit.Block;
import io.gohsp.vit.PrunableAxis;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * The bases that the columns of heads are best cut in, from calibration samples: METHOD.md section
 * 9 with data. What is not free to be written in another basis stays as it is. Everything is
 * measured in one pass, and what was measured can be said of the model in these bases, too.
 */
public final class Rotation {
  private final WorkingModel working;
  private final BasisAnalysis analysis;
  private final List<Output> outputs = new ArrayList<>();
  private final Map<Value, LayerInputs> inputs = new LinkedHashMap<>();
  private final List<@Nullable Basis> bases = new ArrayList<>();

  private Rotation(WorkingModel working) {
    this.working = working;
    this.analysis = BasisAnalysis.of(working);
  }

  /**
   * Measures and chooses.
   *
   * @throws DataException if the samples cannot be used
   */
  public static Rotation measure(WorkingModel working, Calibration calibration) {
    Rotation rotation = new Rotation(working);
    rotation.look(calibration);
    rotation.choose();
    return rotation;
  }

  /** One for each block of the model; null where nothing changes. */
  public List<@Nullable Basis> bases() {
    return new ArrayList<>(bases);
  }

  /** What output layers read once the model is in these bases, by name. */
  public Map<String, LayerInputs> inputs() {
    Map<String, LayerInputs> all = new LinkedHashMap<>();
    inputs.forEach((value, own) -> all.put(value.name(), own));
    for (Output output : outputs) {
      Basis basis = bases.get(output.block());
      if (basis != null && basis.v() != null) {
        Value read = output.layer().input();
        List<Matrix> matrices =
            basis.v().stream()
                .map(matrix -> Matrix.of(matrix.size(), matrix.size(), matrix.elements()))
                .toList();
        all.put(read.name(), Objects.requireNonNull(inputs.get(read)).in(output.heads(), matrices));
      }
    }
    return all;
  }

  private void look(Calibration calibration) {
    ColumnMoments columns = new ColumnMoments(working, analysis);
    Set<Activation> read = SurgeonResiduals.read(working);
    List<List<BlockGroups>> groups = BlockGroups.of(working.blocks());
    for (int i = 0; i < groups.size(); i++) {
      Block block = working.blocks().get(i);
      Freedom qk = analysis.qk(block);
      if (isFree(qk)) {
        read.addAll(columns.activations(qk));
      }
      Output output = isFree(analysis.v(block)) ? output(i, groups.get(i)) : null;
      if (output != null) {
        outputs.add(output);
        read.add(Activation.weighted(working.model(), output.layer(), working.facts()));
      }
    }
    LayerInputs.measure(working.model(), read, calibration)
        .forEach((activation, own) -> inputs.put(activation.value(), own));
  }

  private void choose() {
    List<@Nullable List<io.gohsp.basis.Matrix>> v = values();
    for (int block = 0; block < working.blocks().size(); block++) {
      Basis basis = new Basis(queries(block), v.get(block));
      bases.add(basis.isEmpty() ? null : basis);
    }
  }

  private static boolean isFree(@Nullable Freedom freedom) {
    return freedom != null && freedom.isFree();
  }

  // ---- queries and keys

  private @Nullable List<io.gohsp.basis.Matrix> queries(int block) {
    AttentionPart attention = working.blocks().get(block).attention();
    Freedom freedom = analysis.qk(working.blocks().get(block));
    if (attention == null || attention.qk() == null || !isFree(freedom)) {
      return null;
    }
    ColumnMoments columns = new ColumnMoments(working, analysis, this::variation);
    Map<ColumnMoments.Sides, io.gohsp.basis.Matrix> known = new HashMap<>(); // heads may share one
    return columns.of(attention, attention.qk(), Objects.requireNonNull(freedom)).stream()
        .map(
            sides ->
                known.computeIfAbsent(
                    sides, both -> PairBasis.of(both.first(), both.second()).matrix()))
        .toList();
  }

  private @Nullable InputVariation variation(Value activation) {
    LayerInputs own = inputs.get(activation);
    return own == null ? null : new Measured(own.covariance(0), own.mean());
  }

  @SuppressWarnings("ArrayRecordComponent") // never compared
  private record Measured(Matrix covariance, double[] mean) implements InputVariation {
    @Override
    public io.gohsp.basis.Matrix through(double[] weights, int size) {
      Matrix columns = Matrix.of(covariance.rows(), size, weights);
      return io.gohsp.basis.Matrix.of(
          size, columns.transposedTimes(covariance.times(columns)).values());
    }
  }

  // ---- values

  /**
   * @param rows by head and column the input of the layer
   */
  @SuppressWarnings("ArrayRecordComponent") // never compared
  private record Output(int block, LinearLayer layer, int[][] rows, int columns) {
    /** The inputs that belong to a head. */
    int[] head(int head) {
      return IntStream.range(head * columns, (head + 1) * columns).map(i -> rows[i][0]).toArray();
    }

    List<int[]> heads() {
      return IntStream.range(0, rows.length / columns).mapToObj(this::head).toList();
    }
  }

  private @Nullable Output output(int block, List<BlockGroups> groups) {
    AttentionPart attention = working.blocks().get(block).attention();
    PrunableAxis axis = axis(block, GroupKind.V);
    LinearLayer layer =
        attention == null || axis == null ? null : GroupRows.layer(working, attention.outputs());
    for (BlockGroups some : groups) {
      int[][] rows =
          layer == null || some.kind() != GroupKind.V ? null : GroupRows.of(working, layer, some);
      if (axis != null
          && layer != null
          && rows != null
          && Arrays.stream(rows).allMatch(row -> row.length == 1)) {
        return new Output(block, layer, rows, axis.size());
      }
    }
    return null;
  }

  private List<@Nullable List<io.gohsp.basis.Matrix>> values() {
    List<@Nullable List<io.gohsp.basis.Matrix>> all = new ArrayList<>();
    working.blocks().forEach(block -> all.add(null));
    for (Output output : outputs) {
      LayerInputs own = Objects.requireNonNull(inputs.get(output.layer().input()));
      all.set(output.block(), byHead(output.block(), GroupKind.V, bases(output, own)));
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
          int[] own = output.head(head);
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
