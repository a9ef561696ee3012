package io.gohsp.nd4j;

import io.gohsp.ir.Node;
import io.gohsp.op.GatherOp;
import io.gohsp.tensor.ElementType;
import java.nio.FloatBuffer;
import java.util.Arrays;
import java.util.Set;

/**
 * Reading and writing at computed positions. Everything comes down to a list of positions of runs
 * of elements, which Java copies; a GPU's tensors travel to the host for it and back.
 */
final class IndexingKernels {
  private static final Set<String> REDUCTIONS = Set.of("none", "add");

  private IndexingKernels() {}

  static void register(Kernels kernels) {
    kernels.add(IndexingKernels::gather, "Gather");
    kernels.add(IndexingKernels::gatherElements, "GatherElements");
    kernels.add(IndexingKernels::gatherNd, "GatherND");
    kernels.add(IndexingKernels::oneHot, "OneHot");
    kernels.add(
        IndexingKernels::argMax, node -> node.intAttribute("select_last_index", 0) == 0, "ArgMax");
    kernels.add(IndexingKernels::scatterElements, IndexingKernels::canReduce, "ScatterElements");
    kernels.add(IndexingKernels::scatterNd, IndexingKernels::canReduce, "ScatterND");
  }

  private static boolean canReduce(Node node) {
    return REDUCTIONS.contains(node.stringAttribute("reduction", "none"));
  }

  /** Copies runs of elements that start at the given positions. */
  static void gather(Call call, Cell from, int[] starts, int run, long[] dims) {
    if (from instanceof Whole whole) {
      long[] out = new long[starts.length * run];
      for (int i = 0; i < starts.length; i++) {
        System.arraycopy(whole.values(), starts[i], out, i * run, run);
      }
      call.put(0, Whole.of(whole.type(), dims, out));
      return;
    }
    Floats z = call.out(0, dims);
    FloatBuffer source = ((Floats) from).read();
    FloatBuffer target = z.write();
    for (int i = 0; i < starts.length; i++) {
      target.put(i * run, source, starts[i], run);
    }
  }

  private static Cell operand(Call call) {
    return call.cell(0) instanceof Whole whole ? whole : call.dense(0);
  }

  private static long checked(long index, long extent) {
    long fromFront = index < 0 ? index + extent : index;
    if (fromFront < 0 || fromFront >= extent) {
      throw new IllegalArgumentException("index " + index + " in an axis of " + extent);
    }
    return fromFront;
  }

  private static void gather(Call call) {
    Cell x = call.cell(0);
    int axis = GatherOp.of(call.node()).axis(x.rank());
    Whole indices = call.whole(1);
    long[] front = Arrays.copyOf(x.dims(), axis);
    long[] back = Arrays.copyOfRange(x.dims(), axis + 1, x.rank());
    long[] dims = ContractionKernels.concat(ContractionKernels.concat(front, indices.dims()), back);
    long extent = x.dim(axis);
    if (indices.rank() == 0 && x instanceof Floats floats) { // one slice: nothing to copy
      Layout slice = floats.layout().ranged(axis, checked(indices.values()[0], extent), 1, 1);
      call.put(0, floats.seen(without(slice, axis)));
      return;
    }
    int run = Layout.size(back);
    int outer = Layout.size(front);
    int count = indices.size();
    int[] starts = new int[outer * count];
    for (int o = 0; o < outer; o++) {
      for (int i = 0; i < count; i++) {
        long at = checked(indices.values()[i], extent);
        starts[o * count + i] = Math.toIntExact((o * extent + at) * run);
      }
    }
    gather(call, operand(call), starts, run, dims);
  }

  private static Layout without(Layout layout, int axis) {
    long[] dims = new long[layout.dims().length - 1];
    long[] strides = new long[dims.length];
    for (int i = 0; i < dims.length; i++) {
      dims[i] = layout.dims()[i < axis ? i : i + 1];
      strides[i] = layout.strides()[i < axis ? i : i + 1];
    }
    return new Layout(layout.offset(), dims, strides);
  }

  private static void gatherElements(Call call) {
    Cell x = call.cell(0);
    int axis = GatherOp.of(call.node()).axis(x.rank());
    Whole indices = call.whole(1);
    gather(call, operand(call), elements(x.dims(), axis, indices), 1, indices.dims());
  }

  /** Positions in a tensor of the given extents, with the index in place of one coordinate. */
  private static int[] elements(long[] dims, int axis, Whole indices) {
    long[] strides = Layout.dense(dims).strides();
    long stride = strides[axis];
    strides[axis] = 0;
    int[] positions = new Layout(0, indices.dims(), strides).positions();
    for (int i = 0; i < positions.length; i++) {
      positions[i] += Math.toIntExact(stride * checked(indices.values()[i], dims[axis]));
    }
    return positions;
  }

  private static void gatherNd(Call call) {
    Cell x = call.cell(0);
    Whole indices = call.whole(1);
    int batch = Math.toIntExact(call.node().intAttribute("batch_dims", 0));
    int depth = Math.toIntExact(indices.dim(indices.rank() - 1));
    long[] back = Arrays.copyOfRange(x.dims(), batch + depth, x.rank());
    long[] dims =
        ContractionKernels.concat(Arrays.copyOf(indices.dims(), indices.rank() - 1), back);
    int[] starts = tuples(x.dims(), indices, batch);
    gather(call, operand(call), starts, Layout.size(back), dims);
  }

  /** Where the runs start that tuples of indices name. */
  private static int[] tuples(long[] dims, Whole indices, int batch) {
    int depth = Math.toIntExact(indices.dim(indices.rank() - 1));
    int count =
        depth == 0
            ? Layout.size(Arrays.copyOf(indices.dims(), indices.rank() - 1))
            : indices.size() / depth;
    long[] strides = Layout.dense(dims).strides();
    int batches = Layout.size(Arrays.copyOf(dims, batch));
    int each = batches == 0 ? 0 : count / batches;
    int[] starts = new int[count];
    for (int i = 0; i < count; i++) {
      long start = batch == 0 ? 0 : i / each * strides[batch - 1];
      for (int j = 0; j < depth; j++) {
        start += strides[batch + j] * checked(indices.values()[i * depth + j], dims[batch + j]);
      }
      starts[i] = Math.toIntExact(start);
    }
    return starts;
  }

  private static void scatterElements(Call call) {
    Cell x = call.cell(0);
    int axis = GatherOp.of(call.node()).axis(x.rank());
    scatter(call, elements(x.dims(), axis, call.whole(1)), 1);
  }

  private static void scatterNd(Call call) {
    Cell x = call.cell(0);
    Whole indices = call.whole(1);
    int depth = Math.toIntExact(indices.dim(indices.rank() - 1));
    int run = Layout.size(Arrays.copyOfRange(x.dims(), depth, x.rank()));
    scatter(call, tuples(x.dims(), indices, 0), run);
  }

  /** Writes runs of elements to the given positions, or adds them to what is there. */
  private static void scatter(Call call, int[] starts, int run) {
    boolean adds = call.node().stringAttribute("reduction", "none").equals("add");
    if (call.cell(0) instanceof Whole x) {
      long[] out = x.values().clone();
      long[] updates = call.whole(2).values();
      for (int i = 0; i < updates.length; i++) {
        int at = starts[i / run] + i % run;
        out[at] = adds ? out[at] + updates[i] : updates[i];
      }
      call.put(0, Whole.of(x.type(), x.dims(), out));
      return;
    }
    Floats x = call.dense(0);
    FloatBuffer updates = call.dense(2).read();
    Floats z = call.out(0, x.dims());
    Call.copy(x, z);
    FloatBuffer target = z.write();
    for (int i = 0; i < starts.length; i++) {
      for (int j = 0; j < run; j++) {
        int at = starts[i] + j;
        float update = updates.get(i * run + j);
        target.put(at, adds ? target.get(at) + update : update);
      }
    }
  }

  /** Indices that do not exist leave everything off. */
  private static void oneHot(Call call) {
    Whole indices = call.whole(0);
    long depth = depth(call.cell(1));
    long named = call.node().intAttribute("axis", -1);
    int axis = Math.toIntExact(named < 0 ? named + indices.rank() + 1 : named);
    long[] front = Arrays.copyOf(indices.dims(), axis);
    long[] back = Arrays.copyOfRange(indices.dims(), axis, indices.rank());
    long[] dims = ContractionKernels.concat(ContractionKernels.concat(front, depth), back);
    int inner = Layout.size(back);
    long[] hot = new long[Layout.size(dims)];
    for (int i = 0; i < indices.size(); i++) {
      long index = indices.values()[i];
      long at = index < 0 ? index + depth : index;
      if (at >= 0 && at < depth) {
        hot[Math.toIntExact((i / inner * depth + at) * inner + i % inner)] = 1;
      }
    }
    if (call.cell(2) instanceof Whole values) {
      Whole flags = Whole.of(values.type(), dims, hot);
      call.put(0, flags.map(values.type(), flag -> values.values()[(int) flag]));
      return;
    }
    FloatBuffer values = call.dense(2).read();
    FloatBuffer out = call.out(0, dims).write();
    for (int i = 0; i < hot.length; i++) {
      out.put(i, values.get((int) hot[i]));
    }
  }

  private static long depth(Cell cell) {
    return cell instanceof Whole whole ? whole.values()[0] : (long) ((Floats) cell).read().get(0);
  }

  /** The first of the largest along an axis. */
  private static void argMax(Call call) {
    Floats x = call.dense(0);
    int axis = GatherOp.of(call.node()).axis(x.rank());
    int extent = Math.toIntExact(x.dim(axis));
    int inner = Layout.size(Arrays.copyOfRange(x.dims(), axis + 1, x.rank()));
    long[] dims = x.dims().clone();
    dims[axis] = 1;
    FloatBuffer values = x.read();
    long[] out = new long[Layout.size(dims)];
    for (int i = 0; i < out.length; i++) {
      int start = i / inner * extent * inner + i % inner;
      for (int j = 1; j < extent; j++) {
        if (values.get(start + j * inner) > values.get(start + (int) out[i] * inner)) {
          out[i] = j;
        }
      }
    }
    boolean keeps = call.node().intAttribute("keepdims", 1) != 0;
    long[] shape = keeps ? dims : without(Layout.dense(dims), axis).dims();
    call.put(0, Whole.of(ElementType.INT64, shape, out));
  }
}
