package io.gohsp.autodiff;

import io.gohsp.ir.Attribute;
import io.gohsp.ir.Node;
import io.gohsp.ir.Value;
import io.gohsp.op.GatherOp;
import io.gohsp.shape.Size;
import io.gohsp.tensor.ElementType;
import io.gohsp.tensor.Tensor;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.LongStream;
import org.jspecify.annotations.Nullable;

/** Reading and writing at indices. */
final class IndexingGradients {
  private static final Attribute ADD = Attribute.of("reduction", "add");

  private IndexingGradients() {}

  static void register(GradientRules rules) {
    rules.one(IndexingGradients::gather, "Gather");
    rules.one(IndexingGradients::gatherElements, "GatherElements");
    rules.one(IndexingGradients::gatherNd, "GatherND");
    rules.one(IndexingGradients::scatterNd, "ScatterND");
    rules.one(IndexingGradients::scatterElements, "ScatterElements");
  }

  /**
   * {@code y = x[i]} along one axis: {@code dx[i] += dy}. One constant position is padded with
   * zeroes; otherwise {@code dy} is added into zeroes, with the axis moved to the front.
   */
  private static List<@Nullable Value> gather(Node node, Value dy, GradientContext g) {
    return g.only(() -> gathered(node, dy, g));
  }

  private static Value gathered(Node node, Value dy, GradientContext g) {
    Value x = node.input(0);
    Value indices = node.input(1);
    int rank = g.rank(x);
    int axis = GatherOp.of(node).axis(rank);
    int indexRank = g.rank(indices);
    Size extent = g.shape(x).get(axis);
    long[] at = g.read(indices);
    if (at != null && at.length == 1 && indexRank <= 1 && (at[0] >= 0 || extent.isKnown())) {
      long position = at[0] < 0 ? at[0] + extent.value() : at[0];
      Value part = indexRank == 0 ? g.unsqueeze(dy, axis) : dy;
      return g.placed(part, x, axis, position, 1);
    }
    // [before.., index.., after..] to [index.., before.., after..]
    long[] perm =
        LongStream.concat(
                LongStream.concat(
                    LongStream.range(axis, (long) axis + indexRank), LongStream.range(0, axis)),
                LongStream.range((long) axis + indexRank, rank - 1L + indexRank))
            .toArray();
    Value scattered =
        g.op(
            "ScatterND",
            List.of(ADD),
            g.zeros(front(x, axis, rank, g)),
            g.unsqueeze(wide(indices, g), -1),
            g.transpose(dy, perm));
    long[] back = LongStream.range(0, rank).toArray();
    for (int i = 0; i < axis; i++) {
      back[i] = i + 1L;
    }
    back[axis] = 0;
    return g.transpose(scattered, back);
  }

  /** The extents of {@code x} with one axis moved to the front. */
  private static Value front(Value x, int axis, int rank, GradientContext g) {
    List<Size> shape = new ArrayList<>(g.shape(x));
    shape.add(0, shape.remove(axis));
    long[] known = g.known(shape);
    if (known != null) {
      return g.longs(known);
    }
    Value[] extents = new Value[rank];
    for (int i = 0; i < rank; i++) {
      extents[i] = g.extent(x, i == 0 ? axis : i <= axis ? i - 1 : i);
    }
    return g.concat(0, extents);
  }

  private static Value wide(Value indices, GradientContext g) {
    boolean already = g.type(indices) == ElementType.INT64;
    long code = ElementType.INT64.code();
    return already ? indices : g.op("Cast", List.of(Attribute.of("to", code)), indices);
  }

  /** {@code y[..j..] = x[..i[..j..]..]}: {@code dy} is added into zeroes at the same places. */
  private static List<@Nullable Value> gatherElements(Node node, Value dy, GradientContext g) {
    Attribute axis = Attribute.of("axis", GatherOp.of(node).axis());
    Value x = node.input(0);
    return g.only(
        () -> g.op("ScatterElements", List.of(axis, ADD), g.zerosLike(x), node.input(1), dy));
  }

  /**
   * {@code y = x[i..]} at tuples of indices: {@code dy} is added into zeroes at the same places.
   * Scattering knows no batch axes: where there are some, their positions come first in the tuples.
   */
  private static List<@Nullable Value> gatherNd(Node node, Value dy, GradientContext g) {
    Value x = node.input(0);
    int batch = Math.toIntExact(node.intAttribute("batch_dims", 0));
    return g.only(
        () -> {
          Value indices = batch == 0 ? node.input(1) : withBatch(node.input(1), batch, g);
          return g.op("ScatterND", List.of(ADD), g.zerosLike(x), indices, dy);
        });
  }

  /** [batch.., .., k] to [batch.., .., batch + k]: each tuple with its own place before it. */
  private static Value withBatch(Value indices, int batch, GradientContext g) {
    int rank = g.rank(indices);
    Value[] parts = new Value[batch + 1];
    Value tuples = g.op("Shape", List.of(Attribute.of("end", rank - 1L)), indices);
    Value one = g.concat(0, tuples, g.longs(1));
    Value zero = g.constant(Tensor.ofLong(0));
    Value step = g.constant(Tensor.ofLong(1));
    for (int axis = 0; axis < batch; axis++) {
      Value places = g.op("Range", zero, g.squeeze(g.extent(indices, axis), 0), step);
      long[] along = new long[rank];
      Arrays.fill(along, 1);
      along[axis] = -1;
      parts[axis] = g.op("Expand", g.reshape(places, along), one);
    }
    parts[batch] = indices;
    return g.concat(rank - 1, parts);
  }

  /**
   * {@code y} is {@code x} with updates written at indices, which are all different: {@code dx} is
   * {@code dy} with zeroes written there, {@code dupdates} is {@code dy} read there. Where updates
   * are added, {@code dx = dy}.
   */
  private static List<@Nullable Value> scatterNd(Node node, Value dy, GradientContext g) {
    Value indices = node.input(1);
    boolean adds = adds(node, g);
    return Arrays.asList(
        g.when(0, () -> adds ? dy : g.op("ScatterND", dy, indices, g.zerosLike(node.input(2)))),
        null,
        g.when(2, () -> g.op("GatherND", dy, indices)));
  }

  /** As {@link #scatterNd}, along one axis. */
  private static List<@Nullable Value> scatterElements(Node node, Value dy, GradientContext g) {
    List<Attribute> axis = List.of(Attribute.of("axis", GatherOp.of(node).axis()));
    Value indices = node.input(1);
    boolean adds = adds(node, g);
    return Arrays.asList(
        g.when(
            0,
            () ->
                adds ? dy : g.op("ScatterElements", axis, dy, indices, g.zerosLike(node.input(2)))),
        null,
        g.when(2, () -> g.op("GatherElements", axis, dy, indices)));
  }

  private static boolean adds(Node node, GradientContext g) {
    String reduction = node.stringAttribute("reduction", "none");
    if (!reduction.equals("none") && !reduction.equals("add")) {
      throw g.unsupported("reduction " + reduction + " has no rule", "scatter by adding");
    }
    return reduction.equals("add");
  }
}
