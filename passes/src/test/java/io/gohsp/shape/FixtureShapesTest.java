package io.gohsp.shape;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import io.gohsp.io.OnnxReader;
import io.gohsp.ir.Model;
import io.gohsp.ir.Node;
import io.gohsp.ir.Traversal;
import io.gohsp.ir.Value;
import io.gohsp.onnx.TensorProto;
import io.gohsp.tensor.ElementType;
import io.gohsp.tensor.Tensor;
import io.gohsp.tensor.TensorData;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** All values of all fixtures against ONNX Runtime, without the exporters' own declarations. */
class FixtureShapesTest {
  private static final Path FIXTURES = Path.of("..", "testdata", "fixtures");

  /**
   * Their extents go through fractions (the square root of the number of patches), which are not
   * followed.
   */
  private static final List<String> OPEN_EXTENTS = List.of("hf_dinov2_legacy");

  @Test
  void agreesWithOnnxRuntime() throws Exception {
    List<String> differences = new ArrayList<>();
    int values = 0;
    try (Stream<Path> folders = Files.list(FIXTURES)) {
      for (Path folder : folders.sorted().toList()) {
        values += compare(folder, differences);
      }
    }
    assertThat(differences).isEmpty();
    assertThat(values).isGreaterThan(20_000);
  }

  private static int compare(Path folder, List<String> differences) throws Exception {
    Model model = OnnxReader.read(folder.resolve("model.onnx"));
    Traversal.allNodes(model).flatMap(Node::presentOutputs).forEach(output -> output.setType(null));
    ShapeFacts facts = ShapeInference.of(model);
    Map<String, Tensor> inputs = new LinkedHashMap<>();
    Map<String, Long> symbols = new HashMap<>();
    for (Value input : model.graph().inputs()) {
      if (input.constant() != null) {
        continue;
      }
      Tensor given = read(folder.resolve("input_" + inputs.size() + ".pb"));
      inputs.put(input.name(), given);
      for (int axis = 0; axis < given.rank(); axis++) {
        symbols.put(facts.shape(input).get(axis).toString(), given.dim(axis));
      }
    }
    Map<Value, ActualValues.Actual> actual = ActualValues.of(model, inputs);
    boolean openAllowed = OPEN_EXTENTS.contains(folder.getFileName().toString());
    actual.forEach(
        (value, real) -> {
          String difference = difference(value, facts, real, symbols, openAllowed);
          if (difference != null) {
            differences.add(value.producer().orElseThrow().location() + ": " + difference);
          }
        });
    return actual.size();
  }

  private static String difference(
      Value value,
      ShapeFacts facts,
      ActualValues.Actual real,
      Map<String, Long> symbols,
      boolean openAllowed) {
    List<Size> shape = facts.shape(value);
    if (facts.type(value) != real.type() || shape == null || shape.size() != real.shape().size()) {
      return facts.type(value) + " " + shape + ", really " + real;
    }
    for (int axis = 0; axis < shape.size(); axis++) {
      OptionalLong extent = shape.get(axis).evaluate(symbols);
      if (extent.isEmpty() ? !openAllowed : extent.getAsLong() != real.shape().get(axis)) {
        return shape + ", really " + real;
      }
    }
    SymbolicTensor data = facts.data(value);
    for (int i = 0; data != null && i < real.whole().size(); i++) {
      Size element = data.element(i);
      if (element != null
          && element.evaluate(symbols).orElse(real.whole().get(i)) != real.whole().get(i)) {
        return data + ", really " + real;
      }
    }
    return null;
  }

  private static Tensor read(Path file) throws IOException {
    TensorProto proto = TensorProto.parseFrom(Files.readAllBytes(file));
    ByteString raw = proto.getRawData();
    ByteBuffer bytes = ByteBuffer.wrap(raw.toByteArray()).order(ByteOrder.LITTLE_ENDIAN);
    long[] dims = proto.getDimsList().stream().mapToLong(Long::longValue).toArray();
    return new Tensor(ElementType.of(proto.getDataType()), dims, new TensorData.Heap(bytes));
  }
}
