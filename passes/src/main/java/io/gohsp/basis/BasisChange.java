package io.gohsp.basis;

import io.gohsp.axis.Fixed;
import io.gohsp.ir.Graph;
import io.gohsp.ir.Location;
import io.gohsp.ir.Model;
import io.gohsp.ir.ModelException;
import io.gohsp.ir.Node;
import io.gohsp.ir.Traversal;
import io.gohsp.ir.Value;
import io.gohsp.normalize.MergeCopies;
import io.gohsp.normalize.WorkingModel;
import io.gohsp.op.ConstantValue;
import io.gohsp.tensor.Tensor;
import io.gohsp.vit.AttentionPart;
import io.gohsp.vit.Block;
import io.gohsp.vit.PrunableAxis;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Writes the query-key and value columns of a model's heads in other bases. Only weights change, by
 * products computed in double precision and rounded once; what is computed does not.
 */
public final class BasisChange {
  private final WorkingModel working;
  private final BasisAnalysis analysis;
  private final Location location;
  private final Map<String, Tensor> changed = new LinkedHashMap<>();

  private BasisChange(Model original) {
    this.working = WorkingModel.normalized(original);
    this.analysis = BasisAnalysis.of(working);
    this.location = Location.of(original);
  }

  /**
   * The model in other bases. The original is not changed.
   *
   * @param bases for each block of the model, in the order of the graph; null to leave it
   * @throws ModelException.BadPlan if they do not fit the model, or a block's columns are not free
   */
  public static Model apply(Model original, List<@Nullable Basis> bases) {
    BasisChange change = new BasisChange(original);
    List<Block> blocks = change.working.blocks();
    if (bases.size() != blocks.size()) {
      throw new ModelException.BadPlan(
          change.location,
          "there are bases for " + bases.size() + " blocks, the model has " + blocks.size(),
          "use a plan that was made for this architecture");
    }
    for (int i = 0; i < blocks.size(); i++) {
      Basis basis = bases.get(i);
      if (basis != null) {
        change.add(blocks.get(i), basis);
      }
    }
    return change.rewritten(original);
  }

  /** Constants keep their names in every copy of the model, so that the user's own nodes stay. */
  private Model rewritten(Model original) {
    WorkingModel target = WorkingModel.normalized(original, node -> false, false);
    Traversal.graphsWithin(target.model().graph())
        .map(Graph::initializers)
        .flatMap(List::stream)
        .forEach(this::replace);
    Traversal.nodesWithin(target.model().graph())
        .filter(node -> node.is("Constant"))
        .map(Node::output)
        .forEach(this::replace);
    MergeCopies.run(target.copies());
    return target.model();
  }

  private void replace(Value constant) {
    Tensor contents = changed.get(constant.name());
    if (contents != null) {
      ConstantValue.replace(constant, contents);
    }
  }

  private void add(Block block, Basis basis) {
    AttentionPart attention = block.attention();
    if (basis.qk() != null) {
      add(
          "query-key columns of " + block.name(),
          attention,
          attention == null ? null : attention.qk(),
          analysis.qk(block),
          basis.qk());
    }
    if (basis.v() != null) {
      add(
          "value columns of " + block.name(),
          attention,
          attention == null ? null : attention.v(),
          analysis.v(block),
          basis.v());
    }
  }

  private void add(
      String what,
      @Nullable AttentionPart attention,
      @Nullable PrunableAxis axis,
      @Nullable Freedom freedom,
      List<Matrix> matrices) {
    if (attention == null || freedom == null) {
      throw bad(what + " have a basis, but there is no attention", "use a plan for this model");
    }
    Fixed obstacle = freedom.obstacle();
    if (obstacle != null || axis == null) {
      throw bad(
          what
              + " cannot be written in another basis: "
              + (obstacle == null
                  ? ""
                  : (obstacle.node() == null ? "the axis " : obstacle.node() + ": ")
                      + obstacle.reason()),
          "leave the basis out of the plan, and choose its columns anew");
    }
    List<Matrix> rows = rows(what, attention, axis, matrices);
    List<Matrix> duals = rows.stream().map(row -> inverted(what, row)).toList();
    for (Place place : freedom.places()) {
      rewrite(place, axis, place.dual() ? duals : rows);
    }
  }

  private ModelException.BadPlan bad(String problem, String hint) {
    return new ModelException.BadPlan(location, problem, hint);
  }

  private Matrix inverted(String what, Matrix matrix) {
    Matrix dual = matrix.inverseTransposed();
    if (dual == null) {
      throw bad("a basis of the " + what + " has no inverse", "write the plan again");
    }
    return dual;
  }

  /** One matrix for each combination of the head factors that the columns depend on. */
  private List<Matrix> rows(
      String what, AttentionPart attention, PrunableAxis axis, List<Matrix> matrices) {
    if (matrices.size() != attention.headCount()) {
      throw bad(
          what + " have bases for " + matrices.size() + " heads of " + attention.headCount(),
          "give one for each head");
    }
    @Nullable Matrix[] byRow = new @Nullable Matrix[axis.rows()];
    PrunableAxis heads = attention.heads();
    for (int head = 0; head < matrices.size(); head++) {
      Matrix matrix = matrices.get(head);
      if (matrix.size() != axis.size()) {
        throw bad(
            what + " have a basis of " + matrix.size() + " columns instead of " + axis.size(),
            "use a plan that was made for this architecture");
      }
      int row = heads == null ? 0 : axis.row(heads, head);
      if (byRow[row] != null && !matrix.equals(byRow[row])) {
        throw bad(
            what + " are shared by heads whose bases differ",
            "give heads that share keys the same");
      }
      byRow[row] = matrix;
    }
    List<Matrix> rows = new ArrayList<>();
    for (Matrix row : byRow) {
      rows.add(Objects.requireNonNull(row, "every row belongs to a head"));
    }
    return rows;
  }

  private void rewrite(Place place, PrunableAxis axis, List<Matrix> rows) {
    Value constant = place.constant();
    Tensor old = changed.get(constant.name());
    if (old == null) {
      old = Objects.requireNonNull(ConstantValue.of(constant));
    }
    changed.put(
        constant.name(),
        new Lines(place, analysis.sides(), working.analysis(), axis).times(rows, old));
  }
}
