package io.gohsp.nd4j;

import static io.gohsp.nd4j.ArithmeticKernels.apply;

import io.gohsp.op.LayerNormOp;
import io.gohsp.op.SoftmaxOp;
import java.util.Arrays;
import java.util.List;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.api.ops.DynamicCustomOp;
import org.nd4j.linalg.api.ops.impl.transforms.floating.Sqrt;
import org.nd4j.linalg.api.ops.impl.transforms.same.Reciprocal;
import org.nd4j.linalg.api.ops.impl.transforms.strict.Exp;
import org.nd4j.linalg.api.ops.impl.transforms.strict.Log;
import org.nd4j.linalg.factory.Nd4j;

/** Normalisations. ND4J's own layer norm is several times slower than this composed one. */
final class NormalizationKernels {
  private NormalizationKernels() {}

  static void register(Kernels kernels) {
    kernels.add(NormalizationKernels::softmax, "Softmax");
    kernels.add(NormalizationKernels::logSoftmax, "LogSoftmax");
    kernels.add(call -> layerNorm(call, true), "LayerNormalization");
    kernels.add(call -> layerNorm(call, false), "RMSNormalization");
    kernels.add(
        NormalizationKernels::batchNorm,
        node -> node.intAttribute("training_mode", 0) == 0,
        "BatchNormalization");
  }

  private static void softmax(Call call) {
    Floats x = call.dense(0);
    Floats z = call.outOver(x.dims());
    softmax(call, x, z);
  }

  /** In the rank the operand has: flattened to a matrix, ND4J takes three times as long. */
  private static void softmax(Call call, Floats x, Floats z) {
    List<Integer> axes = SoftmaxOp.of(call.node()).axes(x.rank());
    if (axes.isEmpty()) {
      z.array().assign(1);
      return;
    }
    if (z.size() == 0) {
      return;
    }
    boolean single = axes.size() == 1;
    long[] front = Arrays.copyOf(x.dims(), axes.get(0));
    long[] flat =
        single ? x.dims() : ContractionKernels.concat(front, x.size() / Layout.size(front));
    Nd4j.exec(
        DynamicCustomOp.builder("softmax")
            .addInputs(x.reshaped(flat).array())
            .addOutputs(z.reshaped(flat).array())
            .addIntegerArguments(single ? axes.get(0) : front.length)
            .build());
  }

  /** {@code x - max - log(sum(exp(x - max)))}, over one axis that is moved to the end. */
  private static void logSoftmax(Call call) {
    Floats x = call.dense(0);
    int axis = SoftmaxOp.of(call.node()).axes(x.rank()).get(0);
    List<Integer> swap = ReductionKernels.last(x.rank(), List.of(axis));
    Floats rows = call.dense(x.seen(x.layout().permuted(swap)));
    long n = x.dim(axis);
    long m = x.size() / Math.max(1, n);
    Floats matrix = rows.reshaped(m, n);
    Floats most = call.scratch(m, 1);
    ReductionKernels.most(matrix, most);
    Floats shifted = call.scratch(m, n);
    Call.custom("subtract", shifted, matrix, most);
    Floats exponentials = call.scratch(m, n);
    apply(Exp::new, shifted, exponentials);
    Floats sums = call.scratch(m, 1);
    ContractionKernels.multiply(exponentials, call.ones(n, 1), sums);
    apply(Log::new, sums, sums);
    Call.custom("subtract", shifted, shifted, sums);
    Floats z = call.out(0, x.dims());
    Floats turned = z.seen(z.layout().permuted(swap));
    Call.copy(shifted.reshaped(rows.dims()), turned);
  }

  private static void layerNorm(Call call, boolean centered) {
    LayerNormOp op = LayerNormOp.of(call.node());
    Floats x = call.dense(0);
    int axis = op.axis(x.rank());
    long m = Layout.size(Arrays.copyOf(x.dims(), axis));
    long n = x.size() / Math.max(1, m);
    long[] statistics = x.dims().clone();
    Arrays.fill(statistics, axis, statistics.length, 1);
    Floats ones = call.ones(n, 1);
    Floats rows = x.reshaped(m, n);
    Floats out = call.out(0, x.dims());
    Floats z = out.reshaped(m, n);
    if (centered) {
      Floats mean =
          (call.wants(1) ? call.out(1, statistics) : call.scratch(statistics)).reshaped(m, 1);
      ContractionKernels.multiply(rows, ones, mean);
      mean.array().muli(1.0 / n);
      Call.custom("subtract", z, rows, mean);
      rows = z;
    }
    Floats squares = call.scratch(m, n);
    Call.custom("multiply", squares, rows, rows);
    boolean wanted = centered && call.wants(2);
    Floats inverse = (wanted ? call.out(2, statistics) : call.scratch(statistics)).reshaped(m, 1);
    ContractionKernels.multiply(squares, ones, inverse);
    inverse.array().muli(1.0 / n);
    invertedRoot(inverse, op.epsilon());
    Call.custom("multiply", z, rows, inverse);
    if (call.has(1)) {
      Call.custom("multiply", z, z, call.dense(1).reshaped(1, n));
    }
    if (call.has(2)) {
      Call.custom("add", z, z, call.dense(2).reshaped(1, n));
    }
  }

  /** {@code 1 / sqrt(x + epsilon)}, in place. */
  private static void invertedRoot(Floats x, float epsilon) {
    INDArray array = x.array();
    array.addi(epsilon);
    apply(Sqrt::new, x, x);
    apply(Reciprocal::new, x, x);
  }

  /** With given statistics: {@code scale (x - mean) / sqrt(variance + epsilon) + bias}. */
  private static void batchNorm(Call call) {
    Floats x = call.dense(0);
    long[] channel = new long[Math.max(1, x.rank() - 1)];
    Arrays.fill(channel, 1);
    channel[0] = call.cell(1).size();
    Floats factor = call.scratch(channel);
    Call.copy(call.dense(4).reshaped(channel), factor);
    invertedRoot(factor, call.node().floatAttribute("epsilon", 1e-5f));
    Call.custom("multiply", factor, factor, call.dense(1).reshaped(channel));
    Floats z = call.out(0, x.dims());
    Call.custom("subtract", z, x, call.dense(3).reshaped(channel));
    Call.custom("multiply", z, z, factor);
    Call.custom("add", z, z, call.dense(2).reshaped(channel));
  }
}
