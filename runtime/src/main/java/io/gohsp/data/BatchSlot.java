package io.gohsp.data;

import io.gohsp.ort.HostTensor;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.FloatBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Memory for one batch, filled again and again; by one thread at a time. */
final class BatchSlot {
  /** Sets the weights of mixup apart from the random numbers of augmentation. */
  private static final long MIXING = 0x6D69787570L;

  private final Samples samples;
  private final int batchSize;
  private final List<HostTensor> tensors = new ArrayList<>();
  private final int[] indices;
  private final int[] labels;
  private final int[] mixedLabels;
  private final float[] weights;

  /** What was found corrupt while filling, for the consumer to count. */
  private final Map<Integer, String> corrupt = new LinkedHashMap<>();

  private @Nullable Batch batch;
  private @Nullable Throwable failure;

  BatchSlot(Samples samples, int batchSize) {
    this.samples = samples;
    this.batchSize = batchSize;
    for (NamedArrays.Field field : samples.inputs()) {
      long[] dims = new long[field.dims().size() + 1];
      dims[0] = batchSize;
      Arrays.setAll(dims, i -> i == 0 ? batchSize : field.dims().get(i - 1));
      try {
        tensors.add(HostTensor.allocate(field.type(), dims));
      } catch (IllegalArgumentException | ArithmeticException e) {
        throw new DataException(
            "batch",
            batchSize + " samples of " + field + " are too large",
            "use smaller batches",
            e);
      }
    }
    indices = new int[batchSize];
    labels = new int[batchSize];
    mixedLabels = new int[batchSize];
    weights = new float[batchSize];
  }

  @Nullable Batch batch() {
    return batch;
  }

  @Nullable Throwable failure() {
    return failure;
  }

  void fail(Throwable cause) {
    batch = null;
    failure = cause;
  }

  Map<Integer, String> corrupt() {
    return corrupt;
  }

  /** Prepares the batch at {@code position}. */
  void fill(Samples.Reader reader, EpochPlan plan, Position position, long seed, LastBatch last) {
    corrupt.clear();
    batch = null;
    failure = null;
    int[] order = plan.order(position.epoch());
    int first = plan.first(position.step());
    int end = plan.end(position.step());
    int row = 0;
    for (int at = first; at < end; at++) {
      row += read(reader, order[at], row, seed, position.epoch()) ? 1 : 0;
    }
    if (last == LastBatch.DROP) { // the samples after the batch stand in for corrupt ones
      for (int tried = 0; row < batchSize && tried < order.length; tried++) {
        int index = order[(end + tried) % order.length];
        row += read(reader, index, row, seed, position.epoch()) ? 1 : 0;
      }
      if (row < batchSize) {
        throw new DataException(
            "data",
            "only " + row + " readable samples for a batch of " + batchSize,
            "repair the files or use smaller batches");
      }
    }
    if (samples.mixup() > 0) {
      mix(row, seed, position.epoch());
    }
    int rows = last == LastBatch.KEEP ? row : batchSize;
    fillUp(row, rows);
    batch =
        new Batch(
            position,
            position.step() == plan.steps() - 1,
            row,
            inputs(rows),
            indices,
            Arrays.copyOf(labels, rows),
            mixedLabels,
            weights);
  }

  private boolean read(Samples.Reader reader, int index, int row, long seed, int epoch) {
    try {
      List<ByteBuffer> targets = new ArrayList<>();
      for (int i = 0; i < tensors.size(); i++) {
        int bytes = samples.inputs().get(i).bytes();
        targets.add(
            tensors.get(i).bytes().slice(row * bytes, bytes).order(ByteOrder.nativeOrder()));
      }
      reader.read(index, seed, epoch, targets);
    } catch (CorruptSampleException e) {
      corrupt.put(index, String.valueOf(e.getMessage()));
      return false;
    }
    Dataset dataset = samples.dataset();
    indices[row] = index;
    labels[row] = dataset.isLabelled() ? dataset.label(index) : -1;
    mixedLabels[row] = labels[row];
    weights[row] = 1;
    return true;
  }

  /** Mixes each row with the row at the mirrored place, with a weight of its own. */
  private void mix(int rows, long seed, int epoch) {
    int elements = samples.inputs().get(0).elements();
    FloatBuffer values = tensors.get(0).bytes().asFloatBuffer();
    for (int a = 0, b = rows - 1; a < b; a++, b--) {
      float keepA = weight(seed, epoch, indices[a]);
      float keepB = weight(seed, epoch, indices[b]);
      for (int i = 0; i < elements; i++) {
        float x = values.get(a * elements + i);
        float y = values.get(b * elements + i);
        values.put(a * elements + i, keepA * x + (1 - keepA) * y);
        values.put(b * elements + i, keepB * y + (1 - keepB) * x);
      }
      mixedLabels[a] = labels[b];
      mixedLabels[b] = labels[a];
      weights[a] = keepA;
      weights[b] = keepB;
    }
  }

  private float weight(long seed, int epoch, int index) {
    return (float) new SampleRandom(seed ^ MIXING, epoch, index).nextBeta(samples.mixup());
  }

  /**
   * Repeats the last sample: zeros might be what no sample is, such as a mask that hides every
   * token, of which a model says NaN. A batch without any sample is left out, so stays as it is.
   */
  private void fillUp(int from, int rows) {
    Arrays.fill(labels, from, rows, -1);
    for (int i = 0; i < tensors.size() && from > 0 && from < rows; i++) {
      int bytes = samples.inputs().get(i).bytes();
      byte[] last = new byte[bytes];
      tensors.get(i).bytes().get((from - 1) * bytes, last);
      for (int row = from; row < rows; row++) {
        tensors.get(i).bytes().put(row * bytes, last);
      }
    }
  }

  private Map<String, HostTensor> inputs(int rows) {
    Map<String, HostTensor> inputs = new LinkedHashMap<>();
    for (int i = 0; i < tensors.size(); i++) {
      NamedArrays.Field field = samples.inputs().get(i);
      HostTensor whole = tensors.get(i);
      long[] dims = whole.dims();
      dims[0] = rows;
      HostTensor tensor =
          rows == batchSize
              ? whole
              : HostTensor.wrap(field.type(), dims, whole.bytes().slice(0, rows * field.bytes()));
      inputs.put(field.name(), tensor);
    }
    return Collections.unmodifiableMap(inputs);
  }
}
