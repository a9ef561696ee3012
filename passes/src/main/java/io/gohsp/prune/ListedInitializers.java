package io.gohsp.prune;

import io.gohsp.ir.Dim;
import io.gohsp.ir.Graph;
import io.gohsp.ir.Model;
import io.gohsp.ir.Value;
import io.gohsp.ir.ValueType.TensorType;
import io.gohsp.tensor.Tensor;
import java.util.Arrays;
import java.util.List;

/** Before version 4 of the format, every initializer is listed among the graph's inputs too. */
final class ListedInitializers {
  private static final long OPTIONAL_SINCE = 4;

  private ListedInitializers() {}

  static void run(Model model) {
    if (model.irVersion() >= OPTIONAL_SINCE) {
      return;
    }
    Graph graph = model.graph();
    for (Value initializer : graph.initializers()) {
      Tensor constant = initializer.constant();
      if (constant != null && !initializer.isGraphInput()) {
        List<Dim> dims = Arrays.stream(constant.dims()).mapToObj(Dim::of).toList();
        initializer.setType(new TensorType(constant.type(), dims));
        graph.markInput(initializer);
      }
    }
  }
}
