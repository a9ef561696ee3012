package io.gohsp.basis;

import io.gohsp.axis.AxisLayout;
import io.gohsp.axis.AxisLayout.Leaf;
import io.gohsp.axis.AxisLayout.Product;
import io.gohsp.axis.Factor;
import io.gohsp.ir.Attribute;
import io.gohsp.ir.Graph;
import io.gohsp.ir.IrVerifier;
import io.gohsp.ir.Model;
import io.gohsp.ir.Node;
import io.gohsp.ir.Value;
import io.gohsp.lower.Lowering;
import io.gohsp.normalize.RemoveUnused;
import io.gohsp.normalize.WorkingModel;
import io.gohsp.rewrite.GraphBuilder;
import io.gohsp.tensor.ElementType;
import io.gohsp.vit.AttentionPart;
import io.gohsp.vit.PrunableAxis;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * A model that returns how the query-key columns of heads vary together: for each block whose
 * columns are free, the second moments of queries and of keys, over all tokens of all samples and
 * over all heads that share keys. Attention of every form is lowered to the product of queries and
 * keys first.
 *
 * @param model returns nothing but the sums
 * @param blocks one for each block of the original; null where nothing is measured
 */
public record MomentGraph(Model model, List<@Nullable Sides> blocks) {
  /** What is measured of a block. Keys are the operand that the product has second. */
  public record Sides(Sums queries, Sums keys) {}

  /**
   * Names of the outputs for one operand x of the product.
   *
   * @param gram xᵀx, [rows, columns, columns] FLOAT; rows as {@link PrunableAxis#row} counts them
   * @param sum [rows, columns] FLOAT
   * @param elements how many numbers x has, INT64
   */
  public record Sums(String gram, String sum, String elements) {}

  /**
   * Builds it; the model stays as it is.
   *
   * @param free by block whether its query-key columns are to be measured
   * @return null if there is nothing to measure
   */
  public static @Nullable MomentGraph of(WorkingModel working, List<Boolean> free) {
    WorkingModel lowered = WorkingModel.normalized(Lowering.of(working.model()).model());
    if (lowered.blocks().size() != free.size()) {
      return null; // taken apart, it shows other blocks: there is nobody to speak of
    }
    Graph graph = lowered.model().graph();
    List<Value> results = new ArrayList<>();
    List<@Nullable Sides> blocks = new ArrayList<>();
    for (int block = 0; block < free.size(); block++) {
      AttentionPart attention = lowered.blocks().get(block).attention();
      PrunableAxis axis = attention == null ? null : attention.qk();
      blocks.add(
          !free.get(block) || attention == null || axis == null || axis.factor() == null
              ? null
              : sides(lowered, attention, axis, "gohsp/moments/" + block, results));
    }
    if (results.isEmpty()) {
      return null;
    }
    graph.clearOutputs();
    results.forEach(graph::addOutput);
    RemoveUnused.run(lowered.model(), Set.of());
    IrVerifier.verify(lowered.model());
    return new MomentGraph(lowered.model(), blocks);
  }

  private static @Nullable Sides sides(
      WorkingModel lowered,
      AttentionPart attention,
      PrunableAxis axis,
      String scope,
      List<Value> results) {
    Node product = attention.scores().get(0).node();
    if (product.graph() != lowered.model().graph() || attention.scores().size() != 1) {
      return null;
    }
    List<Value> added = new ArrayList<>();
    List<Sums> sums = new ArrayList<>();
    for (Value operand : product.presentInputs().toList()) {
      GraphBuilder g =
          GraphBuilder.appendingTo(lowered.model().graph()).in(scope + "/" + sums.size());
      Value rows =
          rows(
              operand,
              Objects.requireNonNullElse(lowered.analysis().layout(operand), List.of()),
              axis,
              g);
      if (rows == null) {
        return null;
      }
      Value byRow = g.transpose(rows, 1, 0, 2);
      Value gram = g.as("gram").op("MatMul", g.transpose(rows, 1, 2, 0), byRow);
      Value sum = g.as("sum").reduceSum(rows, false, 0);
      Value elements = g.as("size").op("Size", rows);
      added.addAll(List.of(gram, sum, elements));
      sums.add(new Sums(gram.name(), sum.name(), elements.name()));
    }
    if (sums.size() != 2) {
      return null;
    }
    results.addAll(added);
    return new Sides(sums.get(0), sums.get(1));
  }

  /**
   * Every position of the columns' factor and of those that its choice depends on, whatever else
   * there is counting as tokens: [tokens, rows, columns]; null if the axes cannot be put in order.
   */
  private static @Nullable Value rows(
      Value value, List<AxisLayout> axes, PrunableAxis axis, GraphBuilder g) {
    List<Factor> wanted = new ArrayList<>(axis.dependsOn());
    wanted.add(Objects.requireNonNull(axis.factor()));
    List<Value> extents = new ArrayList<>();
    List<@Nullable Factor> places = new ArrayList<>();
    for (int i = 0; i < axes.size(); i++) {
      AxisLayout layout = axes.get(i);
      if (layout.factors().noneMatch(wanted::contains)) {
        extents.add(
            g.op("Shape", List.of(Attribute.of("start", i), Attribute.of("end", i + 1L)), value));
        places.add(null);
        continue;
      }
      for (AxisLayout part :
          layout instanceof Product product ? product.parts() : List.of(layout)) {
        if (!(part instanceof Leaf leaf) || !leaf.size().isKnown()) {
          return null;
        }
        extents.add(g.longs(leaf.factor().count()));
        places.add(leaf.factor());
      }
    }
    List<Long> order = new ArrayList<>();
    for (int i = 0; i < places.size(); i++) {
      if (places.get(i) == null || !wanted.contains(places.get(i))) {
        order.add((long) i);
      }
    }
    for (Factor factor : wanted) {
      int at = places.indexOf(factor);
      if (at < 0 || places.lastIndexOf(factor) != at) {
        return null;
      }
      order.add((long) at);
    }
    Value apart = g.op("Reshape", value, g.concat(0, extents.toArray(Value[]::new)));
    long[] permutation = order.stream().mapToLong(Long::longValue).toArray();
    return g.reshape(
        g.op(
            "Cast",
            List.of(Attribute.of("to", (long) ElementType.FLOAT.code())),
            g.transpose(apart, permutation)),
        -1,
        axis.rows(),
        axis.factor().count());
  }
}
