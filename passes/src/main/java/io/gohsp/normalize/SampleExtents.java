package io.gohsp.normalize;

import io.gohsp.ir.Dim;
import io.gohsp.ir.Model;
import io.gohsp.ir.Value;
import io.gohsp.ir.ValueType.TensorType;
import io.gohsp.shape.ShapeFacts;
import io.gohsp.shape.ShapeInference;
import io.gohsp.shape.Size;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;

/**
 * Gives axes of inputs that have one extent in every run one name, whatever an exporter called
 * each: of the batch ({@link OneBatch}), and of what the graph adds, multiplies or compares
 * position by position, such as the tokens of {@code [b, s]} and of a mask of {@code [b2, s2]}. For
 * graphs that measure on samples; a file that declares such names may be fed an axis of 1 there.
 *
 * <p>Axes of one input stay apart.
 */
public final class SampleExtents {
  /** An axis of an input. */
  private record Place(Value input, int axis) {}

  private SampleExtents() {}

  /** Changes the types of inputs; nothing where all names are right already. */
  public static void run(Model model) {
    OneBatch.run(model);
    while (mayDiffer(model) && renamed(model)) {} // what is one now may meet another
  }

  private static List<Dim> shape(Value input) {
    return input.constant() == null
            && input.type() instanceof TensorType type
            && type.shape() != null
        ? type.shape()
        : List.of();
  }

  /** Whether there are axes of unlike names, of which one can get another. */
  private static boolean mayDiffer(Model model) {
    List<Dim> all =
        model.graph().inputs().stream().flatMap(input -> shape(input).stream().skip(1)).toList();
    return all.stream().anyMatch(dim -> !dim.isKnown())
        && (all.stream().distinct().count() > 1
            || all.stream().filter(Dim.UNKNOWN::equals).count() > 1);
  }

  private static boolean renamed(Model model) {
    ShapeFacts facts = ShapeInference.of(model);
    Map<Size, List<Place>> places = new LinkedHashMap<>();
    for (Value input : model.graph().inputs()) {
      for (int axis = 0; axis < shape(input).size(); axis++) {
        Size size = Objects.requireNonNull(facts.shape(input)).get(axis);
        places.computeIfAbsent(size, s -> new ArrayList<>()).add(new Place(input, axis));
      }
    }
    boolean changed = false;
    for (ShapeFacts.Met met : facts.met()) {
      changed |= unite(places, met.one(), met.other());
    }
    return changed;
  }

  private static boolean unite(Map<Size, List<Place>> places, Size one, Size other) {
    boolean first = one.isKnown() || (!other.isKnown() && isBefore(places, one, other));
    Size kept = first ? one : other;
    Size gone = first ? other : one;
    List<Place> here = places.get(kept);
    List<Place> there = places.get(gone);
    if (here == null || there == null) {
      return false;
    }
    Set<Value> inputs = new HashSet<>();
    here.forEach(place -> inputs.add(place.input()));
    if (there.stream().anyMatch(place -> inputs.contains(place.input()))) {
      return false;
    }
    here.addAll(there);
    here.forEach(place -> name(place, kept));
    places.remove(gone);
    return true;
  }

  private static boolean isBefore(Map<Size, List<Place>> places, Size one, Size other) {
    for (Size size : places.keySet()) {
      if (size.equals(one) || size.equals(other)) {
        return size.equals(one);
      }
    }
    return true;
  }

  private static void name(Place place, Size size) {
    TensorType type = (TensorType) Objects.requireNonNull(place.input().type());
    List<Dim> shape = new ArrayList<>(shape(place.input()));
    shape.set(place.axis(), size.isKnown() ? Dim.of(size.value()) : Dim.of(size.toString()));
    place.input().setType(new TensorType(type.element(), shape));
  }
}
