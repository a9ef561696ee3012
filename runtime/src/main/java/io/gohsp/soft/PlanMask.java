package io.gohsp.soft;

import io.gohsp.axis.AxisLayout;
import io.gohsp.axis.Factor;
import io.gohsp.engine.FlatVector;
import io.gohsp.ir.Value;
import io.gohsp.normalize.WorkingModel;
import io.gohsp.op.ConstantValue;
import io.gohsp.plan.Keep;
import io.gohsp.plan.Keeps;
import io.gohsp.train.ParameterStore;
import io.gohsp.vit.AttentionPart;
import io.gohsp.vit.Block;
import java.nio.FloatBuffer;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Which elements of the parameters in training belong to what a plan removes. The plan speaks of
 * the normalised model, where constants have one reader each; a parameter that several read loses
 * an element only if none of them keeps it.
 */
final class PlanMask {
  private final WorkingModel working;
  private final ParameterStore store;

  /** The normalised model's constants by the parameter that they come from. */
  private final Map<ParameterStore.Entry, List<Value>> readers = new LinkedHashMap<>();

  private final Map<Value, ParameterStore.Entry> entries = new HashMap<>();

  /**
   * @param working what was made of the model
   * @param store the model's parameters
   */
  PlanMask(WorkingModel working, ParameterStore store) {
    this.working = working;
    this.store = store;
    Map<String, ParameterStore.Entry> byName = new HashMap<>();
    store.entries().forEach(entry -> byName.put(entry.parameter().name(), entry));
    for (Value value : working.analysis().layouts().keySet()) {
      ParameterStore.Entry entry = null;
      for (Value source = value;
          source != null && entry == null;
          source = working.copies().get(source)) {
        entry = byName.get(source.name());
      }
      if (entry != null && ConstantValue.of(value) != null) {
        readers.computeIfAbsent(entry, e -> new ArrayList<>()).add(value);
        entries.put(value, entry);
      }
    }
  }

  /**
   * The numbers that a constant of the normalised model has in a vector of the store; null if it is
   * no parameter.
   */
  float @Nullable [] numbers(Value constant, FlatVector vector) {
    ParameterStore.Entry entry = entries.get(constant);
    if (entry == null) {
      return null;
    }
    float[] numbers = new float[entry.size()];
    entry.in(vector).floats().get(numbers);
    return numbers;
  }

  /**
   * Writes 1 for each element that goes and 0 for each that stays.
   *
   * @param removed a vector of the store
   */
  void write(Keeps keeps, FlatVector removed) {
    removed.array().assign(0);
    readers.forEach((entry, values) -> write(keeps, values, entry.in(removed)));
  }

  private void write(Keeps keeps, List<Value> values, FlatVector.Slice removed) {
    FloatBuffer target = removed.floats();
    for (int reader = 0; reader < values.size(); reader++) {
      List<AxisLayout> axes = Objects.requireNonNull(working.analysis().layout(values.get(reader)));
      if (axes.stream().noneMatch(keeps::touches)) {
        fill(target, 0);
        return;
      }
      Keeps.Mask mask = keeps.mask(axes);
      int[] cells = cells(mask.dims(), removed.dims());
      for (int i = 0; i < cells.length; i++) {
        float goes = 1 - mask.values()[cells[i]];
        target.put(i, reader == 0 ? goes : Math.min(goes, target.get(i)));
      }
    }
  }

  private static void fill(FloatBuffer target, float value) {
    for (int i = 0; i < target.limit(); i++) {
      target.put(i, value);
    }
  }

  /** For each element of a tensor its cell in a mask that may have extent 1 along some axes. */
  private static int[] cells(long[] mask, long[] dims) {
    int rank = dims.length;
    int[] strides = new int[rank];
    int stride = 1;
    int size = 1;
    for (int axis = rank - 1; axis >= 0; axis--) {
      strides[axis] = mask[axis] == 1 ? 0 : stride;
      stride *= Math.toIntExact(mask[axis]);
      size *= Math.toIntExact(dims[axis]);
    }
    int[] cells = new int[size];
    int[] position = new int[rank];
    int cell = 0;
    for (int i = 0; i < size; i++) {
      cells[i] = cell;
      for (int axis = rank - 1; axis >= 0; axis--) {
        cell += strides[axis];
        if (++position[axis] < dims[axis]) {
          break;
        }
        cell -= strides[axis] * position[axis];
        position[axis] = 0;
      }
    }
    return cells;
  }

  ParameterStore store() {
    return store;
  }

  /** The parameter that a constant of the normalised model comes from; null if it is none. */
  ParameterStore.@Nullable Entry entry(Value constant) {
    return entries.get(constant);
  }

  /** Whether nothing else reads the parameter that a constant comes from. */
  boolean isOnlyReader(Value constant) {
    ParameterStore.Entry entry = entries.get(constant);
    return entry != null && Objects.requireNonNull(readers.get(entry)).size() == 1;
  }

  /** Only what goes with whole heads. */
  Keeps ofHeads(Keeps keeps) {
    Set<Factor> factors = new HashSet<>();
    for (Block block : working.blocks()) {
      AttentionPart attention = block.attention();
      if (attention != null && attention.heads() != null && attention.heads().factor() != null) {
        factors.add(attention.heads().factor());
      }
    }
    return only(keeps, factors);
  }

  /** Only what these factors lose. */
  static Keeps only(Keeps keeps, Set<Factor> factors) {
    Map<Factor, Keep> some = new LinkedHashMap<>(keeps.byFactor());
    some.keySet().retainAll(factors);
    return new Keeps(some);
  }
}
