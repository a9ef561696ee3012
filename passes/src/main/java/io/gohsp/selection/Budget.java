package io.gohsp.selection;

import io.gohsp.cost.Cost;
import io.gohsp.plan.InvalidOption;
import java.util.List;
import java.util.stream.Collectors;

/** What a pruned model may cost at most: a limit, or several that hold at once. */
public sealed interface Budget {
  /** What holds at once. */
  List<Limit> limits();

  /** A limit on one quantity. */
  sealed interface Limit extends Budget {
    Amount amount();

    /** The quantity that is limited. */
    long spent(Cost cost);

    /** What is limited, for messages: "parameters". */
    String unit();

    /** The most that may be spent, given what the unpruned model costs. */
    default long limit(Cost dense) {
      return amount().of(spent(dense));
    }

    @Override
    default List<Limit> limits() {
      return List.of(this);
    }
  }

  /** Several limits. */
  record All(List<Limit> limits) implements Budget {
    public All {
      limits = List.copyOf(limits);
    }

    @Override
    public String toString() {
      return limits.stream().map(Object::toString).collect(Collectors.joining(" and "));
    }
  }

  /** Budgets that hold at once, as one. */
  static Budget all(List<Budget> budgets) {
    List<Limit> limits = budgets.stream().flatMap(budget -> budget.limits().stream()).toList();
    return limits.size() == 1 ? limits.get(0) : new All(limits);
  }

  /**
   * A limit on the elements of weights.
   *
   * @param embeddings whether embedding tables count too
   */
  record Params(Amount amount, boolean embeddings) implements Limit {
    /** Of all weights. */
    public Params(Amount amount) {
      this(amount, true);
    }

    @Override
    public long spent(Cost cost) {
      return embeddings ? cost.params() : cost.params() - cost.embeddings();
    }

    @Override
    public String unit() {
      return embeddings ? "parameters" : "non-embedding parameters";
    }

    @Override
    public String toString() {
      return amount + " " + unit();
    }
  }

  /** A limit on the multiply-accumulates of one run. */
  record Macs(Amount amount) implements Limit {
    @Override
    public long spent(Cost cost) {
      return cost.macs();
    }

    @Override
    public String unit() {
      return "multiply-accumulates";
    }

    @Override
    public String toString() {
      return amount + " multiply-accumulates";
    }
  }

  /**
   * As {@code --keep-params} takes it.
   *
   * @throws InvalidOption if the text is no amount
   */
  static Limit params(String text) {
    return params(text, true);
  }

  /**
   * Likewise.
   *
   * @param embeddings whether embedding tables count too
   * @throws InvalidOption if the text is no amount
   */
  static Limit params(String text, boolean embeddings) {
    return new Params(Amount.parse("--keep-params", text), embeddings);
  }

  /**
   * As {@code --keep-macs} takes it.
   *
   * @throws InvalidOption if the text is no amount
   */
  static Limit macs(String text) {
    return new Macs(Amount.parse("--keep-macs", text));
  }
}
