package io.gohsp.autodiff;

import io.gohsp.ir.Attribute;
import io.gohsp.ir.Dim;
import io.gohsp.ir.Graph;
import io.gohsp.ir.Location;
import io.gohsp.ir.ModelException;
import io.gohsp.ir.Value;
import io.gohsp.ir.ValueType;
import io.gohsp.rewrite.GraphBuilder;
import io.gohsp.shape.ShapeFacts;
import io.gohsp.shape.Size;
import io.gohsp.tensor.ElementType;
import io.gohsp.tensor.Tensor;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.LongStream;

/** Writes losses as nodes of a lowered model. */
public final class Losses {
  private final Graph graph;
  private final ShapeFacts facts;
  private final GraphBuilder g;

  /**
   * @param facts shapes of the graph as it is
   */
  public Losses(Graph graph, ShapeFacts facts) {
    this.graph = graph;
    this.facts = facts;
    this.g = GraphBuilder.appendingTo(graph).in("loss");
  }

  /**
   * A term and its target.
   *
   * @param value FLOAT scalar, weight included
   * @param target the graph input it is compared with
   */
  public record Term(Value value, Value target) {}

  /**
   * @param value what stands for {@link Loss#value} in this graph
   */
  public Term write(Loss loss, Value value) {
    if (loss instanceof Loss.CrossEntropy cross) {
      return crossEntropy(value, cross);
    } else if (loss instanceof Loss.SoftCrossEntropy) {
      Value target = target("targets", value, ElementType.FLOAT, 0);
      return new Term(expected(target, logSoftmax(value, 1), -loss.weight()), target);
    } else if (loss instanceof Loss.Distillation distillation) {
      return distillation(value, distillation);
    } else if (loss instanceof Loss.SampledCrossEntropy) {
      Value noise = target("noise", value, ElementType.FLOAT, 0);
      Value labels =
          g.op(
              "ArgMax",
              List.of(Attribute.of("axis", -1L), Attribute.of("keepdims", 0L)),
              g.add(value, noise));
      return new Term(crossEntropy(value, labels, 0, loss.weight()), noise);
    } else if (loss instanceof Loss.Projection) {
      Value signs = target("signs", value, ElementType.FLOAT, 0);
      Value product = g.mul(value, signs);
      long[] axes = LongStream.range(1, shape(value).size()).toArray();
      Value bySample = axes.length == 0 ? product : g.reduceSum(product, false, axes);
      return new Term(scaled(mean(bySample), loss.weight()), signs);
    }
    Value target = target("target_" + value.name(), value, ElementType.FLOAT, 0);
    Value difference = g.sub(value, target);
    boolean partial = ((Loss.FeatureMatch) loss).partial();
    Value mean = partial ? meanOfKnown(difference, target) : mean(g.mul(difference, difference));
    return new Term(scaled(mean, loss.weight()), target);
  }

  private Value meanOfKnown(Value difference, Value target) {
    Value missing = g.op("IsNaN", target);
    Value known = g.op("Where", missing, g.scalar(0), difference);
    Value counts = g.op("Where", missing, g.scalar(0), g.scalar(1));
    return g.div(mean(g.mul(known, known)), mean(counts));
  }

  private Term crossEntropy(Value logits, Loss.CrossEntropy loss) {
    Value labels = target("labels", logits, ElementType.INT64, 1);
    return new Term(crossEntropy(logits, labels, loss.smoothing(), loss.weight()), labels);
  }

  private Value crossEntropy(Value logits, Value labels, float smoothing, float weight) {
    List<Size> shape = shape(logits);
    Size classes = shape.get(shape.size() - 1);
    if (!classes.isKnown()) {
      throw new ModelException.Unsupported(
          Location.of(graph.model()),
          "the number of classes is only known at run time",
          "export with static shapes");
    }
    float rest = smoothing / classes.value();
    Value values =
        g.constant("smoothing", Tensor.ofFloats(new long[] {2}, rest, 1 - smoothing + rest));
    Value depth = g.constant("classes", Tensor.ofLong(classes.value()));
    Value distribution = g.op("OneHot", List.of(Attribute.of("axis", -1L)), labels, depth, values);
    return expected(distribution, logSoftmax(logits, 1), -weight);
  }

  private Term distillation(Value logits, Loss.Distillation loss) {
    Value teacher = target("teacher_logits", logits, ElementType.FLOAT, 0);
    float t = loss.temperature();
    Value known = logSoftmax(teacher, t);
    Value divergence = g.sub(known, logSoftmax(logits, t));
    Value value = expected(g.op("Exp", known), divergence, loss.weight() * t * t);
    return new Term(value, teacher);
  }

  private Value logSoftmax(Value logits, float temperature) {
    Value scaled = temperature == 1 ? logits : g.mul(logits, g.scalar(1 / temperature));
    return g.op("LogSoftmax", List.of(Attribute.of("axis", -1L)), scaled);
  }

  /** {@code factor} times the mean over rows of {@code sum(p x)}. */
  private Value expected(Value p, Value x, float factor) {
    return scaled(mean(g.reduceSum(g.mul(p, x), false, -1)), factor);
  }

  private Value mean(Value x) {
    return g.op("ReduceMean", List.of(Attribute.of("keepdims", 0L)), x);
  }

  private Value scaled(Value x, float factor) {
    return factor == 1 ? x : g.mul(x, g.scalar(factor));
  }

  /** Sums the terms. */
  public Value total(List<Term> terms) {
    Value total = terms.get(0).value();
    for (Term term : terms.subList(1, terms.size())) {
      total = g.add(total, term.value());
    }
    return total;
  }

  private List<Size> shape(Value value) {
    List<Size> shape = facts.shape(value);
    if (shape == null || shape.isEmpty()) {
      throw new ModelException.Unsupported(
          Location.of(graph.model()),
          "the rank of \"" + value.name() + "\", which the loss reads, is unknown or zero",
          "choose another output");
    }
    return shape;
  }

  /** A graph input with the extents of {@code like}, less some at the end. */
  private Value target(String name, Value like, ElementType type, int less) {
    List<Size> shape = shape(like);
    List<Dim> dims = new ArrayList<>();
    for (Size size : shape.subList(0, shape.size() - less)) {
      dims.add(size.isKnown() ? Dim.of(size.value()) : Dim.of(size.toString()));
    }
    return graph.addInput(graph.model().names().fresh(name), new ValueType.TensorType(type, dims));
  }
}
