package io.gohsp.train;

import io.gohsp.engine.FlatVector;
import io.gohsp.ir.Attribute;
import io.gohsp.ir.Location;
import io.gohsp.ir.Model;
import io.gohsp.ir.ModelException;
import io.gohsp.ir.Node;
import io.gohsp.ir.Value;
import io.gohsp.op.ConstantValue;
import io.gohsp.tensor.Tensor;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/**
 * The numbers that training owns: weights and gradients, each one flat vector, with a place in them
 * for each parameter. Parameters with weight decay come first, so that decay is one operation on
 * one range.
 */
public final class ParameterStore {
  /**
   * Where a parameter lies in every vector of the store.
   *
   * @param dims its shape
   * @param offset of its first element
   * @param decayed whether weight decay applies to it
   */
  @SuppressWarnings("ArrayRecordComponent") // never compared
  public record Entry(Value parameter, long[] dims, int offset, int size, boolean decayed) {
    /** This parameter's part of a vector of the store. */
    public FlatVector.Slice in(FlatVector vector) {
      return vector.slice(offset, dims);
    }
  }

  private final Map<Value, Entry> entries;
  private final int decayedSize;
  private final FlatVector weights;
  private final FlatVector gradients;

  private ParameterStore(Map<Value, Entry> entries, int decayedSize, int size) {
    this.entries = entries;
    this.decayedSize = decayedSize;
    this.weights = FlatVector.allocate(size);
    this.gradients = FlatVector.allocate(size);
  }

  /**
   * Takes over the present values of some constants of a model. Which of them decay, {@link
   * WeightDecay} says.
   *
   * @param parameters at least one
   * @throws ModelException.Unsupported if they have 2 GiB or more
   */
  public static ParameterStore of(Collection<Value> parameters) {
    List<Value> order = new ArrayList<>();
    parameters.stream().filter(WeightDecay::applies).forEach(order::add);
    int decayed = order.size();
    parameters.stream().filter(value -> !WeightDecay.applies(value)).forEach(order::add);
    Map<Value, Entry> entries = new LinkedHashMap<>();
    long offset = 0;
    long decayedSize = 0;
    for (Value parameter : order) {
      Tensor contents = contents(parameter);
      boolean decays = entries.size() < decayed;
      if ((offset + contents.size()) * Float.BYTES > Integer.MAX_VALUE - 64) {
        throw new ModelException.Unsupported(
            Location.of(parameter.graph().model()),
            "its parameters take 2 GiB or more as FLOAT, more than one vector holds",
            "train a part of them");
      }
      entries.put(
          parameter,
          new Entry(parameter, contents.dims(), (int) offset, (int) contents.size(), decays));
      offset += contents.size();
      decayedSize += decays ? contents.size() : 0;
    }
    ParameterStore store = new ParameterStore(entries, (int) decayedSize, (int) offset);
    for (Entry entry : store.entries()) {
      entry.in(store.weights).floats().put(contents(entry.parameter()).floats());
    }
    return store;
  }

  private static Tensor contents(Value parameter) {
    return Objects.requireNonNull(ConstantValue.of(parameter));
  }

  /** In the order of their places. */
  public Collection<Entry> entries() {
    return entries.values();
  }

  /**
   * The place of a parameter.
   *
   * @throws IllegalArgumentException if it is none of this store's
   */
  public Entry entry(Value parameter) {
    Entry entry = entries.get(parameter);
    if (entry == null) {
      throw new IllegalArgumentException(parameter + " is no parameter of this store");
    }
    return entry;
  }

  /** Whether a value is one of the parameters. */
  public boolean contains(Value parameter) {
    return entries.containsKey(parameter);
  }

  /** Elements of all parameters. */
  public int size() {
    return weights.size();
  }

  /** Elements of the parameters with weight decay; they come first. */
  public int decayedSize() {
    return decayedSize;
  }

  public FlatVector weights() {
    return weights;
  }

  public FlatVector gradients() {
    return gradients;
  }

  /** Zeros with a place for each parameter: a moment, an average, an auxiliary variable. */
  public FlatVector vector() {
    return FlatVector.allocate(size());
  }

  /**
   * Puts numbers into the model that the parameters come from, rounded to the types they have
   * there.
   *
   * @param from weights, or an average of them
   */
  public void writeBack(FlatVector from) {
    for (Entry entry : entries()) {
      float[] values = new float[entry.size()];
      entry.in(from).floats().get(values);
      Value parameter = entry.parameter();
      Tensor tensor = Tensor.ofFloats(contents(parameter).type(), entry.dims(), values);
      if (parameter.constant() != null) {
        parameter.setConstant(tensor);
      } else {
        Node constant = parameter.producer().orElseThrow();
        constant.attributes().stream()
            .map(Attribute::name)
            .toList()
            .forEach(constant::removeAttribute);
        constant.setAttribute(Attribute.of("value", tensor));
      }
    }
  }

  /** The model that the parameters belong to. */
  public Model model() {
    return entries.keySet().iterator().next().graph().model();
  }
}
