package io.gohsp.selection;

import io.gohsp.ir.Value;
import io.gohsp.normalize.WorkingModel;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * The size of the parameters that go with a group: {@code ‖w_g‖₂ / √|g|}, over everything that
 * removing the group removes; see {@link GroupTotals}.
 */
public final class MagnitudeImportance {
  private MagnitudeImportance() {}

  /** Reads every weight that pruning could shorten once. */
  public static Importance of(WorkingModel working) {
    return of(working, weight -> null);
  }

  /**
   * As if weights had other numbers than the model says.
   *
   * @param numbers of a constant of the model, row-major; null for what the model says
   */
  public static Importance of(WorkingModel working, Function<Value, float @Nullable []> numbers) {
    return GroupTotals.of(
        working,
        weight -> {
          float[] given = numbers.apply(weight.value());
          return given == null ? WeightNumbers.of(weight) : given;
        },
        true,
        (squares, count) -> Math.sqrt(squares / count));
  }
}
