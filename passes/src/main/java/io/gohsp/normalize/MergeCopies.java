package io.gohsp.normalize;

import io.gohsp.ir.Value;
import io.gohsp.op.ConstantValue;
import io.gohsp.tensor.SlicedData;
import io.gohsp.tensor.Tensor;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Undoes {@link SeparateParameters} and {@link UnshareConstants} where copies still have the
 * contents of what they are copies of.
 */
public final class MergeCopies {
  private MergeCopies() {}

  /**
   * @param copies copies by original, as unsharing returned them
   */
  public static void run(Map<Value, Value> copies) {
    List<Value> latestFirst = new ArrayList<>(copies.keySet()); // a copy may have copies itself
    Collections.reverse(latestFirst);
    for (Value copy : latestFirst) {
      Value original = Objects.requireNonNull(copies.get(copy));
      if (same(ConstantValue.of(copy), ConstantValue.of(original))) {
        copy.replaceAllUsesWith(original);
        if (copy.constant() != null) {
          copy.graph().removeInitializer(copy);
        } else {
          copy.producer().ifPresent(node -> node.graph().remove(node));
        }
      }
    }
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
