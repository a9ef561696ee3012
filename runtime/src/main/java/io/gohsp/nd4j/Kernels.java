package io.gohsp.nd4j;

import io.gohsp.ir.Node;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * The table from standard ONNX operators to what computes them, a family a file. An operator that
 * is used in a way its kernel does not know counts as missing.
 */
final class Kernels {
  private record Row(Kernel kernel, Predicate<Node> accepts) {}

  private static final Kernels STANDARD = new Kernels();

  static {
    ArithmeticKernels.register(STANDARD);
    ActivationKernels.register(STANDARD);
    ContractionKernels.register(STANDARD);
    ConvolutionKernels.register(STANDARD);
    PoolingKernels.register(STANDARD);
    NormalizationKernels.register(STANDARD);
    ReductionKernels.register(STANDARD);
    LayoutKernels.register(STANDARD);
    IndexingKernels.register(STANDARD);
    LogicKernels.register(STANDARD);
    ShapeKernels.register(STANDARD);
    ResizeKernels.register(STANDARD);
  }

  private final Map<String, Row> rows = new LinkedHashMap<>();

  private Kernels() {}

  void add(Kernel kernel, String... types) {
    add(kernel, node -> true, types);
  }

  /**
   * @param accepts whether the kernel knows this use of the operator
   */
  void add(Kernel kernel, Predicate<Node> accepts, String... types) {
    for (String type : types) {
      if (rows.put(type, new Row(kernel, accepts)) != null) {
        throw new IllegalStateException(type + " has two kernels");
      }
    }
  }

  /** What computes a node; null if nothing does. */
  static @Nullable Kernel of(Node node) {
    Row row = node.op().domain().isEmpty() ? STANDARD.rows.get(node.op().type()) : null;
    return row != null && row.accepts.test(node) ? row.kernel : null;
  }

  /** The operators in the table. */
  static Set<String> operators() {
    return Collections.unmodifiableSet(STANDARD.rows.keySet());
  }
}
