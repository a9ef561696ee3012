package io.gohsp.shape;

import java.util.stream.Stream;

/**
 * Models of one or a few operators, as ONNX text: operator set version, inputs, nodes. Symbols are
 * those of {@link ShapeRulesTest}.
 */
final class SmallModels {
  private SmallModels() {}

  static Stream<String> all() {
    return Stream.of(elementwise(), reshaping(), indexing(), contractions(), others(), fused())
        .flatMap(String::lines)
        .map(String::strip)
        .filter(line -> !line.isEmpty() && !line.startsWith("#"))
        .map(SmallModels::model);
  }

  /**
   * {@code 17 | inputs | nodes}; nodes are separated by semicolons, initializers come in angle
   * brackets after inputs.
   */
  private static String model(String line) {
    String[] parts = line.split("\\|", 3);
    String header =
        "<ir_version: 10, opset_import: [\"\" : " + parts[0].strip() + ", \"com.microsoft\" : 1]>";
    String[] operands = parts[1].strip().split("<", 2);
    String initializers = operands.length == 1 ? "" : "<" + operands[1];
    String nodes = parts[2].replace(";", "\n");
    return header + "\ng (" + operands[0] + ") => () " + initializers + "\n{\n" + nodes + "\n}";
  }

  private static String elementwise() {
    StringBuilder lines = new StringBuilder();
    String unary =
        "Acos Acosh Asin Asinh Atan Atanh Ceil Celu Clip Cos Cosh Elu Erf Exp Floor HardSigmoid HardSwish Identity "
            + "LeakyRelu Log Mish Neg Reciprocal Relu Round Selu Shrink Sigmoid Sign Sin Sinh Softplus Softsign Sqrt "
            + "Tan Tanh ThresholdedRelu Trilu Abs IsInf IsNaN Bernoulli Hardmax LogSoftmax Softmax Dropout LpNormalization "
            + "MeanVarianceNormalization RandomNormalLike RandomUniformLike";
    for (String op : unary.split(" ")) {
      boolean fourAxes = op.equals("MeanVarianceNormalization");
      lines
          .append("18 | float[B,N")
          .append(fourAxes ? ",3,4" : "")
          .append("] x | y = ")
          .append(op)
          .append("(x)\n");
    }
    for (String op : "Gelu Swish".split(" ")) {
      lines.append("24 | float[B,N] x | y = ").append(op).append("(x)\n");
    }
    for (String op :
        "Add Sub Mul Div Pow PRelu Min Max Sum Mean Mod Equal Less LessOrEqual Greater GreaterOrEqual"
            .split(" ")) {
      String attribute = op.equals("Mod") ? "<fmod = 1>" : "";
      lines
          .append("17 | float[B,N,4] x, float[N,1] w | y = ")
          .append(op)
          .append(attribute)
          .append("(x, w)\n");
    }
    for (String op : "And Or Xor".split(" ")) {
      lines.append("17 | bool[N,1] x, bool[M] w | y = ").append(op).append("(x, w)\n");
    }
    for (String op : "BitwiseAnd BitwiseOr BitwiseXor".split(" ")) {
      lines.append("18 | int32[N,1] x, int32[M] w | y = ").append(op).append("(x, w)\n");
    }
    return lines
        + """
        26 | float[B,N] x <int64 axis = {1}> | y = CumProd(x, axis); z = BitCast<to = 6>(x)
        17 | bool[N] x | y = Not(x)
        18 | int32[N] x | y = BitwiseNot(x)
        17 | uint8[N] x, uint8[N] w | y = BitShift<direction = "LEFT">(x, w)
        17 | float[B,N] x | y, mask = Dropout(x)
        17 | float[B,N] x | y = Cast<to = 10>(x)
        17 | float[B,N] x, int64[1] w | y = CastLike(x, w)
        17 | float[B,N,4] x <int64 axis = {1}> | y = CumSum(x, axis)
        17 | bool[B,1,N] c, float[M,1] x, float[N] w | y = Where(c, x, w)
        17 | float[B,N] x, float[ONE,N] w | y = Add(x, w)
        17 | float[B,N] x, float[3] w, float[1] v | z = Concat<axis = 0>(w, v, v); s = Constant<value_ints = [-1]>(); y = Reshape(x, s)
        """;
  }

  private static String reshaping() {
    return """
        17 | float[B,N,12] x | s = Constant<value_ints = [0, -1, 3, 4]>(); y = Reshape(x, s)
        17 | float[B,N,12] x | s = Constant<value_ints = [-1, 12]>(); y = Reshape(x, s)
        17 | float[B,N,12] x | s = Shape(x); y = Reshape(x, s)
        17 | float[B,N,12] x | s = Shape<start = 0, end = 2>(x); t = Constant<value_ints = [3, -1]>(); u = Concat<axis = 0>(s, t); y = Reshape(x, u)
        17 | float[0,3] x | s = Constant<value_ints = [0, 4]>(); y = Reshape<allowzero = 1>(x, s)
        17 | float[H,W] x | s = Constant<value_ints = [4, -1, 2, 9]>(); y = Reshape(x, s); t = Constant<value_ints = [-1, 8, 18]>(); z = Reshape(y, t)
        4 | float[B,12] x | y = Reshape<shape = [0, 3, -1]>(x)
        17 | float[B,N,3,4] x | y = Flatten(x)
        17 | float[B,N,3,4] x | y = Flatten<axis = -1>(x)
        17 | float[B,N] x | y = Flatten<axis = 2>(x)
        17 | float[B,N] x | y = Flatten<axis = 0>(x)
        17 | float[1,N,1] x | a = Constant<value_ints = [-1]>(); y = Squeeze(x, a)
        12 | float[1,N,1] x | y = Squeeze<axes = [0]>(x)
        17 | float[1,3,1] x | y = Squeeze(x)
        17 | float[N,M] x | a = Constant<value_ints = [-1, 1]>(); y = Unsqueeze(x, a)
        12 | float[N,M] x | y = Unsqueeze<axes = [0, 3]>(x)
        17 | float[B,N,M] x | y = Transpose(x)
        17 | float[B,N,M] x | y = Transpose<perm = [1, 0, 2]>(x)
        17 | float[N,1] x | s = Constant<value_ints = [2, 1, 6]>(); y = Expand(x, s)
        17 | float[N,1] x, float[B,M] w | s = Shape(w); t = Constant<value_ints = [1]>(); v = Constant<value_ints = [2]>(); u = Slice(s, t, v); y = Expand(x, u)
        17 | float[B,N] x | r = Constant<value_ints = [3, 2]>(); y = Tile(x, r)
        17 | float[B,N] x, float[B,M] w, float[B,1] v | y = Concat<axis = -1>(x, w, v)
        17 | float[B,12] x | a, b, c = Split<axis = 1>(x)
        17 | float[B,12] x | s = Constant<value_ints = [2, 10]>(); a, b = Split<axis = 1>(x, s)
        11 | float[B,12] x | a, b = Split<axis = 1, split = [5, 7]>(x)
        18 | float[B,11] x | a, b, c = Split<axis = 1, num_outputs = 3>(x)
        17 | float[H,3] x | a, b = Split<axis = 0>(x)
        17 | float[H,N] x, float[M] w | s = Shape(x); i = Constant<value_ints = [0]>(); h = Gather(s, i); j = Constant<value_ints = [9]>(); k = Sub(h, j); l = Concat<axis = 0>(k, j); a, b = Split<axis = 0>(x, l)
        17 | float[B,3,H] x | p = Constant<value_ints = [0, 1, 2, 0, 1, 3]>(); y = Pad(x, p)
        18 | float[B,3,H] x <int64[1] axes = {-1}, float zero = {0}> | p = Constant<value_ints = [2, -1]>(); y = Pad(x, p, zero, axes)
        10 | float[B,3,H] x | y = Pad<pads = [0, 1, 2, 0, 1, 3]>(x)
        17 | float[B,12,N,M] x | y = DepthToSpace<blocksize = 2>(x)
        17 | float[B,3,H,W] x | y = SpaceToDepth<blocksize = 2>(x)
        17 | float[B,N] x | y = Shape(x); z = Shape<start = -1>(x); w = Shape<end = -1>(x); v = Size(x)
        17 | float[B,N] x | s = Shape(x); y = ConstantOfShape<value = int64[1] {3}>(s); z = ConstantOfShape(s)
        17 | float[B,N] x | s = Shape(x); i = Constant<value_int = 1>(); n = Gather(s, i); o = Constant<value_int = 0>(); d = Constant<value_int = 2>(); y = Range(o, n, d)
        17 | <float a = {0.5}, float b = {3.1}, float d = {0.25}> | y = Range(a, b, d)
        17 | <int64 a = {7}, int64 b = {-2}, int64 d = {-2}> | y = Range(a, b, d)
        17 | float[3,4] x | y = RandomNormal<shape = [2, 3]>(); z = RandomUniform<shape = [2], dtype = 11>(); e = EyeLike(x)
        """;
  }

  private static String indexing() {
    return """
        17 | float[B,N,4] x, int64[M,3] i | y = Gather<axis = 1>(x, i)
        17 | float[B,N,4] x <int64 i = {-1}> | y = Gather<axis = 1>(x, i)
        17 | float[N,4] x, int64[M,3] i | y = GatherElements<axis = 0>(x, i)
        17 | float[N,4,3] x, int64[M,2] i | y = GatherND(x, i)
        17 | float[B,N,4] x, int64[B,M,1] i | y = GatherND<batch_dims = 1>(x, i)
        17 | float[N,4] x, int64[M,4] i, float[M,4] u | y = ScatterElements<axis = 0>(x, i, u)
        10 | float[N,4] x, int64[M,4] i, float[M,4] u | y = Scatter<axis = 0>(x, i, u)
        17 | float[N,4] x, int64[M,1] i, float[M,4] u | y = ScatterND(x, i, u)
        17 | float[N,B] x, int64[B] l | y = ReverseSequence(x, l)
        17 | float[B,N,4] x <int64[2] s = {1, 0}, int64[2] e = {9223372036854775807, 1}, int64[2] a = {1, -1}> | y = Slice(x, s, e, a)
        17 | float[B,N,6] x <int64[1] s = {-1}, int64[1] e = {-9223372036854775808}, int64[1] a = {2}, int64[1] p = {-2}> | y = Slice(x, s, e, a, p)
        17 | float[B,N,6] x <int64[1] s = {-1}, int64[1] e = {-9223372036854775808}, int64[1] a = {1}, int64[1] p = {-1}> | y = Slice(x, s, e, a, p)
        17 | float[B,N,6] x <int64[1] s = {-4}, int64[1] e = {-1}, int64[1] a = {2}, int64[1] p = {2}> | y = Slice(x, s, e, a, p)
        17 | float[B,N] x <int64[1] s = {0}, int64[1] e = {-1}, int64[1] a = {1}> | y = Slice(x, s, e, a)
        17 | float[B,N] x <int64[1] s = {0}, int64[1] e = {100}, int64[1] a = {1}> | y = Slice(x, s, e, a)
        17 | float[B,N] x <int64[1] s = {-3}, int64[1] e = {100}, int64[1] a = {1}> | y = Slice(x, s, e, a)
        17 | float[64,4] x, float[N] w <int64[1] o = {0}> | n = Shape(w); y = Slice(x, o, n); m = Constant<value_ints = [-1]>(); z = Slice(x, n, m)
        9 | float[B,N,4] x | y = Slice<starts = [1, 1], ends = [2, 3], axes = [1, 2]>(x)
        9 | float[5,4] x | y = Slice<starts = [1, 1], ends = [-1, 3]>(x)
        17 | float[B,N] x <int64[1] k = {2}> | v, i = TopK(x, k)
        17 | float[4,8] x, float[N] w | k = Shape(w); v, i = TopK(x, k)
        9 | float[B,N] x | v, i = TopK<k = 2>(x)
        17 | int64[B,N] i <int64 d = {10}, float[2] v = {0, 1}> | y = OneHot(i, d, v)
        17 | int64[B,N] i <int64[1] d = {10}, float[2] v = {0, 1}> | y = OneHot<axis = 1>(i, d, v)
        17 | float[B,N] x | y = NonZero(x)
        17 | <int64[2,2] x = {1, 0, 3, 4}> | y = NonZero(x)
        17 | float[B,N] x, bool[N] c | y = Compress<axis = 1>(x, c); z = Compress(x, c)
        17 | float[N] x | y, i, j, k = Unique(x)
        17 | float[N,M] x | y = Unique<axis = 1>(x)
        17 | float[1,N,4] b, float[1,1,N] s | y = NonMaxSuppression(b, s)
        24 | float[B,3,N,4] p, float[B,3,1,4] u, int64[B] w | y = TensorScatter(p, u, w)
        """;
  }

  private static String contractions() {
    StringBuilder lines = new StringBuilder();
    for (String op : "L1 L2 LogSum LogSumExp Mean SumSquare Sum Prod Min Max".split(" ")) {
      lines
          .append("18 | float[B,N,4] x <int64[1] a = {-1}> | y = Reduce")
          .append(op)
          .append("(x, a)\n");
    }
    return lines
        + """
        17 | float[B,1,N,6] x, float[3,6,M] w | y = MatMul(x, w)
        17 | float[6] x, float[B,6,M] w | y = MatMul(x, w)
        17 | float[B,N,6] x, float[6] w | y = MatMul(x, w)
        17 | float[6] x, float[6] w | y = MatMul(x, w)
        17 | float[N,6] x, float[M,6] w, float[M] c | y = Gemm<transB = 1>(x, w, c)
        17 | float[6,N] x, float[6,M] w | y = Gemm<transA = 1>(x, w)
        17 | float[B,N,6] x, float[6,3,4] w | y = Einsum<equation = "bnd,dhk->bnhk">(x, w)
        17 | float[B,3,N,4] x, float[B,3,M,4] w | y = Einsum<equation = "...nd,...md->...nm">(x, w)
        17 | float[N,M] x, float[M,4] w | y = Einsum<equation = "ij,jk">(x, w)
        17 | float[N,N] x | y = Einsum<equation = "ii->i">(x)
        17 | float[B,3,N] x, float[B,3,N] w | y = Einsum<equation = "...i , ...i -> ...">(x, w)
        17 | float[B,N,4] x | y = ReduceMean<axes = [1], keepdims = 0>(x); z = ReduceMean(x); w = ReduceMean<keepdims = 0>(x)
        17 | float[B,N,4] x <int64[1] a = {1}> | y = ReduceSum<keepdims = 0>(x, a); z = ReduceSum(x)
        18 | float[B,N,4] x <int64[0] a = {}> | y = ReduceMax<noop_with_empty_axes = 1>(x, a); z = ReduceMax(x, a)
        17 | float[B,N,4] x | y = ArgMax<axis = -1>(x); z = ArgMin<axis = 1, keepdims = 0>(x)
        17 | float[N,4] x, int64[N] t | y = NegativeLogLikelihoodLoss(x, t); z = NegativeLogLikelihoodLoss<reduction = "none">(x, t)
        17 | float[N,4] x, int64[N] t | y, l = SoftmaxCrossEntropyLoss(x, t); z = SoftmaxCrossEntropyLoss<reduction = "none">(x, t)
        12 | float[B,N,4] x | y = Softmax(x); z = LogSoftmax<axis = 2>(x)
        """;
  }

  private static String others() {
    return """
        17 | float[B,N,4] x, float[4] s, float[4] c | y, m, d = LayerNormalization(x, s, c)
        17 | float[B,N,4] x, float[N,4] s | y, m, d = LayerNormalization<axis = 1>(x, s)
        23 | float[B,N,4] x, float[4] s | y = RMSNormalization(x, s)
        17 | float[B,N,4] x, float[4] s | y = SimplifiedLayerNormalization(x, s)
        17 | float[B,6,N] x, float[6] s, float[6] c | y = InstanceNormalization(x, s, c)
        21 | float[B,6,N] x, float[6] s, float[6] c | y = GroupNormalization<num_groups = 2>(x, s, c)
        17 | float[B,6,N,M] x, float[6] s, float[6] c, float[6] m, float[6] v | y = BatchNormalization(x, s, c, m, v)
        17 | float[B,6,N,M] x | y = LRN<size = 3>(x)
        17 | float[B,4,H,W] x, float[6,4,3,3] w, float[6] c | y = Conv(x, w, c)
        17 | float[B,4,H,W] x, float[6,2,3,5] w | y = Conv<group = 2, strides = [2, 3], pads = [1, 2, 0, 1], dilations = [2, 1]>(x, w)
        17 | float[B,4,H,W] x, float[6,4,16,16] w | y = Conv<strides = [16, 16]>(x, w)
        17 | float[B,4,17,W] x, float[6,4,3,3] w | y = Conv<auto_pad = "SAME_UPPER", strides = [2, 2]>(x, w)
        17 | float[B,4,17,W] x, float[6,4,3,3] w | y = Conv<auto_pad = "VALID", strides = [2, 2]>(x, w)
        17 | float[B,4,H] x, float[6,4,3] w | y = Conv(x, w)
        17 | float[B,4,H,W] x, float[4,3,3,3] w | y = ConvTranspose<group = 2, strides = [2, 2], pads = [1, 0, 1, 2], output_padding = [1, 0], dilations = [1, 2]>(x, w)
        17 | float[B,4,5,6] x, float[4,3,3,3] w | y = ConvTranspose<strides = [2, 2], auto_pad = "SAME_UPPER">(x, w)
        17 | float[B,4,5,6] x, float[4,3,3,3] w | y = ConvTranspose<strides = [2, 2], output_shape = [11, 13]>(x, w)
        19 | float[B,4,5,6] x, float[6,4,3,3] w, float[B,18,3,4] o | y = DeformConv(x, w, o)
        17 | float[B,4,H,W] x | y = AveragePool<kernel_shape = [2, 3], strides = [2, 2], pads = [0, 1, 0, 1]>(x)
        17 | float[B,4,H,13] x | y, i = MaxPool<kernel_shape = [2, 2], strides = [2, 3], ceil_mode = 1>(x)
        17 | float[1,1,4,4] x | y = MaxPool<kernel_shape = [1, 1], strides = [2, 2], ceil_mode = 1>(x)
        17 | float[B,4,H,W] x | y = LpPool<kernel_shape = [2, 2]>(x)
        17 | float[B,4,H,W] x | y = GlobalAveragePool(x); z = GlobalMaxPool(x); w = GlobalLpPool(x)
        17 | float[B,4,H,W] x <float[4] s = {1, 1, 2, 2}> | y = Resize(x, , s)
        17 | float[1,4,5,7] x <float[4] s = {1, 1, 1.5, 0.6}> | y = Resize(x, , s)
        17 | float[B,4,H,W] x, float[N,M] w | s = Shape(w); t = Shape<end = 2>(x); u = Concat<axis = 0>(t, s); y = Resize(x, , , u)
        18 | float[1,4,H,W] x <int64[2] u = {5, 6}> | y = Resize<axes = [2, 3]>(x, , , u)
        10 | float[1,4,5,7] x <float[4] s = {1, 1, 2, 3}> | y = Resize(x, s)
        9 | float[B,4,H,W] x <float[4] s = {1, 1, 2, 2}> | y = Upsample(x, s)
        17 | float[B,4,H,W] x, float[B,N,M,2] g | y = GridSample(x, g)
        17 | float[B,4,H,W] x, float[N,4] r, int64[N] i | y = RoiAlign<output_height = 3, output_width = 2>(x, r, i)
        17 | float[N,B,4] x, float[1,24,4] w, float[1,24,6] r | y, h, c = LSTM<hidden_size = 6>(x, w, r)
        17 | float[N,B,4] x, float[2,18,4] w, float[2,18,6] r | y, h = GRU<hidden_size = 6, direction = "bidirectional">(x, w, r)
        17 | float[N,B,4] x, float[1,6,4] w, float[1,6,6] r | y, h = RNN<hidden_size = 6>(x, w, r)
        17 | bool c, float[B,N] x, float[B,M] w | y = If(c) <then_branch = t () => (float[B,N] p) { p = Relu(x) }, else_branch = e () => (float[B,N] q) { q = Neg(x) }>
        17 | float[N] x <int64 k = {3}, bool c = {1}> | y = Loop(k, c, x) <body = b (int64 i, bool p, float[N] s) => (bool q, float[N] t) { q = Identity(p) t = Neg(s) }>
        17 | float[2] s, float[N,2] x | y, z = Scan <num_scan_inputs = 1, body = b (float[2] a, float[2] e) => (float[2] c, float[2] d) { c = Add(a, e) d = Identity(c) }> (s, x)
        17 | float[N,4] x <int64 k = {3}, bool c = {1}> | y, z = Loop(k, c, x) <body = b (int64 i, bool p, float[?,4] s) => (bool q, float[?,4] t, float[?] u) { q = Identity(p) t = Concat<axis = 0>(s, x) a = Constant<value_ints = [0]>() u = ReduceSum<keepdims = 0>(x, a) }>
        17 | float[B] s, float[N,M,B] x | y, z = Scan <num_scan_inputs = 1, scan_input_axes = [1], scan_output_axes = [-1], body = b (float[?] a, float[?,?] e) => (float[?] c, float[?,?] d) { f = Constant<value_ints = [0]>() g = ReduceSum<keepdims = 0>(e, f) c = Add(a, g) d = Identity(e) }> (s, x)
        23 | float[B,6,N,4] q, float[B,3,M,4] k, float[B,3,M,5] v | y = Attention(q, k, v)
        23 | float[B,N,24] q, float[B,M,12] k, float[B,M,15] v | y = Attention<q_num_heads = 6, kv_num_heads = 3>(q, k, v)
        23 | float[B,3,N,4] q, float[B,3,N,4] k, float[B,3,N,5] v, float[B,3,M,4] pk, float[B,3,M,5] pv | y, a, b, c = Attention(q, k, v, , pk, pv)
        23 | float[B,3,N,4] x, float[B,N,2] c, float[B,N,2] s | y = RotaryEmbedding(x, c, s)
        17 | float[B,N,6] x <float s = {0.1}, uint8 z = {128}> | y = QuantizeLinear(x, s, z); w = DequantizeLinear(y, s, z); v = QuantizeLinear(x, s)
        17 | float[B,N] x | y, s, z = DynamicQuantizeLinear(x)
        17 | uint8[B,N,6] x, uint8[6,M] w | y = MatMulInteger(x, w)
        17 | uint8[B,N,6] x, int8[6,M] w <float s = {0.1}, uint8 z = {128}, int8 t = {0}> | y = QLinearMatMul(x, s, z, w, s, t, s, z)
        17 | uint8[B,4,H,W] x, uint8[6,4,3,3] w | y = ConvInteger(x, w)
        17 | uint8[B,4,H,W] x, uint8[6,4,3,3] w <float s = {0.1}, uint8 z = {128}> | y = QLinearConv(x, s, z, w, s, z, s, z)
        """;
  }

  private static String fused() {
    return """
        17 | float[B,N,6] x, float[B,6,M] w | y = com.microsoft.FusedMatMul(x, w)
        17 | float[B,6,N] x, float[B,M,6] w | y = com.microsoft.FusedMatMul<transA = 1, transB = 1>(x, w)
        17 | float[N,3,6] x, float[6,3,M] w | y = com.microsoft.FusedMatMul<transBatchA = 1, transBatchB = 1>(x, w)
        17 | float[N,6] x, float[M,6] w | y = com.microsoft.TransposeMatMul<transB = 1>(x, w)
        17 | float[N,6] x, float[M,6] w, float[M] c | y = com.microsoft.FusedGemm<transB = 1, activation = "Relu">(x, w, c)
        17 | float[B,4,H,W] x, float[6,4,3,3] w | y = com.microsoft.FusedConv<activation = "Relu">(x, w)
        17 | float[B,N,6] x, float[6] c | y = com.microsoft.BiasGelu(x, c); z = com.microsoft.FastGelu(x, c)
        17 | float[B,N,6] x | y = com.microsoft.Gelu(x); z = com.microsoft.QuickGelu(x); w = com.microsoft.Trilu(x)
        17 | float[B,N,6] x, float[B,N,6] k, float[6] s, float[6] c | y, , , t = com.microsoft.SkipLayerNormalization(x, k, s, c)
        17 | float[B,N,6] x, float[B,N,6] k, float[6] s | y, , , t = com.microsoft.SkipSimplifiedLayerNormalization(x, k, s)
        17 | int32[B,N] i, int32[B,N] j, float[9,8] a, float[9,8] b, float[2,8] c, float[8] s, float[8] t | y, m = com.microsoft.EmbedLayerNormalization(i, j, a, b, c, s, t)
        17 | int32[B,N] i, int32[B,N] j, uint8[9,8] a, uint8[9,8] b, uint8[2,8] c, uint8[8] s, uint8[8] t, int32[B,N] k, float f, uint8 z | y, m = com.microsoft.QEmbedLayerNormalization(i, j, a, b, c, s, t, k, f, f, f, f, f, z, z, z, z, z)
        17 | uint8[9,32] t, int64[B,N] i, float[9,4] s | y = com.microsoft.GatherBlockQuantized<bits = 4, block_size = 16, quantize_axis = 1>(t, i, s)
        17 | float[B,N,8] x, float[8,24] w, float[24] c | y = com.microsoft.Attention<num_heads = 4>(x, w, c)
        17 | float[B,N,8] x, float[8,28] w, float[28] c | y = com.microsoft.Attention<num_heads = 4, qkv_hidden_sizes = [8, 8, 12]>(x, w, c)
        17 | float[B,N,8] x, float[8,24] w, float[24] c, float[2,B,4,M,2] p | y, q = com.microsoft.Attention<num_heads = 4, unidirectional = 1>(x, w, c, , p)
        17 | uint8[B,N,8] x, uint8[8,24] w, float[24] c <float s = {0.1}> | y = com.microsoft.QAttention<num_heads = 4>(x, w, c, s, s)
        17 | float[B,N,8] q, float[B,M,8] k, float[B,M,12] v | y = com.microsoft.MultiHeadAttention<num_heads = 4>(q, k, v)
        17 | float[B,N,8] q, float[B,4,M,2] k, float[B,4,M,2] v | y = com.microsoft.MultiHeadAttention<num_heads = 4>(q, k, v)
        17 | float[B,N,8] q, float[B,N,8] k, float[B,N,8] v, float[B,4,M,2] pk, float[B,4,M,2] pv | y, a, b = com.microsoft.MultiHeadAttention<num_heads = 4>(q, k, v, , , , pk, pv)
        17 | float[2,5,32] q, float[2,5,16] k, float[2,5,16] v <int32[2] s = {4, 4}, int32 t = {5}> | y, a, b = com.microsoft.GroupQueryAttention<num_heads = 4, kv_num_heads = 2>(q, k, v, , , s, t)
        17 | float[2,5,64] q <int32[2] s = {4, 4}, int32 t = {5}> | y, a, b = com.microsoft.GroupQueryAttention<num_heads = 4, kv_num_heads = 2>(q, , , , , s, t)
        17 | float[B,N,8] x, int64[B,N] p, float[9,1] c, float[9,1] s | y = com.microsoft.RotaryEmbedding<num_heads = 4>(x, p, c, s)
        17 | float[B,N,6] x, uint8[6,M] w <float[1] s = {0.1}> | y = com.microsoft.DynamicQuantizeMatMul(x, w, s)
        17 | uint8[B,N,6] x, uint8[6,M] w <float[1] s = {0.1}> | y = com.microsoft.MatMulIntegerToFloat(x, w, s, s)
        17 | int16[B,N,6] x, int16[6,M] w | y = com.microsoft.MatMulInteger16(x, w)
        17 | uint8[N,6] x, uint8[6,M] w <float s = {0.1}, uint8 z = {128}> | y = com.microsoft.QGemm(x, s, z, w, s, z, , s, z); v = com.microsoft.QGemm(x, s, z, w, s, z)
        17 | float[B,N,32] x, uint8[6,1,16] w, float[6] s | y = com.microsoft.MatMulNBits<K = 32, N = 6, bits = 4, block_size = 32>(x, w, s)
        17 | float[N,32] x, uint8[96] w, float[6] s | y = com.microsoft.MatMulBnb4<K = 32, N = 6, block_size = 32, quant_type = 1>(x, w, s)
        17 | uint8[B,N,6] x, uint8[N,1] w <float s = {0.1}, uint8 z = {128}> | y = com.microsoft.QLinearAdd(x, s, z, w, s, z, s, z); v = com.microsoft.QLinearMul(x, s, z, w, s, z, s, z)
        17 | bool[N,1] c, uint8[B,N,6] x, uint8[6] w <float s = {0.1}, uint8 z = {128}> | y = com.microsoft.QLinearWhere(c, x, s, z, w, s, z, s, z)
        17 | uint8[B,N] x <float s = {0.1}, uint8 z = {0}> | y = com.microsoft.QLinearSigmoid(x, s, z, s, z); v = com.microsoft.QLinearLeakyRelu(x, s, z, s, z); w = com.microsoft.QLinearSoftmax<opset = 13>(x, s, z, s, z)
        17 | uint8[B,N] x, uint8[B,M] w <float s = {0.1}, uint8 z = {0}> | y = com.microsoft.QLinearConcat<axis = 1>(s, z, x, s, z, w, s, z)
        17 | uint8[B,4,H,W] x <float s = {0.1}, uint8 z = {0}> | y = com.microsoft.QLinearAveragePool<kernel_shape = [2, 2], strides = [2, 2]>(x, s, z, s, z); v = com.microsoft.QLinearGlobalAveragePool(x, s, z, s, z)
        17 | float[B,N,6] x <float s = {0.1}, uint8 z = {128}> | y = com.microsoft.QuantizeLinear(x, s, z); v = com.microsoft.DequantizeLinear(y, s, z)
        """;
  }
}
