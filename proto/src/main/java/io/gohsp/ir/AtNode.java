package io.gohsp.ir;

import java.util.NoSuchElementException;
import java.util.Objects;
import java.util.Set;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Runs the rule of an operator. Rules read operands, attributes and axes as the operator's
 * definition has them; a model that breaks the definition in a way that a rule does not look for
 * ends in an index or a number out of range, which is said here once, with the node.
 */
public final class AtNode {
  /** What reading something that is not there, or is not what it should be, throws. */
  private static final Set<Class<? extends RuntimeException>> CONTRADICTIONS =
      Set.of(
          ArithmeticException.class,
          ClassCastException.class,
          IllegalArgumentException.class,
          IllegalStateException.class,
          IndexOutOfBoundsException.class,
          NegativeArraySizeException.class,
          NoSuchElementException.class,
          NullPointerException.class);

  private AtNode() {}

  /**
   * @throws ModelException.Malformed naming the node if {@code rule} runs into a contradiction
   * @throws ModelException.Unsupported naming it if there is more than {@code rule} follows
   */
  public static void run(Node node, Runnable rule) {
    getOrNull(
        node,
        () -> {
          rule.run();
          return null;
        });
  }

  /** Likewise for a rule with an answer. */
  public static <T> T get(Node node, Supplier<T> rule) {
    return Objects.requireNonNull(getOrNull(node, rule));
  }

  /** Likewise for what concerns a value: at the node that makes it, or the first that reads it. */
  public static <T> T get(Value value, Supplier<T> rule) {
    Node node =
        value.producer().or(() -> value.uses().stream().map(Use::node).findFirst()).orElse(null);
    return node == null ? rule.get() : get(node, rule);
  }

  /** Likewise for what concerns a value and has no answer. */
  public static void run(Value value, Runnable rule) {
    get(
        value,
        () -> {
          rule.run();
          return value;
        });
  }

  /** Likewise for a rule that may have no answer. */
  public static <T> @Nullable T getOrNull(Node node, Supplier<? extends @Nullable T> rule) {
    try {
      return rule.get();
    } catch (ModelException known) {
      throw known;
    } catch (BeyondBounds bound) {
      throw new ModelException.Unsupported(
          node.location(),
          "the model is larger than what is analysed: it " + bound.getMessage(),
          "SECURITY.md lists how large a model may be");
    } catch (RuntimeException contradiction) {
      if (CONTRADICTIONS.stream().noneMatch(type -> type.isInstance(contradiction))) {
        throw contradiction;
      }
      throw new ModelException.Malformed(node.location(), problem(contradiction), contradiction);
    }
  }

  private static String problem(RuntimeException contradiction) {
    String message = contradiction.getMessage();
    if (contradiction instanceof ArithmeticException) {
      return "extents overflow: " + message;
    }
    return "its operands and attributes do not go together: "
        + (message == null || contradiction instanceof NullPointerException
            ? "something that the operator needs is not there"
            : message);
  }
}
