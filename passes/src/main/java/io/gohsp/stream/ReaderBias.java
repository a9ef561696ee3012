package io.gohsp.stream;

import io.gohsp.ir.Graph;
import io.gohsp.ir.Node;
import io.gohsp.ir.OpId;
import io.gohsp.ir.Use;
import io.gohsp.ir.Value;
import io.gohsp.linear.LinearLayer;
import io.gohsp.op.ConstantValue;
import io.gohsp.tensor.Tensor;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Moves what a norm adds to channels behind the layer that reads them: {@code (n + b) W = n W + b
 * W}.
 */
final class ReaderBias {
  private ReaderBias() {}

  /** Whether that can be done for a layer: its weight is known and its own. */
  static boolean isKnown(Node layer) {
    return isFused(layer)
        ? ConstantValue.of(layer.input(1)) != null
            && layer.optionalInput(2) != null
            && ConstantValue.of(layer.input(2)) != null
        : LinearLayer.find(layer).isPresent();
  }

  /** Where a layer's bias is stored; null if it has none that is known. */
  static @Nullable Value stored(Node layer) {
    return isFused(layer)
        ? layer.optionalInput(2)
        : LinearLayer.find(layer).map(LinearLayer::storedBias).orElse(null);
  }

  /** Whether a layer has no bias that could take it. */
  static boolean lacks(Node layer) {
    if (isFused(layer)) {
      return false;
    }
    LinearLayer linear = LinearLayer.of(layer);
    return !linear.hasBias() && given(linear) == null;
  }

  /**
   * Gives a layer a bias of zeroes.
   *
   * @param layer one that has none
   * @return the addition
   */
  static Node give(Node layer) {
    LinearLayer linear = LinearLayer.of(layer);
    return insert(linear, new double[linear.outputs()]);
  }

  /** The addition that {@link #give} made; null if none did. */
  private static @Nullable Node given(LinearLayer layer) {
    List<Use> uses = layer.node().output().uses();
    Node next = uses.size() == 1 ? uses.get(0).node() : null;
    boolean adds =
        next != null && next.is("Add") && next.input(0) == layer.node().output() && isBias(next);
    return adds ? next : null;
  }

  private static boolean isBias(Node addition) {
    return ConstantValue.of(addition.input(1)) != null;
  }

  private static boolean isFused(Node layer) {
    return layer.is(OpId.MICROSOFT, "Attention");
  }

  /**
   * Adds {@code shift · W} to the layer's bias.
   *
   * @param shift for each input
   */
  static void add(Node layer, double[] shift) {
    if (Arrays.stream(shift).allMatch(number -> number == 0)) {
      return;
    }
    if (isFused(layer)) {
      fused(layer, shift);
      return;
    }
    LinearLayer linear = LinearLayer.of(layer);
    double[] sums = through(shift, linear.weights(), linear.outputs());
    Node given = linear.hasBias() ? null : given(linear);
    if (given == null) {
      linear.addBias(sums);
    } else { // behind a layer of several axes of outputs
      Tensor bias = Objects.requireNonNull(ConstantValue.of(given.input(1)));
      double[] old = bias.doubles();
      Arrays.setAll(sums, o -> sums[o] + old[o]);
      replace(given, 1, Tensor.ofDoubles(bias.type(), bias.dims(), sums));
    }
  }

  private static double[] through(double[] shift, double[] weights, int outputs) {
    double[] sums = new double[outputs];
    for (int i = 0; i < shift.length; i++) {
      for (int o = 0; o < outputs; o++) {
        sums[o] += shift[i] * weights[i * outputs + o];
      }
    }
    return sums;
  }

  /** Weight [channels, outputs] and bias [outputs] are operands. */
  private static void fused(Node layer, double[] shift) {
    Tensor weight = Objects.requireNonNull(ConstantValue.of(layer.input(1)));
    Tensor bias = Objects.requireNonNull(ConstantValue.of(layer.input(2)));
    double[] sums = through(shift, weight.doubles(), Math.toIntExact(weight.dim(1)));
    double[] old = bias.doubles();
    Arrays.setAll(sums, o -> sums[o] + old[o]);
    replace(layer, 2, Tensor.ofDoubles(bias.type(), bias.dims(), sums));
  }

  private static void replace(Node reader, int index, Tensor contents) {
    Value old = reader.input(index);
    String name = reader.graph().model().names().fresh(old.name() + "_shifted");
    reader.setInput(index, reader.graph().addInitializer(name, contents));
  }

  private static Node insert(LinearLayer layer, double[] sums) {
    Node node = layer.node();
    Graph graph = node.graph();
    Tensor weight = Objects.requireNonNull(ConstantValue.of(layer.stored()));
    long[] dims = outputs(layer, weight, sums.length);
    Value output = node.output();
    String name = graph.model().names().fresh(output.name() + "_shift");
    Value bias = graph.addInitializer(name, Tensor.ofDoubles(weight.type(), dims, sums));
    List<Use> readers = output.uses();
    int next = graph.indexOf(node) + 1;
    String hint = output.name() + "_shifted";
    Node addition =
        next == graph.nodes().size()
            ? graph.append(OpId.of("Add"), hint, output, bias)
            : graph.insertBefore(graph.nodes().get(next), OpId.of("Add"), hint, output, bias);
    Value shifted = addition.output();
    readers.forEach(use -> use.node().setInput(use.index(), shifted));
    if (output.isGraphOutput()) {
      graph.returnInstead(output, shifted);
    }
    return addition;
  }

  /** [outputs], [outputs, 1, ..] or, of an Einsum, its several axes of outputs. */
  private static long[] outputs(LinearLayer layer, Tensor weight, long outputs) {
    long[] dims = weight.dims();
    if (layer.node().is("Einsum")) {
      int first = dims.length;
      for (long product = 1; product < outputs; ) {
        product *= dims[--first];
      }
      return Arrays.copyOfRange(dims, first, dims.length);
    }
    long[] one = new long[layer.channelsSecond() ? dims.length - 1 : 1];
    Arrays.fill(one, 1);
    one[0] = outputs;
    return one;
  }
}
