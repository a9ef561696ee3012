package io.gohsp.train;

/** Which optimiser, and its constants. */
public sealed interface OptimizerSettings {
  /** What the command line calls it. */
  String label();

  /** Share of the learning rate by which decayed weights shrink in each step. */
  double weightDecay();

  /** Momentum of updates for which the schedule has none; Adam's beta1. */
  double momentum();

  Optimizer create(ParameterStore store);

  /**
   * Adam with decoupled weight decay (Loshchilov and Hutter, 2019), with bias correction.
   *
   * @param beta1 of the first moment
   * @param beta2 of the second moment
   * @param epsilon added to the root of the corrected second moment
   */
  record AdamW(double beta1, double beta2, double epsilon, double weightDecay)
      implements OptimizerSettings {
    /** The usual constants. */
    public static AdamW withDecay(double weightDecay) {
      return new AdamW(0.9, 0.999, 1e-8, weightDecay);
    }

    @Override
    public String label() {
      return "adamw";
    }

    @Override
    public double momentum() {
      return beta1;
    }

    @Override
    public Optimizer create(ParameterStore store) {
      return new Adam(store, this);
    }
  }

  /** Stochastic gradient descent with Nesterov momentum and decoupled weight decay. */
  record Sgd(double momentum, double weightDecay) implements OptimizerSettings {
    @Override
    public String label() {
      return "sgd";
    }

    @Override
    public Optimizer create(ParameterStore store) {
      return new Momentum(store, this);
    }
  }
}
