package io.gohsp.nd4j;

import io.gohsp.engine.Engine;
import io.gohsp.engine.FlatVector.Slice;
import io.gohsp.engine.Nd4jBackend;
import io.gohsp.engine.Nd4jSetup;
import io.gohsp.ir.Location;
import io.gohsp.ir.Model;
import io.gohsp.ir.ModelException;
import io.gohsp.ir.Node;
import io.gohsp.lower.Lowering;
import io.gohsp.op.ConstantValue;
import io.gohsp.ort.Device;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * ND4J alone. Independent of ONNX Runtime down to the last kernel, and slower
 * (docs/PERFORMANCE.md). The number of threads is the environment's, see {@link Nd4jSetup}. On a
 * GPU, where this was never run, parameters and intermediate results stay there, but for indexing,
 * comparisons and choice, which the host does.
 */
public final class Nd4jEngine implements Engine {
  public static final String NAME = "nd4j";

  private final Device device;
  private final Nd4jBackend backend;

  /**
   * On a device, which becomes ND4J's for the whole process.
   *
   * @throws io.gohsp.ort.DeviceException if it cannot be used
   */
  public Nd4jEngine(Device device) {
    this.device = device;
    backend = Nd4jSetup.prepare(device);
  }

  /** Where it computes, and why if that is not what was asked for. */
  public Nd4jBackend backend() {
    return backend;
  }

  @Override
  public String name() {
    return NAME;
  }

  @Override
  public String identity() {
    return NAME + " on " + device;
  }

  /**
   * @throws ModelException.Unsupported listing every operator that is missing; fused operators,
   *     local functions and half precision are no obstacle
   */
  @Override
  public Executable compile(
      String name, Model model, Map<String, Slice> fed, Map<String, Slice> into) {
    Model executable = model;
    if (!missing(model).isEmpty()) {
      executable = Lowering.of(model).model(); // training graphs are lowered already
      requireKernels(executable);
    }
    return new Nd4jProgram(name, executable, fed, into);
  }

  private static List<Node> missing(Model model) {
    List<Node> missing = new ArrayList<>();
    for (Node node : model.graph().nodes()) {
      boolean constant = node.is("Constant") && ConstantValue.ofNode(node) != null;
      if (!constant && Kernels.of(node) == null) {
        missing.add(node);
      }
    }
    return missing;
  }

  private static void requireKernels(Model model) {
    List<Node> missing = missing(model);
    if (missing.isEmpty()) {
      return;
    }
    Map<String, List<Node>> byOperator = new LinkedHashMap<>();
    for (Node node : missing) {
      byOperator.computeIfAbsent(node.op().toString(), op -> new ArrayList<>()).add(node);
    }
    List<String> texts = new ArrayList<>();
    byOperator.forEach(
        (op, nodes) ->
            texts.add(nodes.size() + " x " + op + " (first " + name(nodes.get(0)) + ")"));
    throw new ModelException.Unsupported(
        Location.of(model),
        "the nd4j engine does not execute " + String.join(", ", texts),
        "use --engine ort");
  }

  private static String name(Node node) {
    return String.valueOf(node.location().node());
  }
}
