package io.gohsp.normalize;

import static io.gohsp.text.GraphAssert.assertRewrite;
import static io.gohsp.text.GraphAssert.assertUnchanged;

import io.gohsp.ir.Model;
import io.gohsp.shape.ShapeInference;
import org.junit.jupiter.api.Test;

/**
 * Packed projections of all layouts exporters write: what is selected after the reshape is split
 * before it.
 */
class UnpackProjectionsTest {
  private static void unpack(Model model) {
    UnpackProjections.run(model, ShapeInference.of(model), reshape -> true);
  }

  @Test
  void splitAndSqueeze() {
    assertRewrite(
        UnpackProjectionsTest::unpack,
        """
        g (float[2,5,12] x) => (float[2,2,5,2] y)
        <int64[5] shape = {2,5,3,2,2}, int64[3] ones = {1,1,1}, int64[1] zero = {0}> {
          p = Reshape(x, shape)
          t = Transpose<perm = [2,0,3,1,4]>(p)
          q1, k1, v1 = Split<axis = 0>(t, ones)
          q = Squeeze(q1, zero)
          k = Squeeze(k1, zero)
          v = Squeeze(v1, zero)
          a = Add(q, k)
          y = Add(a, v)
        }
        """,
        """
        g (float[2,5,12] x) => (float[2,2,5,2] y)
        <int64[5] shape = {2,5,3,2,2}, int64[3] ones = {1,1,1}, int64[1] zero = {0},
         int64[3] p_part_0_sizes = {4,4,4}, int64[5] shape_pruned = {2,5,1,2,2},
         int64[5] shape_pruned_1 = {2,5,1,2,2}, int64[5] shape_pruned_2 = {2,5,1,2,2}> {
          [p_part] p_part_0, p_part_1, p_part_2 = Split<axis = 2>(x, p_part_0_sizes)
          [p_of_part] p_of_part = Reshape(p_part_0, shape_pruned)
          [p_of_part_1] p_of_part_1 = Reshape(p_part_1, shape_pruned_1)
          [p_of_part_2] p_of_part_2 = Reshape(p_part_2, shape_pruned_2)
          [t_of_part] t_of_part = Transpose<perm = [2,0,3,1,4]>(p_of_part)
          [t_of_part_1] t_of_part_1 = Transpose<perm = [2,0,3,1,4]>(p_of_part_1)
          [t_of_part_2] t_of_part_2 = Transpose<perm = [2,0,3,1,4]>(p_of_part_2)
          q = Squeeze(t_of_part, zero)
          k = Squeeze(t_of_part_1, zero)
          v = Squeeze(t_of_part_2, zero)
          a = Add(q, k)
          y = Add(a, v)
        }
        """);
  }

  @Test
  void gatherOfScalarsWithOpenBatch() {
    assertRewrite(
        UnpackProjectionsTest::unpack,
        """
        g (float[B,5,12] x) => (float[B,2,5,2] y)
        <int64[5] shape = {-1,5,3,2,2}, int64 i0 = {0}, int64 i1 = {1}, int64 i2 = {-1}> {
          p = Reshape(x, shape)
          t = Transpose<perm = [2,0,3,1,4]>(p)
          q = Gather<axis = 0>(t, i0)
          k = Gather<axis = 0>(t, i1)
          v = Gather<axis = 0>(t, i2)
          a = Add(q, k)
          y = Add(a, v)
        }
        """,
        """
        g (float[B,5,12] x) => (float[B,2,5,2] y)
        <int64[5] shape = {-1,5,3,2,2}, int64 i0 = {0}, int64 i1 = {1}, int64 i2 = {-1},
         int64[3] p_part_0_sizes = {4,4,4}, int64[5] shape_pruned = {-1,5,1,2,2},
         int64[5] shape_pruned_1 = {-1,5,1,2,2}, int64[5] shape_pruned_2 = {-1,5,1,2,2},
         int64 q_index = {0}, int64 k_index = {0}, int64 v_index = {0}> {
          [p_part] p_part_0, p_part_1, p_part_2 = Split<axis = 2>(x, p_part_0_sizes)
          [p_of_part] p_of_part = Reshape(p_part_0, shape_pruned)
          [p_of_part_1] p_of_part_1 = Reshape(p_part_1, shape_pruned_1)
          [p_of_part_2] p_of_part_2 = Reshape(p_part_2, shape_pruned_2)
          [t_of_part] t_of_part = Transpose<perm = [2,0,3,1,4]>(p_of_part)
          [t_of_part_1] t_of_part_1 = Transpose<perm = [2,0,3,1,4]>(p_of_part_1)
          [t_of_part_2] t_of_part_2 = Transpose<perm = [2,0,3,1,4]>(p_of_part_2)
          q = Gather<axis = 0>(t_of_part, q_index)
          k = Gather<axis = 0>(t_of_part_1, k_index)
          v = Gather<axis = 0>(t_of_part_2, v_index)
          a = Add(q, k)
          y = Add(a, v)
        }
        """);
  }

  @Test
  void slicesAtTheLastAxisButOne() {
    assertRewrite(
        UnpackProjectionsTest::unpack,
        """
        g (float[2,5,12] x) => (float[2,5,1,2,2] y)
        <int64[5] shape = {2,5,3,2,2}, int64[1] b0 = {0}, int64[1] b1 = {1}, int64[1] b2 = {2}, int64[1] b3 = {3}> {
          p = Reshape(x, shape)
          q = Slice(p, b0, b1, b2)
          k = Slice(p, b1, b2, b2)
          v = Slice(p, b2, b3, b2)
          a = Add(q, k)
          y = Add(a, v)
        }
        """,
        """
        g (float[2,5,12] x) => (float[2,5,1,2,2] y)
        <int64[5] shape = {2,5,3,2,2}, int64[1] b0 = {0}, int64[1] b1 = {1}, int64[1] b2 = {2},
         int64[1] b3 = {3}, int64[3] p_part_0_sizes = {4,4,4}, int64[5] shape_pruned = {2,5,1,2,2},
         int64[5] shape_pruned_1 = {2,5,1,2,2}, int64[5] shape_pruned_2 = {2,5,1,2,2}> {
          [p_part] p_part_0, p_part_1, p_part_2 = Split<axis = 2>(x, p_part_0_sizes)
          [p_of_part] p_of_part = Reshape(p_part_0, shape_pruned)
          [p_of_part_1] p_of_part_1 = Reshape(p_part_1, shape_pruned_1)
          [p_of_part_2] p_of_part_2 = Reshape(p_part_2, shape_pruned_2)
          a = Add(p_of_part, p_of_part_1)
          y = Add(a, p_of_part_2)
        }
        """);
  }

  /** [H, 3, d]: queries, keys and values of a head lie together. */
  @Test
  void interleaved() {
    assertRewrite(
        UnpackProjectionsTest::unpack,
        """
        g (float[B,5,12] x) => (float[B,5,2,1,2] y) <int64[5] shape = {0,0,2,3,2}, int64[3] ones = {1,1,1}> {
          p = Reshape(x, shape)
          q, k, v = Split<axis = 3>(p, ones)
          a = Add(q, k)
          y = Add(a, v)
        }
        """,
        """
        g (float[B,5,12] x) => (float[B,5,2,1,2] y)
        <int64[5] shape = {0,0,2,3,2}, int64[3] ones = {1,1,1}, int64[4] p_regrouped_shape = {0,5,2,6},
         int64[3] p_part_0_sizes = {2,2,2}, int64[5] shape_pruned = {0,0,2,1,2},
         int64[5] shape_pruned_1 = {0,0,2,1,2}, int64[5] shape_pruned_2 = {0,0,2,1,2}> {
          [p_regrouped] p_regrouped = Reshape(x, p_regrouped_shape)
          [p_part] p_part_0, p_part_1, p_part_2 = Split<axis = 3>(p_regrouped, p_part_0_sizes)
          [p_of_part] p_of_part = Reshape(p_part_0, shape_pruned)
          [p_of_part_1] p_of_part_1 = Reshape(p_part_1, shape_pruned_1)
          [p_of_part_2] p_of_part_2 = Reshape(p_part_2, shape_pruned_2)
          a = Add(p_of_part, p_of_part_1)
          y = Add(a, p_of_part_2)
        }
        """);
  }

  @Test
  void throughQuantizationBeforeOpset13() {
    assertRewrite(
        UnpackProjectionsTest::unpack,
        """
        <ir_version: 8, opset_import: ["" : 11]>
        g (float[2,5,8] x) => (float[2,5,1,4] y) <int64[4] shape = {2,5,2,4}, float s = {0.5}, uint8 z = {128}> {
          p = Reshape(x, shape)
          ql = QuantizeLinear(p, s, z)
          dl = DequantizeLinear(ql, s, z)
          a, b = Split<axis = 2, split = [1,1]>(dl)
          y = Add(a, b)
        }
        """,
        """
        <ir_version: 8, opset_import: ["" : 11]>
        g (float[2,5,8] x) => (float[2,5,1,4] y)
        <int64[4] shape = {2,5,2,4}, float s = {0.5}, uint8 z = {128},
         int64[4] shape_pruned = {2,5,1,4}, int64[4] shape_pruned_1 = {2,5,1,4}> {
          [p_part] p_part_0, p_part_1 = Split<axis = 2, split = [4,4]>(x)
          [p_of_part] p_of_part = Reshape(p_part_0, shape_pruned)
          [p_of_part_1] p_of_part_1 = Reshape(p_part_1, shape_pruned_1)
          [ql_of_part] ql_of_part = QuantizeLinear(p_of_part, s, z)
          [ql_of_part_1] ql_of_part_1 = QuantizeLinear(p_of_part_1, s, z)
          [dl_of_part] dl_of_part = DequantizeLinear(ql_of_part, s, z)
          [dl_of_part_1] dl_of_part_1 = DequantizeLinear(ql_of_part_1, s, z)
          y = Add(dl_of_part, dl_of_part_1)
        }
        """);
  }

  @Test
  void notWhereThePackedTensorIsReturned() {
    assertUnchanged(
        UnpackProjectionsTest::unpack,
        """
        g (float[2,5,8] x) => (float[2,5,1,4] y, float[2,5,2,4] p) <int64[4] shape = {2,5,2,4}, int64[2] ones = {1,1}> {
          p = Reshape(x, shape)
          a, b = Split<axis = 2>(p, ones)
          y = Add(a, b)
        }
        """);
  }

  @Test
  void notWhereSeveralPartsAreTakenAtOnce() {
    assertUnchanged(
        UnpackProjectionsTest::unpack,
        """
        g (float[2,5,12] x) => (float[2,5,1,4] y) <int64[4] shape = {2,5,3,4}, int64[2] sizes = {1,2}> {
          p = Reshape(x, shape)
          a, b = Split<axis = 2>(p, sizes)
          y = Add(a, b)
        }
        """);
  }

  @Test
  void notWhereSomethingElseReadsThePackedTensor() {
    assertUnchanged(
        UnpackProjectionsTest::unpack,
        """
        g (float[2,5,8] x) => (float[2,5,2,4] y) <int64[4] shape = {2,5,2,4}, int64[2] ones = {1,1}> {
          p = Reshape(x, shape)
          a, b = Split<axis = 2>(p, ones)
          c = Add(a, b)
          y = Add(c, p)
        }
        """);
  }
}
