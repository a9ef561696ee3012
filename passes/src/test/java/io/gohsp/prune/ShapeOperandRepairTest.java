package io.gohsp.prune;

import static io.gohsp.text.GraphAssert.assertRewrite;

import org.junit.jupiter.api.Test;

/** Operands that state an extent, one test per operator and way to state it. */
class ShapeOperandRepairTest {

  @Test
  void reshapeConstantSharedByBlocksThatLoseDifferentHeads() {
    assertRewrite(
        Cut.keep("h0", 0, 1).and("h1", 0, 0, 2),
        """
        g (float[2,5,4] x) => (float[2,5,4] y, float[2,5,4] z)
        <float[4,6] w0 = range, float[6,4] o0 = range, float[4,6] w1 = range,
         float[6,4] o1 = range, int64[4] shape = {2,5,3,2}, int64[3] back = {2,5,6}> {
          p0 = MatMul(x, w0)
          r0 = Reshape(p0, shape)
          h0 = Transpose<perm = [2,0,1,3]>(r0)
          b0 = Transpose<perm = [1,2,0,3]>(h0)
          c0 = Reshape(b0, back)
          y = MatMul(c0, o0)
          p1 = MatMul(x, w1)
          r1 = Reshape(p1, shape)
          h1 = Transpose<perm = [2,0,1,3]>(r1)
          b1 = Transpose<perm = [1,2,0,3]>(h1)
          c1 = Reshape(b1, back)
          z = MatMul(c1, o1)
        }
        """,
        """
        g (float[2,5,4] x) => (float[2,5,4] y, float[2,5,4] z)
        <float[4,2] w0 = {2,3,8,9,14,15,20,21}, float[2,4] o0 = {8,9,10,11,12,13,14,15},
         float[4,4] w1 = {0,1,4,5,6,7,10,11,12,13,16,17,18,19,22,23},
         float[4,4] o1 = {0,1,2,3,4,5,6,7,16,17,18,19,20,21,22,23},
         int64[4] shape = {2,5,2,2}, int64[3] back = {2,5,4},
         int64[4] shape_pruned = {2,5,1,2}, int64[3] back_pruned = {2,5,2}> {
          p0 = MatMul(x, w0)
          r0 = Reshape(p0, shape_pruned)
          h0 = Transpose<perm = [2,0,1,3]>(r0)
          b0 = Transpose<perm = [1,2,0,3]>(h0)
          c0 = Reshape(b0, back_pruned)
          y = MatMul(c0, o0)
          p1 = MatMul(x, w1)
          r1 = Reshape(p1, shape)
          h1 = Transpose<perm = [2,0,1,3]>(r1)
          b1 = Transpose<perm = [1,2,0,3]>(h1)
          c1 = Reshape(b1, back)
          z = MatMul(c1, o1)
        }
        """);
  }

  @Test
  void reshapeTargetPutTogetherFromTheShapeOfItsInput() {
    assertRewrite(
        Cut.keep("r", 2, 0, 2),
        """
        g (float[B,N,4] x) => (float[B,N,4] y)
        <float[4,6] w = range, float[6,4] o = range, int64 i0 = {0}, int64 i1 = {1},
         int64[1] axis0 = {0}, int64[1] heads = {3}, int64[1] width = {2}, int64[3] back = {0,0,6}> {
          p = MatMul(x, w)
          s = Shape(p)
          b = Gather(s, i0)
          n = Gather(s, i1)
          b1 = Unsqueeze(b, axis0)
          n1 = Unsqueeze(n, axis0)
          target = Concat<axis = 0>(b1, n1, heads, width)
          r = Reshape(p, target)
          c = Reshape(r, back)
          y = MatMul(c, o)
        }
        """,
        """
        g (float[B,N,4] x) => (float[B,N,4] y)
        <float[4,4] w = {0,1,4,5,6,7,10,11,12,13,16,17,18,19,22,23},
         float[4,4] o = {0,1,2,3,4,5,6,7,16,17,18,19,20,21,22,23}, int64 i0 = {0}, int64 i1 = {1},
         int64[1] axis0 = {0}, int64[1] heads = {3}, int64[1] width = {2}, int64[3] back = {0,0,4},
         int64[1] target_pruned = {2}> {
          p = MatMul(x, w)
          s = Shape(p)
          b = Gather(s, i0)
          n = Gather(s, i1)
          b1 = Unsqueeze(b, axis0)
          n1 = Unsqueeze(n, axis0)
          target = Concat<axis = 0>(b1, n1, heads, width)
          [target_pruned] target_pruned_1 = Concat<axis = 0>(b1, n1, target_pruned, width)
          r = Reshape(p, target_pruned_1)
          c = Reshape(r, back)
          y = MatMul(c, o)
        }
        """);
  }

  /** The width comes from an earlier tensor of the same width, which keeps it. */
  @Test
  void reshapeTargetThatIsTheShapeOfTheBlockInput() {
    assertRewrite(
        Cut.keep("r", 2, 0, 2),
        """
        g (float[B,N,6] x) => (float[B,N,6] y)
        <float[6,6] w = zeros, float[6,6] o = zeros, int64[4] target = {0,0,3,2}> {
          p = MatMul(x, w)
          r = Reshape(p, target)
          back = Shape(x)
          c = Reshape(r, back)
          y = MatMul(c, o)
        }
        """,
        """
        g (float[B,N,6] x) => (float[B,N,6] y)
        <float[6,4] w = zeros, float[4,6] o = zeros, int64[4] target = {0,0,2,2},
         int64[2] back_entries_pruned = {0,1}, int64[1] back_pruned = {4}> {
          p = MatMul(x, w)
          r = Reshape(p, target)
          back = Shape(x)
          [back_kept] back_kept = Gather(back, back_entries_pruned)
          [back_pruned] back_pruned_1 = Concat<axis = 0>(back_kept, back_pruned)
          c = Reshape(r, back_pruned_1)
          y = MatMul(c, o)
        }
        """);
  }

  /** Zero copies, minus one infers: nothing to rewrite. */
  @Test
  void entriesThatFollowByThemselves() {
    assertRewrite(
        Cut.keep("r", 2, 0, 2),
        """
        g (float[B,N,4] x) => (float[B,N,4] y)
        <float[4,6] w = zeros, float[6,4] o = zeros, int64[4] target = {0,0,-1,2},
         int64[3] back = {0,0,-1}> {
          p = MatMul(x, w)
          r = Reshape(p, target)
          c = Reshape(r, back)
          y = MatMul(c, o)
        }
        """,
        """
        g (float[B,N,4] x) => (float[B,N,4] y)
        <float[4,4] w = zeros, float[4,4] o = zeros, int64[4] target = {0,0,-1,2},
         int64[3] back = {0,0,-1}> {
          p = MatMul(x, w)
          r = Reshape(p, target)
          c = Reshape(r, back)
          y = MatMul(c, o)
        }
        """);
  }

  /** Left alone, the width of a head would be inferred anew, and the model would still run. */
  @Test
  void headsNextToAnInferredWidth() {
    assertRewrite(
        Cut.keep("r", 2, 0, 2),
        """
        g (float[B,N,4] x) => (float[B,N,4] y)
        <float[4,6] w = zeros, float[6,4] o = zeros, int64[4] target = {0,0,3,-1},
         int64[3] back = {0,0,-1}> {
          p = MatMul(x, w)
          r = Reshape(p, target)
          c = Reshape(r, back)
          y = MatMul(c, o)
        }
        """,
        """
        g (float[B,N,4] x) => (float[B,N,4] y)
        <float[4,4] w = zeros, float[4,4] o = zeros, int64[4] target = {0,0,2,-1},
         int64[3] back = {0,0,-1}> {
          p = MatMul(x, w)
          r = Reshape(p, target)
          c = Reshape(r, back)
          y = MatMul(c, o)
        }
        """);
  }

  @Test
  void splitSizes() {
    assertRewrite(
        Cut.keep("a", 2, 0, 1),
        """
        g (float[2,5,4] x) => (float[2,5,4] y)
        <float[4,7] w = zeros, float[3,4] o = zeros, float[4,4] p = zeros, int64[2] sizes = {3,4}> {
          h = MatMul(x, w)
          a, b = Split<axis = 2>(h, sizes)
          c = MatMul(a, o)
          d = MatMul(b, p)
          y = Add(c, d)
        }
        """,
        """
        g (float[2,5,4] x) => (float[2,5,4] y)
        <float[4,6] w = zeros, float[2,4] o = zeros, float[4,4] p = zeros, int64[2] sizes = {2,4}> {
          h = MatMul(x, w)
          a, b = Split<axis = 2>(h, sizes)
          c = MatMul(a, o)
          d = MatMul(b, p)
          y = Add(c, d)
        }
        """);
  }

  /** Two slices read one constant as end and as start; open ends stay open. */
  @Test
  void sliceBounds() {
    assertRewrite(
        Cut.keep("a", 2, 0, 1, 3).and("b", 2, 1),
        """
        g (float[2,5,4] x) => (float[2,5,4] y)
        <float[4,8] w = range, float[4,4] o = range, float[4,4] p = range, int64[1] zero = {0},
         int64[1] half = {4}, int64[1] end = {9223372036854775807}, int64[1] last = {-1}> {
          h = MatMul(x, w)
          a = Slice(h, zero, half, last)
          b = Slice(h, half, end, last)
          c = MatMul(a, o)
          d = MatMul(b, p)
          y = Add(c, d)
        }
        """,
        """
        g (float[2,5,4] x) => (float[2,5,4] y)
        <float[4,4] w = {0,1,3,5,8,9,11,13,16,17,19,21,24,25,27,29},
         float[3,4] o = {0,1,2,3,4,5,6,7,12,13,14,15}, float[1,4] p = {4,5,6,7},
         int64[1] zero = {0}, int64[1] half = {3}, int64[1] end = {9223372036854775807},
         int64[1] last = {-1}, int64[1] half_pruned = {3}> {
          h = MatMul(x, w)
          a = Slice(h, zero, half_pruned, last)
          b = Slice(h, half, end, last)
          c = MatMul(a, o)
          d = MatMul(b, p)
          y = Add(c, d)
        }
        """);
  }

  @Test
  void expandOfATokenThatJoinsTheOthers() {
    assertRewrite(
        Cut.keep("h", 2, 0, 3),
        """
        g (float[2,5,4] x) => (float[2,6,4] y)
        <float[4,4] w = zeros, float[4,4] o = zeros, float[1,1,4] token = {7,8,9,10},
         int64[3] shape = {2,1,4}> {
          h = MatMul(x, w)
          e = Expand(token, shape)
          c = Concat<axis = 1>(e, h)
          y = MatMul(c, o)
        }
        """,
        """
        g (float[2,5,4] x) => (float[2,6,4] y)
        <float[4,2] w = zeros, float[2,4] o = zeros, float[1,1,2] token = {7,10},
         int64[3] shape = {2,1,2}> {
          h = MatMul(x, w)
          e = Expand(token, shape)
          c = Concat<axis = 1>(e, h)
          y = MatMul(c, o)
        }
        """);
  }

  /** What lies before the index gets shorter. */
  @Test
  void gatherIndex() {
    assertRewrite(
        Cut.keep("a", 1, 0, 2),
        """
        g (float[2,4] x) => (float[2,5] y, float[2] z)
        <float[4,4] w = range, float[3,5] o = zeros, int64[1] zero = {0}, int64[1] three = {3},
         int64[1] one = {1}, int64 index = {3}> {
          h = MatMul(x, w)
          a = Slice(h, zero, three, one)
          y = MatMul(a, o)
          z = Gather<axis = 1>(h, index)
        }
        """,
        """
        g (float[2,4] x) => (float[2,5] y, float[2] z)
        <float[4,3] w = {0,2,3,4,6,7,8,10,11,12,14,15}, float[2,5] o = zeros, int64[1] zero = {0},
         int64[1] three = {2}, int64[1] one = {1}, int64 index = {2}> {
          h = MatMul(x, w)
          a = Slice(h, zero, three, one)
          y = MatMul(a, o)
          z = Gather<axis = 1>(h, index)
        }
        """);
  }

  @Test
  void zerosOfAStatedShape() {
    assertRewrite(
        Cut.keep("h", 1, 0, 2),
        """
        g (float[2,4] x) => (float[2,5] y)
        <float[4,3] w = range, float[3,5] o = zeros, int64[2] shape = {2,3}> {
          h = MatMul(x, w)
          none = ConstantOfShape(shape)
          r = Max(h, none)
          y = MatMul(r, o)
        }
        """,
        """
        g (float[2,4] x) => (float[2,5] y)
        <float[4,2] w = {0,2,3,5,6,8,9,11}, float[2,5] o = zeros, int64[2] shape = {2,2}> {
          h = MatMul(x, w)
          none = ConstantOfShape(shape)
          r = Max(h, none)
          y = MatMul(r, o)
        }
        """);
  }

  /** The graph's own arithmetic says 3 heads; with 2 it has to be written anew. */
  @Test
  void reshapeTargetOfBatchTimesHeads() {
    assertRewrite(
        Cut.keep("r", 2, 0, 2),
        """
        g (float[B,8,4] x) => (float[B,8,4] y)
        <float[4,6] w = zeros, float[6,4] o = zeros, int64 i0 = {0}, int64 heads = {3},
         int64[1] axis0 = {0}, int64[1] rest = {-1}, int64[1] width = {2}, int64[4] apart = {0,0,3,2},
         int64[4] split = {-1,3,8,2}, int64[3] back = {0,0,6}> {
          p = MatMul(x, w)
          s = Shape(x)
          b = Gather(s, i0)
          bh = Mul(b, heads)
          bh1 = Unsqueeze(bh, axis0)
          r = Reshape(p, apart)
          t = Transpose<perm = [0,2,1,3]>(r)
          folded = Concat<axis = 0>(bh1, rest, width)
          m = Reshape(t, folded)
          u = Reshape(m, split)
          v = Transpose<perm = [0,2,1,3]>(u)
          c = Reshape(v, back)
          y = MatMul(c, o)
        }
        """,
        """
        g (float[B,8,4] x) => (float[B,8,4] y)
        <float[4,4] w = zeros, float[4,4] o = zeros, int64 i0 = {0}, int64 heads = {3},
         int64[1] axis0 = {0}, int64[1] rest = {-1}, int64[1] width = {2}, int64[4] apart = {0,0,2,2},
         int64[4] split = {-1,2,8,2}, int64[3] back = {0,0,4},
         int64[1] "/Reshape_extent/longs" = {2}, int64[1] "/Reshape_extent/Reshape.shape" = {1}> {
          p = MatMul(x, w)
          s = Shape(x)
          b = Gather(s, i0)
          bh = Mul(b, heads)
          bh1 = Unsqueeze(bh, axis0)
          r = Reshape(p, apart)
          t = Transpose<perm = [0,2,1,3]>(r)
          folded = Concat<axis = 0>(bh1, rest, width)
          ["/Reshape_extent/Reshape"] "/Reshape_extent/Reshape" = Reshape(b, "/Reshape_extent/Reshape.shape")
          ["/Reshape_extent/Mul"] "/Reshape_extent/Mul" = Mul("/Reshape_extent/longs", "/Reshape_extent/Reshape")
          [folded_pruned] folded_pruned = Concat<axis = 0>("/Reshape_extent/Mul", rest, width)
          m = Reshape(t, folded_pruned)
          u = Reshape(m, split)
          v = Transpose<perm = [0,2,1,3]>(u)
          c = Reshape(v, back)
          y = MatMul(c, o)
        }
        """);
  }
}
