package io.gohsp.plan;

import io.gohsp.cost.Cost;

/** What a pruned model may cost at most. */
public sealed interface Budget {
  Amount amount();

  /** The quantity that is limited. */
  long spent(Cost cost);

  /** What is limited, for messages: "parameters". */
  String unit();

  /** The most that may be spent, given what the unpruned model costs. */
  default long limit(Cost dense) {
    return amount().of(spent(dense));
  }

  /** A limit on the elements of all weights. */
  record Params(Amount amount) implements Budget {
    @Override
    public long spent(Cost cost) {
      return cost.params();
    }

    @Override
    public String unit() {
      return "parameters";
    }

    @Override
    public String toString() {
      return amount + " parameters";
    }
  }

  /** A limit on the multiply-accumulates of one run. */
  record Macs(Amount amount) implements Budget {
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
  static Budget params(String text) {
    return new Params(Amount.parse("--keep-params", text));
  }

  /**
   * As {@code --keep-macs} takes it.
   *
   * @throws InvalidOption if the text is no amount
   */
  static Budget macs(String text) {
    return new Macs(Amount.parse("--keep-macs", text));
  }
}
