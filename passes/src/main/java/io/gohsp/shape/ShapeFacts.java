package io.gohsp.shape;

import io.gohsp.ir.Value;
import io.gohsp.op.ConstantReader;
import io.gohsp.op.ConstantValue;
import io.gohsp.tensor.ElementType;
import io.gohsp.tensor.Tensor;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What {@link ShapeInference} found out about the values of a model, those of nested graphs and
 * function bodies included. A snapshot: it knows nothing of later edits.
 */
public final class ShapeFacts implements ConstantReader {
  private final Map<Value, Fact> facts;
  private final Set<Met> met;

  /** Extents that are one in every run, unless one of them is 1. */
  public record Met(Size one, Size other) {}

  ShapeFacts(Map<Value, Fact> facts, Set<Met> met) {
    this.facts = facts;
    this.met = met;
  }

  private Fact fact(Value value) {
    return facts.getOrDefault(value, Fact.UNKNOWN);
  }

  /**
   * The extents; null if not even the rank is known. An unknown extent is a symbol that occurs
   * nowhere else.
   */
  public @Nullable List<Size> shape(Value value) {
    return fact(value).shape();
  }

  public @Nullable ElementType type(Value value) {
    return fact(value).type();
  }

  /**
   * Unlike extents that some node takes position by position, in the order of the graph; bodies of
   * If, Loop and Scan need not run and have no say.
   */
  public Set<Met> met() {
    return Collections.unmodifiableSet(met);
  }

  /**
   * The contents, as far as they are known, of a small tensor of whole numbers or booleans; else
   * null.
   */
  public @Nullable SymbolicTensor data(Value value) {
    return fact(value).data();
  }

  /**
   * The contents, row-major, of a whole-number or boolean tensor all of whose elements are known
   * numbers; else null.
   */
  public long @Nullable [] constants(Value value) {
    return constants(value, fact(value));
  }

  /** The same as {@link #constants}. */
  @Override
  public long @Nullable [] read(Value value) {
    return constants(value);
  }

  static long @Nullable [] constants(Value value, Fact fact) {
    if (fact.data() != null) {
      return fact.data().longs();
    }
    Tensor constant = ConstantValue.of(value);
    return constant != null && SymbolicTensor.holdsWholeNumbers(constant) ? constant.longs() : null;
  }
}
