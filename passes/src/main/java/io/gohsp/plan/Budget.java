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

  /**
   * A limit on the elements of weights.
   *
   * @param embeddings whether embedding tables count too
   */
  record Params(Amount amount, boolean embeddings) implements Budget {
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
    return params(text, true);
  }

  /**
   * Likewise.
   *
   * @param embeddings whether embedding tables count too
   * @throws InvalidOption if the text is no amount
   */
  static Budget params(String text, boolean embeddings) {
    return new Params(Amount.parse("--keep-params", text), embeddings);
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
