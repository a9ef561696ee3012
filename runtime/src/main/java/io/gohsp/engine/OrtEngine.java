package io.gohsp.engine;

import io.gohsp.engine.FlatVector.Slice;
import io.gohsp.ir.Graph;
import io.gohsp.ir.Model;
import io.gohsp.ir.Value;
import io.gohsp.ort.Binding;
import io.gohsp.ort.HostTensor;
import io.gohsp.ort.OrtOptions;
import io.gohsp.ort.OrtProgram;
import io.gohsp.shape.OpenExtents;
import io.gohsp.shape.ShapeFacts;
import io.gohsp.shape.ShapeInference;
import io.gohsp.shape.Size;
import io.gohsp.tensor.ElementType;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;

/** ONNX Runtime, reading weights and writing gradients where they lie. */
public final class OrtEngine implements Engine {
  public static final String NAME = "ort";

  private final OrtOptions options;

  public OrtEngine(OrtOptions options) {
    this.options = options;
  }

  @Override
  public String name() {
    return NAME;
  }

  @Override
  public String identity() {
    return NAME + " on " + options.device() + ", threads " + options.threads();
  }

  @Override
  public Executable compile(
      String name, Model model, Map<String, Slice> fed, Map<String, Slice> into) {
    return new Program(OrtProgram.compile(name, model, options), model.graph(), fed, into);
  }

  /** A session, with one set of tied tensors for each combination of extents that came along. */
  private static final class Program implements Executable {
    private final OrtProgram program;
    private final Map<String, HostTensor> fed = new LinkedHashMap<>();
    private final Map<String, HostTensor> into = new LinkedHashMap<>();

    /** Extents of the data and of the outputs that nobody gave memory for, with symbols. */
    private final Map<String, List<Size>> data = new LinkedHashMap<>();

    private final Map<String, @Nullable Output> outputs = new LinkedHashMap<>();

    private final Map<Map<String, List<Long>>, Tied> tied = new HashMap<>();

    private record Output(ElementType type, List<Size> shape) {}

    Program(OrtProgram program, Graph graph, Map<String, Slice> fed, Map<String, Slice> into) {
      this.program = program;
      fed.forEach((input, slice) -> this.fed.put(input, slice.tensor()));
      into.forEach((output, slice) -> this.into.put(output, slice.tensor()));
      // Extents of gradients may be longer formulas than are worth following: those stay open.
      ShapeFacts facts = ShapeInference.assuming(graph.model(), value -> null);
      for (Value input : graph.inputs()) {
        List<Size> shape = facts.shape(input);
        if (!fed.containsKey(input.name()) && shape != null) {
          data.put(input.name(), shape);
        }
      }
      for (Value output : graph.outputs()) {
        if (!into.containsKey(output.name())) {
          List<Size> shape = facts.shape(output);
          ElementType type = facts.type(output);
          outputs.put(
              output.name(), shape == null || type == null ? null : new Output(type, shape));
        }
      }
    }

    @Override
    public Map<String, HostTensor> run(Map<String, HostTensor> feed) {
      Map<String, List<Long>> extents = new HashMap<>();
      feed.forEach(
          (name, tensor) -> extents.put(name, Arrays.stream(tensor.dims()).boxed().toList()));
      Tied buffers = tied.computeIfAbsent(extents, ignored -> tie(feed));
      feed.forEach((name, tensor) -> buffers.input(name).bytes().put(tensor.bytes()));
      return buffers.run();
    }

    private Tied tie(Map<String, HostTensor> feed) {
      Map<String, Long> symbols = symbols(feed);
      Map<String, HostTensor> own = new LinkedHashMap<>();
      feed.forEach(
          (name, tensor) -> own.put(name, HostTensor.allocate(tensor.type(), tensor.dims())));
      Map<String, HostTensor> results = new LinkedHashMap<>();
      boolean known = true;
      for (Map.Entry<String, @Nullable Output> entry : outputs.entrySet()) {
        Output output = entry.getValue();
        long[] dims = output == null ? null : evaluate(output.shape(), symbols);
        if (output == null || dims == null) {
          known = false;
        } else {
          results.put(entry.getKey(), HostTensor.allocate(output.type(), dims));
        }
      }
      Map<String, HostTensor> all = new LinkedHashMap<>(own);
      all.putAll(fed);
      if (!known) {
        return new Untied(own, program.bind(all, Map.of()), into);
      }
      Map<String, HostTensor> targets = new LinkedHashMap<>(results);
      targets.putAll(into);
      return new Tied(own, results, program.bind(all, targets));
    }

    private Map<String, Long> symbols(Map<String, HostTensor> feed) {
      Map<String, long[]> extents = new HashMap<>();
      feed.forEach((name, tensor) -> extents.put(name, tensor.dims()));
      return OpenExtents.of(data, extents);
    }

    private static long @Nullable [] evaluate(List<Size> shape, Map<String, Long> symbols) {
      long[] dims = new long[shape.size()];
      for (int i = 0; i < dims.length; i++) {
        OptionalLong extent = shape.get(i).evaluate(symbols);
        if (extent.isEmpty()) {
          return null;
        }
        dims[i] = extent.getAsLong();
      }
      return dims;
    }

    @Override
    public void close() {
      tied.values().forEach(Tied::close);
      program.close();
    }
  }

  /** Tensors for one combination of extents. */
  private static class Tied {
    private final Map<String, HostTensor> data;
    private final Map<String, HostTensor> results;
    final Binding binding;

    Tied(Map<String, HostTensor> data, Map<String, HostTensor> results, Binding binding) {
      this.data = data;
      this.results = results;
      this.binding = binding;
    }

    HostTensor input(String name) {
      return Objects.requireNonNull(data.get(name));
    }

    Map<String, HostTensor> run() {
      binding.execute();
      return results;
    }

    void close() {
      binding.close();
    }
  }

  /** Where the extents of a result are not known before it is there: everything is copied. */
  private static final class Untied extends Tied {
    private final Map<String, HostTensor> into;

    Untied(Map<String, HostTensor> data, Binding binding, Map<String, HostTensor> into) {
      super(data, Map.of(), binding);
      this.into = into;
    }

    @Override
    Map<String, HostTensor> run() {
      Map<String, HostTensor> results = new LinkedHashMap<>(binding.run());
      into.forEach(
          (name, memory) ->
              memory.bytes().put(Objects.requireNonNull(results.remove(name)).bytes()));
      return results;
    }
  }
}
