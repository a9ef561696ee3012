package io.gohsp.nd4j;

import static org.assertj.core.api.Assertions.assertThat;

import io.gohsp.engine.Engine;
import io.gohsp.ir.Model;
import io.gohsp.ir.Value;
import io.gohsp.ir.ValueType;
import io.gohsp.ort.Device;
import io.gohsp.ort.HostTensor;
import io.gohsp.ort.OrtOptions;
import io.gohsp.ort.OrtProgram;
import io.gohsp.tensor.ElementType;
import io.gohsp.text.OnnxText;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Operators with the attributes that fixtures do not have, against ONNX Runtime. */
class OperatorsTest {
  /** Sums of at most a hundred products, in another order. */
  private static final double TOLERANCE = 2e-5;

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "float[2,3,4] x, float[3,1] y => float[a,b,c] z | z = Add(x, y)",
        "float[3,1] x, float[2,1,4] y => float[a,b,c] z | z = Sub(x, y)",
        "float x, float[2,3] y => float[a,b] z | z = Div(x, y)",
        "float x, float y => float z | z = Mul(x, y)",
        "int32[2,3] x, int32[3] y => int32[a,b] z | z = Mul(x, y)",
        "int64[2,3] x, int64[3] y => int64[a,b] z | p = Abs(y) q = Add(p, p) z = Mod(x, q)",
        "float[2,3] x, float[3] y => float[a,b] z | p = Abs(x) z = Pow(p, y)",
        "float[2,3] x => float[a,b] z | t = Constant<value_float = 2.0>() z = Pow(x, t)",
        "float[2,3] x, float[3] y, float[2,1] w => float[a,b] z | z = Min(x, y, w)",
        "float[2,3] x, float[3] y => float[a,b] z | z = Max(x, y)",
        "float[2,3] x, float l, float h => float[a,b] z | z = Clip(x, l, h)",
        "float[2,3] x => float[a,b] z | z = LeakyRelu<alpha = 0.3>(x)",
        "float[2,3] x => float[a,b] z | z = HardSigmoid<alpha = 0.4, beta = 0.3>(x)",
        "float[2,3] x => float[a,b] z | z = HardSwish(x)",
        "float[2,3] x => float[a,b] z | z = Softplus(x)",
        "float[2,3] x => float[a,b] z | z = Gelu<approximate = \"tanh\">(x)",
        "float[2,3,4] x => float[a,b,c] z | z = Softmax<axis = 1>(x)",
        "float[2,3,4] x => float[a,b,c] z | z = LogSoftmax<axis = 1>(x)",
        "float[2,3,4] x => float[a,b,c] z | z = LogSoftmax<axis = -1>(x)",
        "float[2,5,3,4] x, float[4,6] y => float[a,b,c,d] z | z = MatMul(x, y)",
        "float[3,4] x, float[2,4,6] y => float[a,b,c] z | z = MatMul(x, y)",
        "float[5,1,3,4] x, float[2,4,6] y => float[a,b,c,d] z | z = MatMul(x, y)",
        "float[4] x, float[2,4,6] y => float[a,b] z | z = MatMul(x, y)",
        "float[2,3,4] x, float[4] y => float[a,b] z | z = MatMul(x, y)",
        "float[4] x, float[4] y => float z | z = MatMul(x, y)",
        "float[2,4,3] x, float[4,6] y => float[a,b,c] z | t = Transpose<perm = [0,2,1]>(x) z = MatMul(t, y)",
        "float[2,4,3] x, float[2,6,4] y => float[a,b,c] z | t = Transpose<perm = [0,2,1]>(x) u = Transpose<perm = [0,2,1]>(y) z = MatMul(t, u)",
        "float[4,3] x, float[6,4] y, float[6] c => float[a,b] z | z = Gemm<transA = 1, transB = 1, alpha = 0.5, beta = 2.0>(x, y, c)",
        "float[4,3] x, float[4,6] y, float[3,1] c => float[a,b] z | t = Transpose(x) z = Gemm(t, y, c)",
        "float[2,3,4] x, float[4,5] y => float[a,b,c] z | z = Einsum<equation = \"bij,jk->kbi\">(x, y)",
        "float[2,3,4] x, float[2,4,5] y => float[a,b,c] z | z = Einsum<equation = \"...ij,...jk->...ik\">(x, y)",
        "float[2,3,4] x => float[a,b] z | z = Einsum<equation = \"bij->jb\">(x)",
        "float[2,3,4] x => float[a] z | t = Constant<value_ints = [0, 2]>() z = ReduceSum<keepdims = 0>(x, t)",
        "float[2,3,4] x => float[a,b,c] z | t = Constant<value_ints = [0, 1]>() z = ReduceMean(x, t)",
        "float[2,3,4] x => float z | z = ReduceMean<keepdims = 0>(x)",
        "float[2,3,4] x => float[a,b,c] z | t = Constant<value_ints = [1]>() z = ReduceMax(x, t)",
        "float[2,3,4] x => float[a,b] z | t = Constant<value_ints = [-1]>() z = ReduceMin<keepdims = 0>(x, t)",
        "float[2,3,4] x => float[a,b] z | t = Constant<value_ints = [1]>() z = ReduceProd<keepdims = 0>(x, t)",
        "float[2,3,4] x => float[a,b] z | t = Constant<value_ints = [1]>() z = ReduceSumSquare<keepdims = 0>(x, t)",
        "int64[2,3] x => int64[a] z | t = Constant<value_ints = [0]>() z = ReduceMax<keepdims = 0>(x, t)",
        "float[2,3,4,2] x, float[4,2] s, float[4,2] b => float[a,b,c,d] z, float[e,f,g,h] m, float[i,j,k,l] v | z, m, v = LayerNormalization<axis = 2, epsilon = 0.1>(x, s, b)",
        "float[2,3,4] x, float[4] s => float[a,b,c] z | z = RMSNormalization<epsilon = 0.1>(x, s)",
        "float[2,4,7,6] x, float[6,2,3,2] w, float[6] b => float[a,b,c,d] z | z = Conv<group = 2, strides = [2,1], pads = [1,0,2,1], dilations = [1,2]>(x, w, b)",
        "float[2,4,7] x, float[6,4,3] w => float[a,b,c] z | z = Conv<auto_pad = \"SAME_LOWER\", strides = [2]>(x, w)",
        "float[2,4,3,5] x, float[4,3,3,2] w, float[6] b => float[a,b,c,d] z | z = ConvTranspose<group = 2, strides = [2,3], pads = [1,0,0,1], output_padding = [1,0], dilations = [2,1]>(x, w, b)",
        "float[1,2,7,7] x => float[a,b,c,d] z, int64[e,f,g,h] i | z, i = MaxPool<kernel_shape = [3,2], strides = [2,2], pads = [1,0,1,1], ceil_mode = 1>(x)",
        "float[1,2,7,7] x => float[a,b,c,d] z | z = AveragePool<kernel_shape = [3,2], strides = [2,2], pads = [1,0,1,1]>(x)",
        "float[1,2,7,7] x => float[a,b,c,d] z | z = AveragePool<kernel_shape = [3,2], pads = [1,0,1,1], count_include_pad = 1>(x)",
        "float[4,6] x => float[a,b] z | s = Constant<value_ints = [3,-1]>() e = Constant<value_ints = [-9,1]>() t = Constant<value_ints = [-2,-2]>() q = Constant<value_ints = [0,1]>() z = Slice(x, s, e, q, t)",
        "float[4,6] x => float[a,b] z | s = Constant<value_ints = [1]>() e = Constant<value_ints = [99]>() t = Constant<value_ints = [3]>() q = Constant<value_ints = [-1]>() y = Slice(x, s, e, q, t) z = Neg(y)",
        "int64[4,6] x => int64[a,b] z | s = Constant<value_ints = [3]>() e = Constant<value_ints = [-9]>() t = Constant<value_ints = [-1]>() q = Constant<value_ints = [0]>() z = Slice(x, s, e, q, t)",
        "float[7,2] x => float[a,b] y, float[c,d] z | y, z = Split<num_outputs = 2>(x)",
        "float[2,3] x => float[a,b] z | r = Constant<value_ints = [2,3]>() z = Tile(x, r)",
        "float[2,3] x => float[a,b] z | p = Constant<value_ints = [1,-1,2,2]>() c = Constant<value_float = 7.0>() z = Pad(x, p, c)",
        "float[4,3] x, int64[2,2] y => float[a,b,c] z | t = Transpose(x) i = Mod(y, four) z = Gather<axis = 1>(t, i)",
        "float[4,3] x, int64[2,3] y => float[a,b] z | i = Mod(y, four) z = GatherElements<axis = 0>(x, i)",
        "float[4,4,3] x, int64[4,2,1] y => float[a,b,c] z | i = Mod(y, four) z = GatherND<batch_dims = 1>(x, i)",
        "float[4,3] x, int64[2,3] y, float[2,3] u => float[a,b] z | i = Mod(y, four) z = ScatterElements<axis = 0, reduction = \"add\">(x, i, u)",
        "float[4,3] x, int64[2,1] y, float[2,3] u => float[a,b] z | i = Mod(y, four) z = ScatterND<reduction = \"add\">(x, i, u)",
        "float[2,3] x => float[a,b] z | z = Elu<alpha = 0.7>(x)",
        "float[2,8,3,2] x => float[a,b,c,d] z | z = DepthToSpace<blocksize = 2>(x)",
        "float[2,8,3,2] x => float[a,b,c,d] z | z = DepthToSpace<blocksize = 2, mode = \"CRD\">(x)",
        "float[2,3,4,6] x => float[a,b,c,d] z | z = SpaceToDepth<blocksize = 2>(x)",
        "float[2,5,3] x => int64[a,b,c] y, int64[d,e] z | y = ArgMax<axis = 1>(x) z = ArgMax<axis = -1, keepdims = 0>(x)",
        "int64[2,3] x => float[a,b,c] z | d = Constant<value_int = 7>() v = Constant<value_floats = [0.5,2.0]>() z = OneHot<axis = 1>(x, d, v)",
        "int64[2,3] x => int64[a,b,c] z | d = Constant<value_int = 7>() v = Constant<value_ints = [3,5]>() z = OneHot(x, d, v)",
        "float[2,3] x, float[3] y => bool[a,b] z | p = Greater(x, y) q = LessOrEqual(x, y) r = Xor(p, q) s = Or(p, r) z = Not(s)",
        "float[2,3] x, float[3] y => float[a,b] z | c = Less(x, y) z = Where(c, x, y)",
        "float[2,3] x => int32[a,b] z | z = Cast<to = 6>(x)",
        "int64[2,3] x => float[a,b] z | z = Cast<to = 1>(x)",
        "float[2,3] x => float[a,b] z | c = Cast<to = 9>(x) z = CastLike(c, x)",
        "float[3,4] x => float[a,b] z | z = EyeLike<k = 1>(x)",
        "float[2,3,4] x => float[a,b,c] z | k = Constant<value_int = -1>() z = Trilu<upper = 1>(x, k)",
        "float[2,3,4] x => int64[a,b] z | z = NonZero(x)",
        "float[2,3,4] x => int64[a] y, int64 z | y = Shape<start = -2, end = -1>(x) z = Size(x)",
        "float[1,2,3,4] x => float[a,b,c,d] z | s = Constant<value_floats = [1.0,1.0,2.0,0.5]>() z = Resize<mode = \"linear\">(x, , s)",
        "float[1,2,3,4] x => float[a,b,c,d] z | s = Constant<value_ints = [1,2,5,7]>() z = Resize<mode = \"cubic\", coordinate_transformation_mode = \"align_corners\">(x, , , s)",
        "float[1,2,3,4] x => float[a,b,c,d] z | s = Constant<value_ints = [1,2,5,7]>() z = Resize<mode = \"nearest\", coordinate_transformation_mode = \"asymmetric\", nearest_mode = \"floor\">(x, , , s)",
      })
  void computesWhatOnnxRuntimeDoes(String signature, String nodes) {
    Model model =
        OnnxText.parse(
            "<ir_version: 10, opset_import: [\"\" : %d]>\ntest (%s) <int64 four = {4}> {\n%s\n}"
                .formatted(
                    nodes.contains("RMS") ? 23 : 20, signature.replace(" =>", ") => ("), nodes)
                .replace(") => ( ", ") => ("));
    Map<String, HostTensor> feed = new LinkedHashMap<>();
    for (Value input : model.graph().inputs()) {
      feed.put(input.name(), data((ValueType.TensorType) Objects.requireNonNull(input.type())));
    }
    Map<String, HostTensor> expected;
    try (OrtProgram program = OrtProgram.compile("test", model, OrtOptions.VERIFY)) {
      expected = program.run(feed);
    }
    try (Engine.Executable program =
        new Nd4jEngine(Device.CPU).compile("test", model, Map.of(), Map.of())) {
      for (int round = 0; round < 2; round++) { // the second finds used memory
        Map<String, HostTensor> found = program.run(feed);
        expected.forEach((name, tensor) -> assertSame(found.get(name), tensor));
      }
    }
  }

  private static void assertSame(HostTensor found, HostTensor expected) {
    assertThat(found.type()).isEqualTo(expected.type());
    assertThat(found.dims()).isEqualTo(expected.dims());
    double[] a = found.doubles();
    double[] b = expected.doubles();
    for (int i = 0; i < a.length; i++) {
      assertThat(a[i])
          .as("element %d of %s", i, Arrays.toString(b))
          .isCloseTo(b[i], org.assertj.core.data.Offset.offset(TOLERANCE * (1 + Math.abs(b[i]))));
    }
  }

  /** Numbers of both signs, all different. */
  private static HostTensor data(ValueType.TensorType type) {
    long[] dims =
        Objects.requireNonNull(type.shape()).stream().mapToLong(dim -> dim.value()).toArray();
    HostTensor tensor = HostTensor.allocate(type.element(), dims);
    int size = tensor.size();
    if (type.element() == ElementType.FLOAT) {
      float[] values = new float[size];
      for (int i = 0; i < size; i++) {
        values[i] = (float) (2.5 * Math.sin(1 + 1.7 * i + size));
      }
      return HostTensor.ofFloats(dims, values);
    }
    long[] values = new long[size];
    for (int i = 0; i < size; i++) {
      values[i] = i * 37L % 23 - 9;
    }
    return HostTensor.ofIntegers(type.element(), dims, values);
  }
}
