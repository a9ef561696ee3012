package io.gohsp.axis;

import io.gohsp.shape.Size;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * How the positions of one axis are made up: one factor; a product of parts, the major one first,
 * as a reshape makes it; or a sum of parts side by side, as Concat and Split make it. Parts nest.
 */
public sealed interface AxisLayout {
  /** The layout of an axis with one position. */
  AxisLayout UNIT = new Product(List.of());

  /** Number of positions. */
  Size size();

  /** Every factor in it, in order; one that occurs twice is listed twice. */
  Stream<Factor> factors();

  /** A single factor. */
  record Leaf(Factor factor) implements AxisLayout {
    @Override
    public Size size() {
      return factor.size();
    }

    @Override
    public Stream<Factor> factors() {
      return Stream.of(factor);
    }

    @Override
    public String toString() {
      return factor.toString();
    }
  }

  /** All combinations of the parts' positions; the last part varies fastest. */
  record Product(List<AxisLayout> parts) implements AxisLayout {
    public Product {
      parts = List.copyOf(parts);
    }

    @Override
    public Size size() {
      return parts.stream().map(AxisLayout::size).reduce(Size.of(1), Size::times);
    }

    @Override
    public Stream<Factor> factors() {
      return parts.stream().flatMap(AxisLayout::factors);
    }

    @Override
    public String toString() {
      return parts.isEmpty()
          ? "1"
          : parts.stream().map(Object::toString).collect(Collectors.joining("*", "(", ")"));
    }
  }

  /** The parts' positions one after the other. */
  record Sum(List<AxisLayout> parts) implements AxisLayout {
    public Sum {
      parts = List.copyOf(parts);
    }

    @Override
    public Size size() {
      return parts.stream().map(AxisLayout::size).reduce(Size.of(0), Size::plus);
    }

    @Override
    public Stream<Factor> factors() {
      return parts.stream().flatMap(AxisLayout::factors);
    }

    @Override
    public String toString() {
      return parts.stream().map(Object::toString).collect(Collectors.joining("+", "(", ")"));
    }
  }
}
