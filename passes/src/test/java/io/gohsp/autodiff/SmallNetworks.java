package io.gohsp.autodiff;

import java.util.stream.Stream;

/**
 * Forms of operators that need care, beside the random ones of {@link RandomNetworks}: inputs, then
 * nodes. All inputs are differentiated; those named p.. are positive. Symbols are those of {@link
 * GradientRulesTest}.
 */
final class SmallNetworks {
  private SmallNetworks() {}

  static Stream<String> all() {
    return Stream.of(
            ARITHMETIC,
            ACTIVATIONS,
            CONTRACTIONS,
            NORMALIZATIONS,
            IMAGES,
            REDUCTIONS,
            LAYOUT,
            INDEXING)
        .flatMap(String::lines)
        .map(String::strip)
        .filter(line -> !line.isEmpty() && !line.startsWith("#"));
  }

  private static final String ARITHMETIC =
      """
      double[B,3,4] a, double[4] b | y = Add(a, b)
      double[B,3,4] a, double[3,1] b | y = Sub(a, b)
      double[4] a, double[B,N,4] b | y = Sub(a, b)
      double[B,N,4] a, double[1,N,1] b | y = Mul(a, b)
      double[B,1] a, double[1,N] b | y = Mul(a, b)
      double a, double[B,N] b | y = Mul(a, b)
      double[B,N] a, double[M,N] b | y = Mul(a, b)
      double[N,2] a, double[N,2] b | t = Mul(a, b); y = Mul(t, a)
      double[B,3] a, double[B,1] p | y = Div(a, p)
      double[3] a, double[B,3] p | y = Div(a, p)
      double[B,3] p, double[3] b | y = Pow(p, b)
      double[B,3] a <double two = {2}> | y = Pow(a, two)
      double[B,3] a <float[1] three = {3}> | y = Pow(a, three)
      double[B,3] a, double[3] b, double[1] c | y = Sum(a, b, c)
      float[B,3] a, float[3] b | y = Mean(a, b)
      double[B,3] a, double[3] b, double[B,1] c | y = Max(a, b, c)
      double[B,3] a, double[3] b | y = Min(a, b)
      double[B,3] a, double[3] b <bool[2,1] c = {1, 0}> | y = Where(c, a, b)
      double[B,3] p | y = Sqrt(p)
      double[B,3] a | y = Exp(a)
      double[B,3] p | y = Log(p)
      double[B,3] p | y = Reciprocal(p)
      double[B,3] a | y = Abs(a)
      double[B,3] a | y = Neg(a)
      double[B,3] a | y = Sin(a)
      double[B,3] a | y = Cos(a)
      double[B,3] a | t = Identity(a); y = Dropout(t)
      double[B,3] a | y = Cast<to = 1>(a)
      double[B,3] a <float[1] like = {1}> | y = CastLike(a, like)
      double[B,3] a <double low = {-0.5}, double high = {0.4}> | y = Clip(a, low, high)
      """;

  private static final String ACTIVATIONS =
      """
      float[B,5] a | y = Erf(a)
      float[B,5] a | y = Gelu(a)
      float[B,5] a | y = Gelu<approximate = "tanh">(a)
      double[B,5] a | y = Tanh(a)
      double[B,5] a | y = Sigmoid(a)
      float[B,5] a | t = HardSigmoid<alpha = 0.3>(a); y = Mul(t, a)
      float[B,5] a <float ten = {10}> | t = Mul(a, ten); y = HardSwish(t)
      double[B,5] a | y = Relu(a)
      float[B,5] a | y = LeakyRelu<alpha = 0.3>(a)
      float[B,5] a | y = Elu<alpha = 0.7>(a)
      float[B,5] a | y = Softplus(a)
      """;

  private static final String CONTRACTIONS =
      """
      double[3,4] a, double[4,2] b | y = MatMul(a, b)
      double[B,N,4] a, double[4,2] b | y = MatMul(a, b)
      double[B,3,N,4] a, double[4,2] b | y = MatMul(a, b)
      double[B,N,4] a, double[B,4,2] b | y = MatMul(a, b)
      double[3,4] a, double[B,4,2] b | y = MatMul(a, b)
      double[B,1,3,4] a, double[2,4,2] b | y = MatMul(a, b)
      double[2,3,4] a, double[B,1,4,2] b | y = MatMul(a, b)
      double[B,2,N,3] q, double[B,2,N,3] k | t = Transpose<perm = [0,1,3,2]>(k); y = MatMul(q, t)
      double[B,2,N,3] q, double[B,N,2,3] k | t = Transpose<perm = [0,2,3,1]>(k); y = MatMul(q, t)
      double[B,2,4,5] p, double[B,5,2,3] v | t = Transpose<perm = [0,2,1,3]>(v); y = MatMul(p, t)
      double[B,2,4,3] q, double[B,5,2,3] k | t = Transpose<perm = [0,2,3,1]>(k); y = MatMul(q, t)
      double[B,2,4,5] p, double[B,2,5,3] v | y = MatMul(p, v)
      double[4] a, double[4,2] b | y = MatMul(a, b)
      double[3,4] a, double[4] b | y = MatMul(a, b)
      double[4] a, double[4] b | y = MatMul(a, b)
      double[B,3,4] a, double[4] b | y = MatMul(a, b)
      double[4] a, double[B,4,2] b | y = MatMul(a, b)
      double[N,4] a, double[4,2] b, double[2] c | y = Gemm(a, b, c)
      double[4,N] a, double[4,2] b, double[N,1] c | y = Gemm<transA = 1, alpha = 0.5, beta = 2.0>(a, b, c)
      double[N,4] a, double[2,4] b, double[1] c | y = Gemm<transB = 1, alpha = 0.5>(a, b, c)
      double[4,N] a, double[2,4] b | y = Gemm<transA = 1, transB = 1, alpha = 2.0>(a, b)
      double[B,N,4] a, double[4,2,3] b | y = Einsum<equation = "bnd,dhk->bhnk">(a, b)
      double[B,N,2,3] a, double[B,4,2,3] b | y = Einsum<equation = "bqhd,bkhd->bhqk">(a, b)
      double[B,N,4] a, double[4,2] b | y = Einsum<equation = "...d,de">(a, b)
      double[B,N,4] a, double[1,4,2] b | y = Einsum<equation = "...ij,...jk->...ik">(a, b)
      double[B,N,4] a, double[4,2] b | y = Einsum<equation = "bnd,de->be">(a, b)
      double[B,N,4] a | y = Einsum<equation = "bnd->db">(a)
      """;

  private static final String NORMALIZATIONS =
      """
      double[B,N,4] a | y = Softmax(a)
      double[B,N,4] a | y = Softmax<axis = 1>(a)
      double[B,N,5] a, double[B,5,2] v | t = Softmax(a); y = MatMul(t, v)
      double[B,N,5] a, double[5,2] v | t = Softmax(a); y = MatMul(t, v)
      double[B,N,5] a, double[2,B,5,2] v | t = Softmax(a); y = MatMul(t, v)
      double[B,N,4] a | y = LogSoftmax(a)
      float[B,N,4] a, float[4] s, float[4] b | y = LayerNormalization(a, s, b)
      float[B,N,4] a, float[4] s | y = LayerNormalization<epsilon = 0.3>(a, s)
      float[B,N,4] a <float[4] s = {1, 1, 1, 1}, float[4] b = {2, 2, 2, 2}> | t = LayerNormalization(a, s, b); y = Mul(a, t)
      float[B,N,4] a <float[4] s = {1, 1, 1, 1}> | t = LayerNormalization<epsilon = 0.3>(a, s); y = Mul(a, t)
      float[B,3,4] a, float[3,4] s, float[3,4] b | y = LayerNormalization<axis = 1, epsilon = 0.1>(a, s, b)
      float[B,N,4] a, float[4] s | y = SimplifiedLayerNormalization<epsilon = 0.1>(a, s)
      float[B,4,3,3] a, float[4] s, float[4] b <float[4] m = {0.1, -0.2, 0.3, 0.0}, float[4] v = {0.5, 1.0, 1.5, 2.0}> | y = BatchNormalization<epsilon = 0.1>(a, s, b, m, v)
      float[B,4] a, float[4] s, float[4] b <float[4] m = {0.1, -0.2, 0.3, 0.0}, float[4] v = {0.5, 1.0, 1.5, 2.0}> | y = BatchNormalization(a, s, b, m, v)
      float[B,4,3,3] a, float[4] s, float[4] b | y = InstanceNormalization<epsilon = 0.1>(a, s, b)
      float[B,3,N] a, float[3] s, float[3] b | y = InstanceNormalization(a, s, b)
      """;

  private static final String IMAGES =
      """
      float[B,3,5,6] x, float[4,3,3,3] w, float[4] b | y = Conv(x, w, b)
      float[B,3,6,6] x, float[4,3,2,2] w | y = Conv<strides = [2,2]>(x, w)
      float[B,3,7,6] x, float[4,3,3,2] w | y = Conv<strides = [2,3], pads = [1,0,1,1]>(x, w)
      float[B,2,8,9] x, float[3,2,3,2] w | y = Conv<strides = [2,1], dilations = [2,3], pads = [1,2,0,1]>(x, w)
      float[B,4,5,5] x, float[6,2,3,3] w, float[6] b | y = Conv<group = 2, pads = [1,1,1,1]>(x, w, b)
      float[B,4,6,5] x, float[4,1,3,3] w | y = Conv<group = 4, strides = [2,2], pads = [1,1,1,1]>(x, w)
      float[B,3,7] x, float[2,3,3] w, float[2] b | y = Conv<strides = [3]>(x, w, b)
      float[B,3,7,6] x, float[2,3,3,3] w | y = Conv<strides = [2,2], auto_pad = "SAME_UPPER">(x, w)
      float[B,3,7,6] x, float[2,3,3,3] w | y = Conv<strides = [2,2], auto_pad = "SAME_LOWER">(x, w)
      float[B,2,10,4] x, float[2,2,2,2] w | y = Conv<strides = [4,4]>(x, w)
      float[B,3,N,M] x, float[2,3,3,3] w | y = Conv<pads = [1,1,1,1]>(x, w)
      float[B,4,N,M] x, float[4,1,3,3] w | y = Conv<group = 4, pads = [1,1,1,1]>(x, w)
      float[B,3,N,M] x, float[2,3,3,2] w | y = Conv<strides = [2,3], pads = [1,1,1,0]>(x, w)
      float[B,4,N] x, float[4,2,3] w | y = Conv<group = 2, strides = [2], dilations = [2], pads = [2,2]>(x, w)
      float[B,3,4,5] x, float[3,2,3,3] w, float[2] b | y = ConvTranspose<strides = [2,2], pads = [1,1,1,1], output_padding = [1,0]>(x, w, b)
      float[B,4,3] x, float[4,3,2] w | y = ConvTranspose<group = 2, strides = [3], dilations = [2], output_padding = [2]>(x, w)
      float[B,2,N,M] x, float[2,3,2,2] w | y = ConvTranspose<strides = [2,2]>(x, w)
      float[B,3,4,5] x | y = GlobalAveragePool(x)
      float[B,3,N,M] x | y = GlobalAveragePool(x)
      float[B,2,6,6] x | y = AveragePool<kernel_shape = [2,2], strides = [2,2]>(x)
      float[B,2,5,7] x | y = AveragePool<kernel_shape = [3,3], strides = [2,2], pads = [1,1,1,1]>(x)
      float[B,2,5,7] x | y = AveragePool<kernel_shape = [3,3], strides = [2,3], pads = [1,1,1,1], count_include_pad = 1>(x)
      float[B,2,8,7] x | y = AveragePool<kernel_shape = [3,2], strides = [2,4]>(x)
      double[B,2,5,6] x | y = MaxPool<kernel_shape = [3,3], strides = [2,2], pads = [1,1,1,1]>(x)
      double[B,2,5,6] x | y = MaxPool<kernel_shape = [2,2]>(x)
      float[B,2,4,5] x <float[4] s = {1.0, 1.0, 2.0, 2.0}> | y = Resize<mode = "nearest">(x, , s)
      float[B,2,4,5] x <float[4] s = {1.0, 1.0, 1.6, 2.3}> | y = Resize<mode = "linear">(x, , s)
      float[1,2,4,5] x <float[4] s = {1.0, 1.0, 1.1, 0.7}> | y = Resize<mode = "cubic">(x, , s)
      float[1,2,4,5] x <float[4] s = {1.0, 1.0, 1.1, 1.1}> | y = Resize<mode = "linear">(x, , s)
      float[B,2,4,5] x <int64[4] s = {2, 2, 7, 3}> | y = Resize<mode = "linear", coordinate_transformation_mode = "align_corners">(x, , , s)
      float[1,2,4,5] x <int64[4] s = {1, 2, 7, 6}> | y = Resize<mode = "cubic", cubic_coeff_a = -0.75>(x, , , s)
      """;

  private static final String REDUCTIONS =
      """
      double[B,N,4] x <int64[1] i = {1}> | y = ReduceSum(x, i)
      double[B,N,4] x <int64[2] i = {0, -1}> | y = ReduceSum<keepdims = 0>(x, i)
      double[B,N,4] x | y = ReduceSum<keepdims = 0>(x)
      double[B,3,4] x <int64[1] i = {-1}> | y = ReduceMean(x, i)
      double[B,N,4] x <int64[1] i = {1}> | y = ReduceMean<keepdims = 0>(x, i)
      double[B,3,4] x <int64[1] i = {2}> | y = ReduceMax(x, i)
      double[B,3,4] x <int64[1] i = {1}> | y = ReduceMin<keepdims = 0>(x, i)
      float[B,3] p <int64[1] i = {1}> | y = ReduceProd<keepdims = 0>(p, i)
      float[B,3] x <int64[1] i = {1}> | y = ReduceL1(x, i)
      float[B,3] p <int64[1] i = {1}> | y = ReduceL2<keepdims = 0>(p, i)
      float[B,3] x <int64[1] i = {1}> | y = ReduceSumSquare(x, i)
      float[B,3] p <int64[1] i = {1}> | y = ReduceLogSum<keepdims = 0>(p, i)
      float[B,3] x <int64[1] i = {1}> | y = ReduceLogSumExp<keepdims = 0>(x, i)
      double[B,4] x <int64 i = {1}> | y = CumSum(x, i)
      double[B,4] x <int64 i = {1}> | y = CumSum<reverse = 1, exclusive = 1>(x, i)
      """;

  private static final String LAYOUT =
      """
      double[B,N,4] x <int64[4] s = {0, -1, 2, 2}> | y = Reshape(x, s)
      double[B,N,4] x | y = Flatten<axis = 2>(x)
      double[B,1,N,1] x <int64[1] i = {1}> | y = Squeeze(x, i)
      double[B,N] x <int64[2] i = {0, 2}> | y = Unsqueeze(x, i)
      double[B,N,4] x | y = Transpose<perm = [2,0,1]>(x)
      double[B,N,4] x | y = Transpose(x)
      double[1,N,1] x <int64[3] s = {2, 1, 4}> | y = Expand(x, s)
      double[N] x <int64[2] s = {2, 1}> | y = Expand(x, s)
      double[B,N] x <int64[2] s = {2, 3}> | y = Tile(x, s)
      double[3,4] x <int64[2] s = {1, 2}> | y = Tile(x, s)
      double[B,3,4] x | y = Trilu<upper = 0>(x)
      double[B,3,4] x <int64 k = {1}> | y = Trilu(x, k)
      float[B,8,2,3] x | y = DepthToSpace<blocksize = 2>(x)
      float[B,8,2,3] x | y = DepthToSpace<blocksize = 2, mode = "CRD">(x)
      float[B,8,N,M] x | y = DepthToSpace<blocksize = 2, mode = "CRD">(x)
      float[B,2,4,6] x | y = SpaceToDepth<blocksize = 2>(x)
      double[B,N,6] x <int64[3] s = {1, 2, 3}> | y1, y2, y3 = Split<axis = 2>(x, s)
      double[B,N,6] x | t, u = Split<axis = 2, num_outputs = 2>(x); y = Exp(u)
      double[B,6] x <int64[2] s = {2, 4}> | t, u = Split<axis = 1>(x, s); y = Mul(t, t)
      double[B,2] a, double[B,3] b | y = Concat<axis = 1>(a, b)
      double[B,2] a, double[N,2] b | y = Concat<axis = 0>(a, b)
      double[N,2] b <double[1,2] a = {1.0, 2.0}> | y = Concat<axis = 0>(a, b)
      double[B,6] x <int64[1] s = {1}, int64[1] e = {4}, int64[1] i = {1}> | y = Slice(x, s, e, i)
      double[B,6] x <int64[1] s = {-4}, int64[1] e = {-1}, int64[1] i = {-1}> | y = Slice(x, s, e, i)
      double[B,N,6] x <int64[2] s = {0, 2}, int64[2] e = {1, 5}, int64[2] i = {1, 2}> | y = Slice(x, s, e, i)
      double[B,N] x <int64[1] s = {1}, int64[1] e = {2}, int64[1] i = {1}> | y = Slice(x, s, e, i)
      double[B,N] x <int64[1] s = {1}, int64[1] e = {9223372036854775807}, int64[1] i = {1}> | y = Slice(x, s, e, i)
      double[B,N] x <int64[1] s = {-2}, int64[1] e = {9223372036854775807}, int64[1] i = {1}> | y = Slice(x, s, e, i)
      double[B,7] x <int64[1] s = {1}, int64[1] e = {7}, int64[1] i = {1}, int64[1] k = {2}> | y = Slice(x, s, e, i, k)
      double[B,N] x <int64[1] s = {-1}, int64[1] e = {-1000}, int64[1] i = {1}, int64[1] k = {-1}> | y = Slice(x, s, e, i, k)
      double[B,6] x <int64[1] z = {0}, int64[1] h = {3}, int64[1] e = {6}, int64[1] i = {1}> | t = Slice(x, z, h, i); u = Slice(x, h, e, i); y = Mul(t, u)
      double[B,3] x <int64[4] p = {1, 0, 0, 2}> | y = Pad(x, p)
      double[B,4] x <int64[2] p = {-1, 2}, int64[1] i = {1}> | y = Pad(x, p, , i)
      """;

  private static final String INDEXING =
      """
      double[5,3] x <int64[2,2] i = {0, 4, 4, -2}> | y = Gather(x, i)
      double[B,5,3] x <int64[3] i = {2, 2, 1}> | y = Gather<axis = 1>(x, i)
      double[B,N,3] x <int32[3] i = {2, 2, 1}> | y = Gather<axis = 1>(x, i)
      double[B,N,4] x <int64[2,2] i = {3, 2, 3, 1}> | y = Gather<axis = -1>(x, i)
      double[B,5,3] x <int64 i = {0}> | y = Gather<axis = 1>(x, i)
      double[B,N,3] x <int64 i = {1}> | y = Gather<axis = 1>(x, i)
      double[B,5] x <int64 i = {-1}> | y = Gather<axis = 1>(x, i)
      double[3,B,4] x <int64 i = {0}, int64 j = {1}, int64 k = {2}> | t = Gather(x, i); u = Gather(x, j); v = Gather(x, k); w = Mul(t, u); y = Mul(v, w)
      double[2,4] x <int64[2,3] i = {3, 0, 3, 1, 1, 2}> | y = GatherElements<axis = 1>(x, i)
      double[3,4,2] x <int64[3,2] i = {0, 3, 2, 1, 0, 3}> | y = GatherND(x, i)
      double[2,4,3] x <int64[2,2,1] i = {0, -1, 3, 3}> | y = GatherND<batch_dims = 1>(x, i)
      double[B,N,3,2] x <int64[2,3,1] i = {0, 2, 1, 1, 0, 1}> | y = GatherND<batch_dims = 2>(x, i)
      double[4,3] x, double[2,3] u <int64[2,1] i = {2, 0}> | y = ScatterND(x, i, u)
      double[4,3] x, double[2,3] u <int64[2,1] i = {2, 2}> | y = ScatterND<reduction = "add">(x, i, u)
      double[2,4] x, double[2,2] u <int64[2,2] i = {3, 0, 1, 2}> | y = ScatterElements<axis = 1>(x, i, u)
      double[2,4] x, double[2,2] u <int64[2,2] i = {3, 3, 1, 2}> | y = ScatterElements<axis = 1, reduction = "add">(x, i, u)
      """;
}
