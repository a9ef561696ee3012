package io.gohsp.nd4j;

import static io.gohsp.nd4j.ArithmeticKernels.apply;
import static io.gohsp.nd4j.ArithmeticKernels.unary;

import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.api.ops.impl.scalar.LeakyReLU;
import org.nd4j.linalg.api.ops.impl.scalar.RectifiedLinear;
import org.nd4j.linalg.api.ops.impl.transforms.strict.Erf;
import org.nd4j.linalg.api.ops.impl.transforms.strict.Exp;
import org.nd4j.linalg.api.ops.impl.transforms.strict.Sigmoid;
import org.nd4j.linalg.api.ops.impl.transforms.strict.SoftPlus;
import org.nd4j.linalg.api.ops.impl.transforms.strict.Tanh;

/** Activations; those that ND4J computes slowly or otherwise are composed. */
final class ActivationKernels {
  private ActivationKernels() {}

  static void register(Kernels kernels) {
    kernels.add(unary(Erf::new), "Erf");
    kernels.add(unary(Tanh::new), "Tanh");
    kernels.add(unary(Sigmoid::new), "Sigmoid");
    kernels.add(unary(SoftPlus::new), "Softplus");
    kernels.add(unary((x, z) -> new RectifiedLinear(x, z, 0)), "Relu");
    kernels.add(ActivationKernels::leakyRelu, "LeakyRelu");
    kernels.add(ActivationKernels::elu, "Elu");
    kernels.add(ActivationKernels::hardSigmoid, "HardSigmoid");
    kernels.add(ActivationKernels::hardSwish, "HardSwish");
    kernels.add(ActivationKernels::gelu, "Gelu");
  }

  private static void leakyRelu(Call call) {
    Floats x = call.dense(0);
    double alpha = call.node().floatAttribute("alpha", 0.01f);
    apply((a, z) -> new LeakyReLU(a, z, alpha), x, call.outOver(x.dims()));
  }

  /** {@code max(x, 0) + alpha (exp(min(x, 0)) - 1)}. */
  private static void elu(Call call) {
    Floats x = call.dense(0);
    Floats least = call.scratch(x.dims());
    INDArray below = least.array();
    x.array().mul(-1, below);
    apply((a, z) -> new RectifiedLinear(a, z, 0), least, least);
    below.muli(-1);
    apply(Exp::new, least, least);
    below.subi(1);
    below.muli(call.node().floatAttribute("alpha", 1));
    Floats z = call.outOver(x.dims());
    apply((a, b) -> new RectifiedLinear(a, b, 0), x, z);
    Call.custom("add", z, z, least);
  }

  private static void hardSigmoid(Call call) {
    Floats x = call.dense(0);
    float alpha = call.node().floatAttribute("alpha", 0.2f);
    float beta = call.node().floatAttribute("beta", 0.5f);
    hardSigmoid(x, call.outOver(x.dims()), alpha, beta);
  }

  private static void hardSigmoid(Floats x, Floats z, float alpha, float beta) {
    INDArray y = z.array();
    x.array().mul(alpha, y);
    y.addi(beta);
    apply((a, b) -> new RectifiedLinear(a, b, 0), z, z);
    // min(y, 1) = 1 - max(1 - y, 0)
    y.rsubi(1);
    apply((a, b) -> new RectifiedLinear(a, b, 0), z, z);
    y.rsubi(1);
  }

  private static void hardSwish(Call call) {
    Floats x = call.dense(0);
    Floats z = call.out(0, x.dims());
    hardSigmoid(x, z, 1f / 6, 0.5f);
    Call.custom("multiply", z, z, x);
  }

  /** {@code x (1 + erf(x / sqrt 2)) / 2}, or tanh's approximation of it. */
  private static void gelu(Call call) {
    Floats x = call.dense(0);
    Floats z = call.out(0, x.dims());
    INDArray y = z.array();
    if (call.node().stringAttribute("approximate", "none").equals("tanh")) {
      Call.custom("multiply", z, x, x);
      y.muli(0.044715 * Math.sqrt(2 / Math.PI));
      y.addi(Math.sqrt(2 / Math.PI));
      Call.custom("multiply", z, z, x);
      apply(Tanh::new, z, z);
    } else {
      x.array().mul(Math.sqrt(0.5), y);
      apply(Erf::new, z, z);
    }
    y.addi(1);
    Call.custom("multiply", z, z, x);
    y.muli(0.5);
  }
}
