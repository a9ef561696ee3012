package io.gohsp.nd4j;

import io.gohsp.engine.Engine;
import io.gohsp.engine.FlatVector;
import io.gohsp.engine.FlatVector.Slice;
import io.gohsp.ir.Graph;
import io.gohsp.ir.Model;
import io.gohsp.ir.ModelException;
import io.gohsp.ir.Node;
import io.gohsp.ir.Value;
import io.gohsp.op.ConstantValue;
import io.gohsp.ort.HostTensor;
import io.gohsp.tensor.ElementType;
import io.gohsp.tensor.Tensor;
import java.nio.FloatBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.factory.Nd4j;

/** A graph, executed a node at a time. Extents are those of the data that comes along. */
final class Nd4jProgram implements Engine.Executable {
  private static final Set<String> RESHAPING =
      Set.of("Reshape", "Squeeze", "Unsqueeze", "Flatten", "Identity");

  private record Step(Node node, Kernel kernel) {}

  private final String name;
  private final Graph graph;
  private final Memory memory;
  private final List<Step> steps = new ArrayList<>();
  private final Map<String, Value> data = new LinkedHashMap<>();
  private final Map<Value, Floats> targets = new LinkedHashMap<>();
  private final Map<FlatVector, Block> vectors = new HashMap<>();
  private final Set<Value> into = new HashSet<>();
  private final Map<String, HostTensor> results = new LinkedHashMap<>();

  Nd4jProgram(String name, Model model, Map<String, Slice> fed, Map<String, Slice> into) {
    this.name = name;
    this.graph = model.graph();
    List<Node> nodes = new ArrayList<>();
    Map<Value, Cell> lasting = new LinkedHashMap<>();
    for (Value initializer : graph.initializers()) {
      if (!fed.containsKey(initializer.name()) && initializer.isUsed()) {
        lasting.put(initializer, constant(Objects.requireNonNull(initializer.constant())));
      }
    }
    for (Value input : graph.inputs()) {
      Slice slice = fed.get(input.name());
      if (slice != null) {
        lasting.put(input, floats(slice));
      } else {
        data.put(input.name(), input);
      }
    }
    for (Node node : graph.nodes()) {
      Kernel kernel = Kernels.of(node);
      if (kernel != null) {
        nodes.add(node);
        steps.add(new Step(node, kernel));
      } else {
        lasting.put(node.output(), constant(Objects.requireNonNull(ConstantValue.ofNode(node))));
      }
    }
    for (Value output : graph.outputs()) {
      Slice slice = into.get(output.name());
      if (slice != null) {
        this.into.add(output);
        aim(output, floats(slice));
      }
    }
    memory = new Memory(Liveness.of(graph, nodes, lasting.keySet()), targets);
    lasting.forEach(memory::put);
  }

  /** Lets a result be written where it is to lie, by the node before if the last one reshapes. */
  private void aim(Value output, Floats target) {
    targets.put(output, target);
    Node producer = output.producer().orElse(null);
    if (producer != null && RESHAPING.contains(producer.op().type())) {
      Value source = producer.input(0);
      boolean own = source.producer().isPresent() && source.uses().size() == 1;
      if (own && !source.isGraphOutput() && !targets.containsKey(source)) {
        aim(source, target);
      }
    }
  }

  private Floats floats(Slice slice) {
    Block block = vectors.computeIfAbsent(slice.vector(), vector -> Block.over(vector.array()));
    return new Floats(block, Layout.dense(slice.dims()).shifted(slice.offset()));
  }

  private static Cell constant(Tensor tensor) {
    if (!tensor.type().isFloating()) {
      return Whole.of(tensor.type(), tensor.dims(), tensor.longs());
    }
    Floats floats = lasting(tensor.dims());
    if (floats.size() > 0) {
      floats.write().put(tensor.floats());
    }
    return floats;
  }

  private static Floats lasting(long[] dims) {
    long size = Math.max(1, Layout.size(dims));
    return new Floats(
        Block.over(Nd4j.createUninitialized(DataType.FLOAT, size)), Layout.dense(dims));
  }

  @Override
  public Map<String, HostTensor> run(Map<String, HostTensor> feed) {
    load(feed);
    for (Step step : steps) {
      execute(step);
    }
    Map<String, HostTensor> returned = new LinkedHashMap<>();
    for (Value output : graph.outputs()) {
      Cell cell = Objects.requireNonNull(memory.get(output));
      if (into.contains(output)) {
        settle(output, (Floats) cell);
      } else {
        returned.put(output.name(), result(output.name(), cell));
      }
    }
    graph.outputs().stream()
        .filter(output -> output.producer().isPresent())
        .forEach(memory::forget);
    data.values().forEach(memory::forget);
    return returned;
  }

  private void load(Map<String, HostTensor> feed) {
    for (Map.Entry<String, Value> input : data.entrySet()) {
      HostTensor tensor = feed.get(input.getKey());
      if (tensor == null) {
        if (input.getValue().constant() == null) {
          throw failure("no data for input \"" + input.getKey() + "\"", null);
        }
        continue;
      }
      memory.put(input.getValue(), cell(tensor));
    }
    for (String given : feed.keySet()) {
      if (!data.containsKey(given)) {
        throw failure("there is no input \"" + given + "\"; there are " + data.keySet(), null);
      }
    }
  }

  private Cell cell(HostTensor tensor) {
    if (!tensor.type().isFloating()) {
      return Whole.of(tensor.type(), tensor.dims(), tensor.longs());
    }
    Floats floats = memory.take(tensor.dims());
    FloatBuffer to = floats.write();
    if (tensor.type() == ElementType.FLOAT) {
      to.put(tensor.bytes().asFloatBuffer());
    } else {
      to.put(tensor.floats());
    }
    return floats;
  }

  private void execute(Step step) {
    Call call = new Call(memory, step.node());
    try {
      step.kernel().run(call);
    } catch (ModelException e) {
      throw e;
    } catch (RuntimeException e) {
      throw failure(step.node().location().node() + " on " + operands(step.node()), e);
    }
    call.end();
    memory.forgetAfter(step.node());
  }

  private String operands(Node node) {
    List<String> texts = new ArrayList<>();
    for (Value input : node.inputs()) {
      Cell cell = input == null ? null : memory.get(input);
      texts.add(cell == null ? "nothing" : cell.type() + Arrays.toString(cell.dims()));
    }
    return String.join(", ", texts);
  }

  private ModelException.ExecutionFailed failure(String problem, @Nullable RuntimeException cause) {
    String reason = cause == null || cause.getMessage() == null ? "" : ": " + cause.getMessage();
    return new ModelException.ExecutionFailed(
        io.gohsp.ir.Location.of(graph.model()),
        "cannot run " + name + " on nd4j: " + problem + reason,
        cause);
  }

  /** Sees to it that a result lies where it is to lie. */
  private void settle(Value output, Floats cell) {
    Floats target = Objects.requireNonNull(targets.get(output));
    if (cell.block() != target.block()
        || cell.layout().offset() != target.layout().offset()
        || !cell.isDense()) {
      if (cell.size() != target.size()) {
        throw failure(
            "output \""
                + output.name()
                + "\" is "
                + Arrays.toString(cell.dims())
                + " and not "
                + Arrays.toString(target.dims()),
            null);
      }
      Call.copy(cell, target.reshaped(cell.dims()));
    }
  }

  private HostTensor result(String output, Cell cell) {
    HostTensor tensor = results.get(output);
    if (tensor == null || !Arrays.equals(tensor.dims(), cell.dims())) {
      tensor = HostTensor.allocate(cell.type(), cell.dims());
      results.put(output, tensor);
    }
    if (cell instanceof Whole whole) {
      tensor
          .bytes()
          .put(Tensor.ofIntegers(whole.type(), whole.dims(), whole.values()).data().bytes());
    } else {
      Floats floats = (Floats) cell;
      Floats dense = floats;
      if (!floats.isDense()) {
        dense = memory.borrow(floats.dims());
        Call.copy(floats, dense);
      }
      tensor.bytes().asFloatBuffer().put(dense.read());
      if (!floats.isDense()) {
        memory.giveBack(dense.block());
      }
    }
    return tensor;
  }

  /** Elements of all memory for intermediate results. */
  long pooledElements() {
    return memory.pooledElements();
  }

  /** The memory is the garbage collector's. */
  @Override
  public void close() {
    results.clear();
  }
}
