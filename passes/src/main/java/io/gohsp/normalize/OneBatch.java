package io.gohsp.normalize;

import io.gohsp.ir.Dim;
import io.gohsp.ir.Graph;
import io.gohsp.ir.Model;
import io.gohsp.ir.Value;
import io.gohsp.ir.ValueType.TensorType;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;

/**
 * Gives the batch one extent, a name or the number that is built in. Samples are stacked along the
 * first axis of everything a model is fed, so that these axes are one, whatever an exporter called
 * each: {@code [b, s, 12]} beside a mask of {@code [b2, s]}. For graphs that samples are fed to;
 * what a file declares stays as it is.
 *
 * <p>A symbol that some input has on another axis as well, such as that of tokens in front of the
 * samples, is no batch and keeps its name.
 */
public final class OneBatch {
  private static final String STANDARD = "batch";

  private OneBatch() {}

  /**
   * Changes the types of inputs; nothing where their first axes are one already.
   *
   * @return whether anything changed
   */
  public static boolean run(Model model) {
    Graph graph = model.graph();
    List<Value> open = new ArrayList<>();
    Set<String> names = new LinkedHashSet<>();
    Set<String> inside = new HashSet<>();
    long built = 0;
    for (Value input : graph.inputs()) {
      List<Dim> shape = shape(input);
      if (shape.isEmpty()) {
        continue;
      }
      shape.stream()
          .skip(1)
          .map(OneBatch::name)
          .filter(name -> !name.isEmpty())
          .forEach(inside::add);
      if (shape.get(0).isKnown()) {
        built = Math.max(built, shape.get(0).value());
      } else {
        open.add(input);
      }
    }
    open.removeIf(input -> inside.contains(name(shape(input).get(0))));
    open.forEach(input -> names.add(name(shape(input).get(0))));
    boolean changed = false;
    Dim batch = built > 0 ? Dim.of(built) : named(names, inside);
    for (Value input : open) {
      if (open.size() > 1 || batch.isKnown()) {
        List<Dim> shape = new ArrayList<>(shape(input));
        changed |= !shape.set(0, batch).equals(batch);
        TensorType type = (TensorType) Objects.requireNonNull(input.type());
        input.setType(new TensorType(type.element(), shape));
      }
    }
    return changed;
  }

  /** The first name that there is, if there is one. */
  private static Dim named(Set<String> names, Set<String> inside) {
    String name = names.stream().filter(some -> !some.isEmpty()).findFirst().orElse(STANDARD);
    while (inside.contains(name)) {
      name += "_of_samples";
    }
    return Dim.of(name);
  }

  /** Of what is fed; empty if its rank is not known, or it has a default. */
  private static List<Dim> shape(Value input) {
    return input.constant() == null
            && input.type() instanceof TensorType type
            && type.shape() != null
        ? type.shape()
        : List.of();
  }

  /** Empty for an extent without a name, of which each is another, and for numbers. */
  private static String name(Dim dim) {
    return dim.symbol() == null ? "" : dim.symbol();
  }
}
