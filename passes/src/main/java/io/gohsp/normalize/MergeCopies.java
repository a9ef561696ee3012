package io.gohsp.normalize;

import io.gohsp.ir.Value;
import io.gohsp.op.ConstantValue;
import io.gohsp.tensor.SlicedData;
import io.gohsp.tensor.Tensor;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Undoes {@link UnshareConstants} where copies still have the contents of what they are copies of.
 */
public final class MergeCopies {
  private MergeCopies() {}

  /**
   * @param copies copies by original, as unsharing returned them
   */
  public static void run(Map<Value, Value> copies) {
    copies.forEach(
        (copy, original) -> {
          if (same(ConstantValue.of(copy), ConstantValue.of(original))) {
            copy.replaceAllUsesWith(original);
            if (copy.constant() != null) {
              copy.graph().removeInitializer(copy);
            } else {
              copy.producer().ifPresent(node -> node.graph().remove(node));
            }
          }
        });
  }

  private static boolean same(@Nullable Tensor a, @Nullable Tensor b) {
    if (a == null || b == null || a == b) {
      return a == b;
    }
    return a.data() == b.data()
        || (a.data() instanceof SlicedData x
            && b.data() instanceof SlicedData y
            && x.isSameViewAs(y));
  }
}
