package io.gohsp.lower;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession;
import ai.onnxruntime.OrtSession.SessionOptions.OptLevel;
import io.gohsp.io.OnnxWriter;
import io.gohsp.ir.Model;
import io.gohsp.ir.ModelCopy;
import io.gohsp.ir.ModelException;
import io.gohsp.ir.Value;
import io.gohsp.shape.ShapeInference;
import io.gohsp.shape.Size;
import io.gohsp.text.OnnxText;
import java.nio.FloatBuffer;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * What ONNX Runtime computes from a model of one operator is what it computes after the upgrade, on
 * random inputs, for every operator whose definition changed between operator sets 11 and 20.
 */
class OperatorSetUpgradeTest {
  /**
   * Operator set | inputs | nodes; inputs are random from -1 to 1. All operators whose inputs,
   * attributes or defaults differ between the sets are here, those that need no rewriting too.
   */
  private static final String MODELS =
      """
      11 | float[2,3,4] x | y = Softmax(x)
      11 | float[2,3,4] x | y = Softmax<axis = 2>(x)
      12 | float[2,3,4] x | y = Softmax<axis = -2>(x)
      12 | float[2,3,4] x | y = LogSoftmax<axis = 0>(x)
      11 | float[2,3,4] x | y = Hardmax(x)
      13 | float[2,3,4] x | y = Hardmax(x)
      11 | float[2,3,4] x | y = Dropout<ratio = 0.3>(x)
      12 | float[2,3,4] x | y = Dropout(x)
      11 | float[2,3,4] x | y = ReduceSum<axes = [1]>(x)
      12 | float[2,3,4] x | y = ReduceSum<keepdims = 0>(x)
      11 | float[2,1,4] x | y = Squeeze<axes = [-2]>(x)
      11 | float[2,1,4] x | y = Squeeze(x)
      11 | float[2,4] x | y = Unsqueeze<axes = [0, 2]>(x)
      11 | float[2,6] x | a, y = Split<axis = 1, split = [2, 4]>(x)
      12 | float[2,6] x | a, y = Split<axis = -1>(x)
      13 | float[2,6] x | a, y = Split<axis = 1>(x)
      17 | float[2,6] x | a, b, y = Split<axis = 1>(x)
      11 | float[2,3,4] x | y = ReduceL1<axes = [0, -1]>(x)
      11 | float[2,3,4] x | y = ReduceL2<axes = [1], keepdims = 0>(x)
      13 | float[2,3,4] x | y = ReduceLogSumExp<axes = [2]>(x)
      12 | float[2,3,4] x | z = Abs(x); y = ReduceLogSum<axes = [1]>(z)
      17 | float[2,3,4] x | y = ReduceMax<axes = [1]>(x)
      14 | float[2,3,4] x | y = ReduceMean(x)
      13 | float[2,3,4] x | y = ReduceMin<axes = [0]>(x)
      13 | float[2,3,4] x | y = ReduceProd<axes = [1, 2]>(x)
      13 | float[2,3,4] x | y = ReduceSumSquare<axes = [-1]>(x)
      13 | float[2,3,4,5] x, float[3] w, float[3] b, float[3] m, float[3] t | v = Abs(t); y = BatchNormalization(x, w, b, m, v)
      11 | float[1,2,4,4] x <float[4] s = {1.0, 1.0, 1.5, 2.0}, float[0] r = {}> | y = Resize<mode = "linear">(x, r, s)
      11 | float[1,2,4,4] x <float[4] s = {1.0, 1.0, 2.0, 0.5}, float[0] r = {}> | y = Resize<mode = "nearest", coordinate_transformation_mode = "asymmetric", nearest_mode = "floor">(x, r, s)
      11 | float[1,2,4,4] x <int64[4] n = {1, 2, 7, 3}, float[0] r = {}, float[0] s = {}> | y = Resize<mode = "cubic", coordinate_transformation_mode = "pytorch_half_pixel">(x, r, s, n)
      13 | float[1,2,4,4] x <int64[4] n = {1, 2, 7, 3}> | y = Resize<mode = "linear", coordinate_transformation_mode = "align_corners">(x, , , n)
      18 | float[1,2,4,4] x <int64[4] n = {1, 2, 3, 2}> | y = Resize<mode = "linear", antialias = 1>(x, , , n)
      13 | float[1,2,4,4] x <float[8] r = {0.0, 0.0, 0.2, 0.1, 1.0, 1.0, 0.9, 0.7}, float[4] s = {1.0, 1.0, 2.0, 2.0}> | y = Resize<mode = "linear", coordinate_transformation_mode = "tf_crop_and_resize">(x, r, s)
      11 | float[2,3,8,8] x <float[2,4] r = {0.0, 0.0, 4.5, 5.0, 1.0, 2.0, 7.0, 7.5}, int64[2] i = {0, 1}> | y = RoiAlign<output_height = 3, output_width = 2, sampling_ratio = 2>(x, r, i)
      15 | float[2,3,8,8] x <float[2,4] r = {0.0, 0.0, 4.5, 5.0, 1.0, 2.0, 7.0, 7.5}, int64[2] i = {0, 1}> | y = RoiAlign<mode = "max", spatial_scale = 0.5>(x, r, i)
      16 | float[2,3,8,8] x <float[2,4] r = {0.0, 0.0, 4.5, 5.0, 1.0, 2.0, 7.0, 7.5}, int64[2] i = {0, 1}> | y = RoiAlign<output_height = 2, output_width = 2>(x, r, i)
      16 | float[2,3,5,6] x, float[2,4,3,2] g | y = GridSample(x, g)
      16 | float[2,3,5,6] x, float[2,4,3,2] g | y = GridSample<mode = "bilinear", align_corners = 1, padding_mode = "border">(x, g)
      16 | float[2,3,5,6] x, float[2,4,3,2] g | y = GridSample<mode = "bicubic", padding_mode = "reflection">(x, g)
      18 | float[2,3,5,6] x, float[2,4,3,2] g | y = GridSample<mode = "nearest">(x, g)
      17 | float[2,8,4,1] x | y = DFT(x)
      17 | float[2,4,8,2] x | y = DFT<axis = 2, inverse = 1>(x)
      19 | float[2,8,4,1] x | y = DFT<axis = 1, onesided = 1>(x)
      17 | float[2,6,1] x <int64 n = {8}> | y = DFT(x, n)
      11 | float[2,3,7,7] x | y = AveragePool<kernel_shape = [3, 3], strides = [2, 2], pads = [1, 1, 1, 1], count_include_pad = 1>(x)
      11 | float[2,3,7,7] x | y = AveragePool<kernel_shape = [3, 3], strides = [2, 2]>(x)
      11 | float[2,3,8,8] x | y = MaxPool<kernel_shape = [3, 3], strides = [2, 2], ceil_mode = 1>(x)
      11 | float[2,3,7,7] x | y = LpPool<kernel_shape = [3, 3], p = 2>(x)
      11 | float[2,3,4] x <int64[6] p = {0, 1, 0, 0, 0, 2}> | y = Pad<mode = "reflect">(x, p)
      13 | float[2,3,4] x <int64[6] p = {0, 1, 0, 0, 0, 2}, float c = {0.5}> | y = Pad(x, p, c)
      11 | float[2,3,4] x | i = ArgMax<axis = 1>(x); y = Cast<to = 1>(i)
      11 | float[2,3,4] x | i = ArgMin<axis = 2, keepdims = 0>(x); y = Cast<to = 1>(i)
      11 | float[2,3,4] x <int64[2,2] i = {0, 1, 1, 2}> | y = GatherND(x, i)
      13 | float[2,3] x, float[2,2] u <int64[2,2] i = {0, 1, 2, 0}> | y = ScatterElements<axis = 1>(x, i, u)
      13 | float[4,3] x, float[2,3] u <int64[2,1] i = {3, 1}> | y = ScatterND(x, i, u)
      11 | float[2,3,4] x <int64[2] s = {0, -1}> | y = Reshape(x, s)
      11 | float[2,3,4] x | s = Shape(x); y = Cast<to = 1>(s)
      11 | float[2,3,4] x | s = Size(x); y = Cast<to = 1>(s)
      13 | float[2,3,4] x | h = Cast<to = 10>(x); y = Cast<to = 1>(h)
      11 | float[2,3] x <float s = {0.1}, uint8 z = {7}> | q = QuantizeLinear(x, s, z); y = DequantizeLinear(q, s, z)
      13 | float[2,3] x <float[2] s = {0.1, 0.2}, uint8[2] z = {7, 9}> | q = QuantizeLinear<axis = 0>(x, s, z); y = DequantizeLinear<axis = 0>(q, s, z)
      11 | float[3,2,4] x, float[1,20,4] w, float[1,20,5] r | y = LSTM<hidden_size = 5>(x, w, r)
      11 | float[3,2,4] x, float[1,15,4] w, float[1,15,5] r | y = GRU<hidden_size = 5>(x, w, r)
      11 | float[3,2,4] x, float[1,5,4] w, float[1,5,5] r | y = RNN<hidden_size = 5>(x, w, r)
      18 | float[2,4,5] x, float[2] w, float[2] b | y = GroupNormalization<num_groups = 2>(x, w, b)
      """;

  /** A pooling that pads adds up in another order from operator set 19 on; all else is exact. */
  private static final float ROUNDING = 1e-6f;

  static Stream<String> models() {
    return MODELS.lines();
  }

  private static Model parse(String line) {
    String[] parts = line.split("\\|", 3);
    String[] operands = parts[1].strip().split("<", 2);
    return OnnxText.parse(
        "<ir_version: 8, opset_import: [\"\" : "
            + parts[0].strip()
            + "]>\ng ("
            + operands[0]
            + ") => (float y) "
            + (operands.length == 1 ? "" : "<" + operands[1])
            + "\n{\n"
            + parts[2].replace(";", "\n")
            + "\n}");
  }

  @ParameterizedTest
  @MethodSource("models")
  void computesTheSame(String line) throws OrtException {
    Model model = parse(line);
    model.graph().outputs().forEach(output -> output.setType(null));
    Model upgraded = ModelCopy.of(model).model();
    OperatorSetUpgrade.run(upgraded);
    assertThat(upgraded.opset()).isEqualTo(OperatorSetUpgrade.VERSION);
    for (long seed = 0; seed < 3; seed++) {
      assertThat(run(upgraded, seed))
          .usingComparatorWithPrecision(ROUNDING)
          .containsExactly(run(model, seed));
    }
  }

  private static float[] run(Model model, long seed) throws OrtException {
    Random random = new Random(seed);
    OrtEnvironment environment = OrtEnvironment.getEnvironment();
    Map<String, OnnxTensor> feeds = new LinkedHashMap<>();
    try (OrtSession.SessionOptions options = new OrtSession.SessionOptions()) {
      options.setOptimizationLevel(OptLevel.NO_OPT);
      options.setIntraOpNumThreads(1);
      for (Value input : model.graph().inputs()) {
        long[] dims =
            ShapeInference.of(model).shape(input).stream().mapToLong(Size::value).toArray();
        float[] values = new float[(int) Arrays.stream(dims).reduce(1, Math::multiplyExact)];
        IntStream.range(0, values.length).forEach(i -> values[i] = 2 * random.nextFloat() - 1);
        feeds.put(
            input.name(), OnnxTensor.createTensor(environment, FloatBuffer.wrap(values), dims));
      }
      try (OrtSession session = environment.createSession(OnnxWriter.toBytes(model), options);
          OrtSession.Result result = session.run(feeds, Set.of("y"))) {
        FloatBuffer values = ((OnnxTensor) result.get(0)).getFloatBuffer();
        float[] all = new float[values.remaining()];
        values.get(all);
        return all;
      }
    } finally {
      feeds.values().forEach(OnnxTensor::close);
    }
  }

  /** Each row of the table is walked: some model of an older set has its operator. */
  @Test
  void everyRowIsWalked() {
    Set<String> walked = new HashSet<>();
    models()
        .map(OperatorSetUpgradeTest::parse)
        .forEach(model -> model.graph().nodes().forEach(node -> walked.add(node.op().type())));
    assertThat(walked).containsAll(OperatorSetUpgrade.operators());
  }

  @Test
  void whatHasNoCounterpartIsRefused() {
    Map<String, String> lost = new HashMap<>();
    lost.put(
        "11 | float[1,2,4,4] x <float[4] s = {1.0, 1.0, 2.0, 2.0}, float[0] r = {}> | y = Resize<coordinate_transformation_mode = \"tf_half_pixel_for_nn\">(x, r, s)",
        "tf_half_pixel_for_nn");
    lost.put(
        "12 | float[2,3] x, float[3] w, float[3] b, float[3] m, float[3] v | y, n, o = BatchNormalization(x, w, b, m, v)",
        "statistics");
    lost.forEach(
        (line, reason) ->
            assertThatThrownBy(() -> OperatorSetUpgrade.run(parse(line)))
                .isInstanceOf(ModelException.Unsupported.class)
                .hasMessageContaining(reason));
  }
}
