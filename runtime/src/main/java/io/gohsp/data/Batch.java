package io.gohsp.data;

import io.gohsp.ort.HostTensor;
import java.nio.FloatBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Some samples together. Its memory is used again: it is valid until the next call of {@link
 * Batches#next()} or {@link Batches#close()}.
 */
public final class Batch {
  private final Position position;
  private final boolean lastOfEpoch;
  private final int size;
  private final Map<String, HostTensor> inputs;
  private final int[] indices;
  private final int[] labels;
  private final int[] mixedLabels;
  private final float[] weights;

  Batch(
      Position position,
      boolean lastOfEpoch,
      int size,
      Map<String, HostTensor> inputs,
      int[] indices,
      int[] labels,
      int[] mixedLabels,
      float[] weights) {
    this.position = position;
    this.lastOfEpoch = lastOfEpoch;
    this.size = size;
    this.inputs = inputs;
    this.indices = indices;
    this.labels = labels;
    this.mixedLabels = mixedLabels;
    this.weights = weights;
  }

  public Position position() {
    return position;
  }

  public boolean isLastOfEpoch() {
    return lastOfEpoch;
  }

  /**
   * As several batches one after the other, of equally many rows; the same memory.
   *
   * @param parts a divisor of {@link #rows()}
   */
  public List<Batch> divided(int parts) {
    List<Batch> all = new ArrayList<>();
    int each = rows() / parts;
    for (int from = 0; from < each * parts; from += each) {
      int first = from;
      Map<String, HostTensor> some = new LinkedHashMap<>();
      inputs.forEach((name, tensor) -> some.put(name, tensor.rows(first, each)));
      all.add(
          new Batch(
              position,
              lastOfEpoch && from == each * (parts - 1),
              Math.max(0, Math.min(each, size - from)),
              some,
              Arrays.copyOfRange(indices, from, from + each),
              Arrays.copyOfRange(labels, from, from + each),
              Arrays.copyOfRange(mixedLabels, from, from + each),
              Arrays.copyOfRange(weights, from, from + each)));
    }
    return all;
  }

  /** Samples in it, without rows that only pad. */
  public int size() {
    return size;
  }

  /** A tensor for each input of the model, batch first. */
  public Map<String, HostTensor> inputs() {
    return inputs;
  }

  /** Each row's index in its dataset; a copy, {@link #size()} long. */
  public int[] indices() {
    return Arrays.copyOf(indices, size);
  }

  /** Rows of the tensors, with those that only pad. */
  public int rows() {
    return labels.length;
  }

  /** The class of a row, also if it is mixed with another; -1 if it is not labelled or pads. */
  public int label(int row) {
    return labels[row];
  }

  /**
   * What a classifier should say: rows of probabilities, mixed as the samples are.
   *
   * @param smoothing share of the probability that is spread over all classes
   * @param target [rows, classes], written from its start; rows that only pad become zeros
   * @throws IllegalStateException if the samples are not labelled
   */
  public void targets(int classes, double smoothing, FloatBuffer target) {
    float everywhere = (float) (smoothing / classes);
    float certain = (float) (1 - smoothing);
    for (int row = 0; row < labels.length; row++) {
      int start = row * classes;
      for (int c = 0; c < classes; c++) {
        target.put(start + c, row < size ? everywhere : 0);
      }
      if (row < size) {
        if (labels[row] < 0) {
          throw new IllegalStateException("the samples are not labelled");
        }
        add(target, start + labels[row], certain * weights[row]);
        add(target, start + mixedLabels[row], certain * (1 - weights[row]));
      }
    }
  }

  private static void add(FloatBuffer target, int at, float value) {
    target.put(at, target.get(at) + value);
  }
}
