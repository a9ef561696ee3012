package io.gohsp.equivalence;

import io.gohsp.ir.Attribute;
import io.gohsp.ir.Value;
import io.gohsp.normalize.WorkingModel;
import io.gohsp.plan.PruningPlan;
import io.gohsp.plan.StreamPlan;
import io.gohsp.rewrite.GraphBuilder;
import io.gohsp.stream.Stream;
import io.gohsp.stream.Streams;
import io.gohsp.tensor.ElementType;
import io.gohsp.tensor.Tensor;
import java.util.List;
import java.util.stream.LongStream;
import org.jspecify.annotations.Nullable;

/**
 * How a value of full width becomes what it is in a narrow stream, so that both can be compared.
 *
 * @param matrix [channels, channels that stay]; null if the value stays as it is
 * @param axis of the channels
 * @param rank of the value
 * @param type of the value
 */
record Turning(@Nullable Tensor matrix, int axis, int rank, ElementType type) {
  private static final Turning NONE = new Turning(null, 0, 0, ElementType.FLOAT);

  /**
   * How values of a model change with a plan that narrows streams.
   *
   * @param streams of the model; null where the plan narrows none
   * @return null if a value is more than turned, or that is not known
   */
  static @Nullable Turning of(
      WorkingModel model, @Nullable Streams streams, PruningPlan plan, Value value) {
    if (streams == null) {
      return NONE;
    }
    var layouts = model.analysis().layout(value);
    ElementType type = model.facts().type(value);
    if (layouts == null || type == null) {
      return null;
    }
    for (StreamPlan narrow : plan.streams()) {
      Stream stream = streams.named(narrow.stream());
      boolean fits = // where one does not, it is no plan for this model: whoever masks it says so
          stream != null
              && stream.obstacle() == null
              && stream.width() == narrow.width()
              && Streams.areIndependent(stream, narrow.directions());
      if (!fits) {
        return null;
      }
      for (int axis = 0; axis < layouts.size(); axis++) {
        if (layouts.get(axis).factors().anyMatch(factor -> factor == stream.factor())) {
          return streams.isPartOf(stream, value)
              ? new Turning(Streams.matrix(stream, narrow.directions()), axis, layouts.size(), type)
              : null;
        }
      }
    }
    return NONE;
  }

  /** Which axis is taken whole. */
  int channels(int otherwise) {
    return matrix == null ? otherwise : axis;
  }

  /** Multiplies a value of a model at full width, in the value's own type but for half ones. */
  Value apply(GraphBuilder at, Value value) {
    if (matrix == null) {
      return value;
    }
    long[] swap =
        LongStream.range(0, rank)
            .map(i -> i == axis ? rank - 1 : i == rank - 1 ? axis : i)
            .toArray();
    boolean last = axis == rank - 1;
    Value line = cast(at, last ? value : at.transpose(value, swap), ElementType.FLOAT);
    Value turned = at.matMul(line, at.constant("gohsp_frame", matrix));
    return cast(at, last ? turned : at.transpose(turned, swap), type);
  }

  private Value cast(GraphBuilder at, Value value, ElementType to) {
    return type == ElementType.FLOAT
        ? value
        : at.op("Cast", List.of(Attribute.of("to", (long) to.code())), value);
  }
}
