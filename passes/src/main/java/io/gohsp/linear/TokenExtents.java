package io.gohsp.linear;

import io.gohsp.ir.Graph;
import io.gohsp.ir.Value;
import io.gohsp.shape.ShapeFacts;
import io.gohsp.shape.Size;
import io.gohsp.shape.SizeArithmetic;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Which extents are the number of tokens that a mask speaks of, whatever an exporter called each:
 * that of its last axis, those that the graph takes position by position with it, and those that it
 * takes so with another axis that only the mask has, such as the queries of {@code [b, 1, q, k]}.
 * No name is changed, and other axes stay what they are even where they meet tokens: one of the two
 * may be 1 when the model runs.
 */
public final class TokenExtents {
  private final @Nullable Size batch;
  private final @Nullable Size own;
  private final Set<Size> all = new HashSet<>();

  /**
   * @param facts of the graph
   * @param mask the name of its input that keeps tokens out; null if there is none
   */
  public TokenExtents(Graph graph, ShapeFacts facts, @Nullable String mask) {
    List<Size> axes = List.of();
    Set<Size> shared = new HashSet<>();
    for (Value input : graph.inputs()) {
      List<Size> shape = facts.shape(input);
      if (shape != null && input.name().equals(mask)) {
        axes = shape;
      } else if (shape != null && input.constant() == null) {
        shared.addAll(shape);
      }
    }
    if (axes.size() < 2) {
      batch = null;
      own = null;
      return;
    }
    batch = axes.get(0);
    own = axes.get(axes.size() - 1);
    all.add(own);
    List<Size> others = new ArrayList<>(axes.subList(1, axes.size()));
    others.removeIf(size -> size.isKnown() || shared.contains(size));
    if (others.remove(own)) {
      for (ShapeFacts.Met met : facts.met()) {
        Size partner = partner(met, own);
        if (partner != null && !others.contains(partner)) {
          all.add(partner);
        }
      }
    }
    for (Size other : others) {
      boolean meets =
          facts.met().stream()
              .map(met -> partner(met, other))
              .anyMatch(partner -> partner != null && all.contains(partner));
      if (meets) {
        all.add(other);
      }
    }
  }

  private static @Nullable Size partner(ShapeFacts.Met met, Size of) {
    return met.one().equals(of) ? met.other() : met.other().equals(of) ? met.one() : null;
  }

  /** How many samples the mask has; null if there is no mask of two axes or more. */
  @Nullable Size batch() {
    return batch;
  }

  /** Whether an axis is called what the last axis of the mask is called. */
  boolean isOwn(Size size) {
    return size.equals(own);
  }

  /** Whether an axis has as many positions as there are tokens, unless one of those met was 1. */
  public boolean has(Size size) {
    return Boolean.TRUE.equals(size.compute(new Membership()));
  }

  /** The larger of two of them is one of them. */
  private final class Membership implements SizeArithmetic<Boolean> {
    @Override
    public Boolean number(long value) {
      return all.contains(Size.of(value));
    }

    @Override
    public @Nullable Boolean known(Size part) {
      return all.contains(part) ? true : null;
    }

    @Override
    public Boolean combine(Operation operation, Boolean a, Boolean b) {
      return operation == Operation.MAX && a && b;
    }
  }
}
