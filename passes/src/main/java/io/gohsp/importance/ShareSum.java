package io.gohsp.importance;

import io.gohsp.axis.AxisLayout;
import io.gohsp.axis.Factor;
import io.gohsp.importance.SensitivityGraph.Member;
import io.gohsp.ir.Graph;
import io.gohsp.ir.Location;
import io.gohsp.ir.ModelException;
import io.gohsp.ir.Value;
import io.gohsp.normalize.WorkingModel;
import io.gohsp.rewrite.GraphBuilder;
import io.gohsp.rewrite.RuntimeExtents;
import io.gohsp.selection.BlockGroups;
import io.gohsp.shape.ShapeFacts;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/** Writes {@code x·∂L/∂x}, added up as far as groups and samples allow, as an output. */
final class ShareSum {
  private final Graph graph;
  private final ShapeFacts facts;
  private final boolean bySample;
  private final @Nullable Factor samples;

  /**
   * @param facts of the model
   * @param bySample whether each sample's share is wanted on its own
   */
  ShareSum(WorkingModel model, ShapeFacts facts, boolean bySample) {
    this.graph = model.model().graph();
    this.facts = facts;
    this.bySample = bySample;
    this.samples = bySample ? samples(model) : null;
  }

  /** The first axis of the first input; null if it has one position only. */
  private static @Nullable Factor samples(WorkingModel model) {
    Value input =
        model.model().graph().inputs().stream()
            .filter(value -> value.constant() == null)
            .findFirst()
            .orElseThrow();
    List<AxisLayout> axes = model.analysis().layout(input);
    if (axes == null || axes.isEmpty()) {
      return null;
    }
    List<Factor> first = axes.get(0).factors().toList();
    if (first.size() > 1) {
      throw new ModelException.Unsupported(
          Location.of(model.model()),
          "the model divides its batch of \"" + input.name() + "\" into parts",
          "export it with a batch of one, or with an open batch");
    }
    return first.isEmpty() ? null : first.get(0);
  }

  /**
   * @return the axes of the new output, but for the one of the samples
   */
  List<AxisLayout> append(Scaled part, Value gradient) {
    Set<Factor> telling = new HashSet<>();
    for (Member member : part.members()) {
      BlockGroups groups = member.groups();
      telling.addAll(groups.factors());
      if (groups.heads() != null) {
        telling.addAll(groups.heads().layout().factors().toList());
      }
    }
    Predicate<AxisLayout> ofSamples =
        axis -> samples != null && axis.factors().anyMatch(f -> f == samples);
    Predicate<AxisLayout> stays =
        axis -> axis.factors().anyMatch(telling::contains) || ofSamples.test(axis);
    GraphBuilder g = GraphBuilder.appendingTo(graph).in("share").in(part.value().name());

    Value sum = g.mul(part.value(), gradient);
    List<AxisLayout> axes = new ArrayList<>(part.axes());
    sum = summed(sum, axes, stays, g);
    List<AxisLayout> parts = new ArrayList<>();
    for (AxisLayout axis : axes) {
      if (axis instanceof AxisLayout.Product product && isMixed(product, ofSamples)) {
        addParts(product, parts);
      } else {
        parts.add(axis);
      }
    }
    if (parts.size() > axes.size()) {
      sum = g.op("Reshape", sum, extents(sum, parts, g));
      sum = summed(sum, parts, stays, g);
    }
    sum = samplesFirst(part, sum, parts, ofSamples, g);
    graph.addOutput(sum);
    return parts;
  }

  /** Whether samples, or something of open size, share the axis with groups. */
  private static boolean isMixed(AxisLayout.Product product, Predicate<AxisLayout> ofSamples) {
    return product.parts().size() > 1
        && (!product.size().isKnown() || product.parts().stream().anyMatch(ofSamples));
  }

  private static Value summed(
      Value sum, List<AxisLayout> axes, Predicate<AxisLayout> stays, GraphBuilder g) {
    List<Long> over = new ArrayList<>();
    for (int i = 0; i < axes.size(); i++) {
      if (!stays.test(axes.get(i))) {
        over.add((long) i);
      }
    }
    axes.removeIf(stays.negate());
    return over.isEmpty()
        ? sum
        : g.reduceSum(sum, false, over.stream().mapToLong(Long::longValue).toArray());
  }

  private static void addParts(AxisLayout axis, List<AxisLayout> parts) {
    if (axis instanceof AxisLayout.Product product) {
      product.parts().forEach(part -> addParts(part, parts));
    } else {
      parts.add(axis);
    }
  }

  /**
   * Of the axes' sizes, INT64. One that only run time knows is what the others leave; further ones,
   * such as tokens beside samples, are read from a value that has them apart.
   */
  private Value extents(Value sum, List<AxisLayout> parts, GraphBuilder g) {
    List<Value> extents = new ArrayList<>();
    boolean isLeft = false;
    for (AxisLayout axis : parts) {
      if (axis.size().isKnown()) {
        extents.add(g.longs(axis.size().value()));
      } else if (!isLeft) {
        extents.add(g.longs(-1));
        isLeft = true;
      } else {
        extents.add(new RuntimeExtents(sum.producer().orElseThrow(), facts).vectorOf(axis.size()));
      }
    }
    return g.concat(0, extents.toArray(new Value[0]));
  }

  /** Takes the samples' axis out of the list. */
  private Value samplesFirst(
      Scaled part,
      Value sum,
      List<AxisLayout> axes,
      Predicate<AxisLayout> ofSamples,
      GraphBuilder g) {
    int at = -1;
    for (int i = 0; i < axes.size(); i++) {
      if (ofSamples.test(axes.get(i))) {
        if (!(axes.get(i) instanceof AxisLayout.Leaf) || at >= 0) {
          throw unsupported(part, "samples share an axis with other things");
        }
        at = i;
      }
    }
    if (at < 0) {
      if (bySample && samples != null && !part.shared()) {
        throw unsupported(part, "samples cannot be told apart");
      }
      return sum;
    }
    axes.remove(at);
    if (at == 0) {
      return sum;
    }
    long[] order = new long[axes.size() + 1];
    order[0] = at;
    for (int i = 1; i < order.length; i++) {
      order[i] = i <= at ? i - 1 : i;
    }
    return g.transpose(sum, order);
  }

  private static ModelException.Unsupported unsupported(Scaled part, String problem) {
    return new ModelException.Unsupported(
        Objects.requireNonNull(part.value().producer().orElse(null)).location(),
        problem + ", so its share in the loss cannot be measured",
        "export the model with a batch of one");
  }
}
