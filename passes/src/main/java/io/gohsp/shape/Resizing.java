package io.gohsp.shape;

import io.gohsp.ir.Attribute;
import io.gohsp.ir.Value;
import io.gohsp.op.Axes;
import io.gohsp.op.ConstantValue;
import io.gohsp.tensor.Tensor;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.LongStream;
import org.jspecify.annotations.Nullable;

/** Resize and Upsample: the new extents are given, or factors for the old ones. */
final class Resizing {
  private Resizing() {}

  static void resize(NodeFacts facts) {
    boolean first = facts.opset() < 11; // then the operands are X and scales
    scale(facts, first ? 1 : 2, first ? -1 : 3);
  }

  static void upsample(NodeFacts facts) {
    scale(facts, 1, -1);
  }

  private static void scale(NodeFacts facts, int scalesIndex, int sizesIndex) {
    List<Size> x = facts.shape(0);
    if (x == null) {
      facts.result(facts.type(0), null);
      return;
    }
    List<Long> named = facts.node().intsAttribute("axes");
    List<Long> all = LongStream.range(0, x.size()).boxed().toList();
    List<Integer> axes = Axes.normalize(facts.node(), named != null ? named : all, x.size());
    boolean stretch =
        facts.node().stringAttribute("keep_aspect_ratio_policy", "stretch").equals("stretch");
    float[] scales = scales(facts, scalesIndex);
    List<@Nullable Size> sizes =
        sizesIndex > 0 && facts.has(sizesIndex) && stretch ? facts.elements(sizesIndex) : null;
    List<Size> result = new ArrayList<>(x);
    for (int i = 0; i < axes.size(); i++) {
      int axis = axes.get(i);
      Size extent = x.get(axis);
      Size resized = null;
      if (scales != null && i < scales.length) {
        resized = scaled(extent, scales[i]);
      } else if (sizes != null && i < sizes.size()) {
        resized = sizes.get(i);
      }
      result.set(axis, facts.orFresh(resized, 0, axis));
    }
    facts.result(facts.type(0), List.copyOf(result));
  }

  /** An extent times a factor, rounded down; symbolic extents only with whole factors. */
  private static @Nullable Size scaled(Size extent, float scale) {
    if (extent.isKnown()) {
      return Size.of((long) Math.floor((float) extent.value() * scale));
    }
    return scale == (long) scale ? extent.times(Size.of((long) scale)) : null;
  }

  /** The factors if they are constant and there are any. */
  private static float @Nullable [] scales(NodeFacts facts, int index) {
    Attribute attribute = facts.node().attribute("scales"); // Upsample before operator set 9
    if (attribute != null && attribute.content() instanceof Attribute.FloatsValue given) {
      float[] values = new float[given.values().size()];
      for (int i = 0; i < values.length; i++) {
        values[i] = given.values().get(i);
      }
      return values;
    }
    Value operand = facts.node().optionalInput(index);
    Tensor constant = operand == null ? null : ConstantValue.of(operand);
    return constant == null || constant.size() == 0 ? null : constant.floats();
  }
}
