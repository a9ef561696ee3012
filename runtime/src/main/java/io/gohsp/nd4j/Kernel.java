package io.gohsp.nd4j;

/** Computes the outputs of one node. */
@FunctionalInterface
interface Kernel {
  void run(Call call);
}
