package io.gohsp.data;

import io.gohsp.ir.ValueType;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** A dataset made ready for one model: what each of its inputs gets from a sample. */
public sealed interface Samples permits ImageSamples, ArraySamples, WatchedSamples {
  /** Where the samples come from. */
  Dataset dataset();

  /** The model's inputs, with type and extents of one sample. */
  List<NamedArrays.Field> inputs();

  /** Parameter of mixup, 0 for none. */
  double mixup();

  /** The samples with these indices, in this order. */
  Samples subset(int[] indices);

  /**
   * The same, telling of each sample that cannot be used.
   *
   * @param skipped gets its name and the reason, on any thread and perhaps more than once
   */
  default Samples telling(Consumer<String> skipped) {
    return new WatchedSamples(this, skipped);
  }

  /** A reader for one thread. */
  Reader reader();

  /** Reads samples, on one thread. */
  interface Reader extends AutoCloseable {
    /**
     * Writes one sample.
     *
     * @param seed of the augmentation, with {@code epoch} and {@code index}
     * @param targets one for each input, native byte order; exactly the sample's bytes are written
     *     from its position on
     * @throws CorruptSampleException if this sample cannot be used but others may be
     */
    void read(int index, long seed, int epoch, List<ByteBuffer> targets)
        throws CorruptSampleException;

    @Override
    void close();
  }

  /**
   * Pictures for the one input that {@code preprocessing} is for.
   *
   * @param augmentation {@link Augmentation#NONE} except in training
   */
  static Samples of(Images images, Preprocessing preprocessing, Augmentation augmentation) {
    return new ImageSamples(images, preprocessing, augmentation);
  }

  /**
   * Rows of arrays for the inputs of the same names; arrays without an input are left out.
   *
   * @throws DataException if an input has no array or its shape or type does not fit
   */
  static Samples of(NamedArrays arrays, Map<String, ? extends ValueType> inputs) {
    return new ArraySamples(arrays, inputs);
  }

  /**
   * Any dataset for a model.
   *
   * @param preprocessing for pictures; null for what the model's input suggests
   * @throws DataException if they do not fit together
   */
  static Samples of(
      Dataset dataset,
      Map<String, ? extends ValueType> inputs,
      @Nullable Preprocessing preprocessing,
      Augmentation augmentation) {
    if (dataset instanceof Images images) {
      return of(
          images,
          preprocessing == null ? Preprocessing.forInput(inputs, null) : preprocessing,
          augmentation);
    }
    return of((NamedArrays) dataset, inputs);
  }
}
