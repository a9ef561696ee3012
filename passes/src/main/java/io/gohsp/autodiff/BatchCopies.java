package io.gohsp.autodiff;

import io.gohsp.axis.AxisAnalysis;
import io.gohsp.axis.AxisLayout;
import io.gohsp.axis.Factor;
import io.gohsp.ir.Graph;
import io.gohsp.ir.Value;
import io.gohsp.op.ConstantValue;
import io.gohsp.rewrite.GraphBuilder;
import io.gohsp.shape.ShapeFacts;
import io.gohsp.shape.Size;
import io.gohsp.tensor.Tensor;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Parameters that hold the same numbers for each sample of a batch.
 *
 * <p>Exported with a fixed batch of B, a class token of [1, 1, D] is expanded by the exporter and
 * stored as [B, 1, D]. It stays one parameter: each copy gets the sum of all copies' gradients,
 * which is the gradient of what was expanded, so that copies that are equal stay equal.
 */
final class BatchCopies {
  /**
   * A parameter's shape with the batch apart.
   *
   * @param dims the parameter's axes, those that contain the batch split up
   * @param axes of {@code dims} along which the batch lies
   */
  private record Copies(List<Long> dims, List<Long> axes) {}

  private final Map<Value, Copies> copies = new HashMap<>();

  /**
   * Finds them.
   *
   * @param graph before a loss is added; nothing is found where its inputs leave the batch open
   * @param parameters constants of the graph
   */
  BatchCopies(Graph graph, ShapeFacts facts, Iterable<Value> parameters) {
    boolean fixed =
        graph.inputs().stream().anyMatch(input -> input.constant() == null && batch(facts, input));
    if (!fixed) {
      return;
    }
    AxisAnalysis analysis = AxisAnalysis.of(graph.model(), facts);
    Set<Factor> batch = new HashSet<>();
    for (Value input : graph.inputs()) {
      List<AxisLayout> axes = analysis.layout(input);
      if (input.constant() == null && batch(facts, input) && axes != null) {
        axes.get(0).factors().forEach(batch::add);
      }
    }
    for (Value parameter : parameters) {
      List<AxisLayout> axes = analysis.layout(parameter);
      Copies found = axes == null ? null : copies(axes, batch);
      Tensor contents = ConstantValue.of(parameter);
      if (found != null && contents != null && areEqual(contents.floats(), found)) {
        copies.put(parameter, found);
      }
    }
  }

  private static boolean batch(ShapeFacts facts, Value input) {
    List<Size> shape = facts.shape(input);
    return shape != null && !shape.isEmpty() && shape.get(0).isKnown() && shape.get(0).value() > 1;
  }

  private static @Nullable Copies copies(List<AxisLayout> axes, Set<Factor> batch) {
    List<Long> dims = new ArrayList<>();
    List<Long> along = new ArrayList<>();
    for (AxisLayout axis : axes) {
      List<AxisLayout> parts =
          axis instanceof AxisLayout.Product product ? product.parts() : List.of(axis);
      for (AxisLayout part : parts) {
        if (!part.size().isKnown()) {
          return null;
        }
        if (part.factors().allMatch(batch::contains) && part.size().value() > 1) {
          along.add((long) dims.size());
        }
        dims.add(part.size().value());
      }
    }
    return along.isEmpty() ? null : new Copies(dims, along);
  }

  private static boolean areEqual(float[] values, Copies shape) {
    int[] first = firstCopies(values.length, shape);
    for (int i = 0; i < values.length; i++) {
      if (Float.compare(values[i], values[first[i]]) != 0) {
        return false;
      }
    }
    return true;
  }

  private static int[] firstCopies(int elements, Copies shape) {
    int[] first = new int[elements];
    Arrays.setAll(first, i -> i);
    for (long axis : shape.axes()) {
      int extent = Math.toIntExact(shape.dims().get((int) axis));
      int stride = 1;
      for (int i = (int) axis + 1; i < shape.dims().size(); i++) {
        stride *= Math.toIntExact(shape.dims().get(i));
      }
      for (int i = 0; i < elements; i++) {
        first[i] -= first[i] / stride % extent * stride;
      }
    }
    return first;
  }

  /** For each element of a parameter the first of its copies; each its own where there are none. */
  int[] firstCopies(Value parameter, int elements) {
    return firstCopies(elements, copies.getOrDefault(parameter, new Copies(List.of(), List.of())));
  }

  /** What each copy's gradient is to be. */
  Value gradient(Value parameter, Value gradient) {
    Copies found = copies.get(parameter);
    if (found == null) {
      return gradient;
    }
    GraphBuilder g = GraphBuilder.appendingTo(gradient.graph()).in(parameter.name() + "/copies");
    long[] dims = found.dims().stream().mapToLong(Long::longValue).toArray();
    long[] axes = found.axes().stream().mapToLong(Long::longValue).toArray();
    Value sum = g.reduceSum(g.reshape(gradient, dims), true, axes);
    Value expanded = g.op("Expand", sum, g.longs(dims));
    Tensor contents = Objects.requireNonNull(ConstantValue.of(parameter));
    return g.reshape(expanded, contents.dims());
  }
}
