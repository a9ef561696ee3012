package io.gohsp.data;

import io.gohsp.ir.ValueType;
import io.gohsp.ir.ValueType.TensorType;
import io.gohsp.tensor.ElementType;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.Map;

/**
 * Pictures that are rows of an array of bytes, [height, width], [height, width, channels] or
 * [channels, height, width]. Where a model takes floats, bytes are pixels from 0 to 255, and what
 * they become is said by a {@link Preprocessing} as of any picture.
 */
final class ArrayImages implements Images {
  private final NamedArrays arrays;
  private final List<Integer> dims;
  private final boolean planar;

  private ArrayImages(NamedArrays arrays) {
    this.arrays = arrays;
    dims = arrays.fields().get(0).dims();
    planar = dims.size() == 3 && !isChannels(dims.get(2));
  }

  /**
   * A dataset as pictures if that is what it holds: one array of bytes, for the one input of a
   * model that takes pictures as floats.
   */
  static Dataset of(Dataset dataset, Map<String, ? extends ValueType> inputs) {
    return dataset instanceof NamedArrays arrays && isPictures(arrays, inputs)
        ? new ArrayImages(arrays)
        : dataset;
  }

  private static boolean isPictures(NamedArrays arrays, Map<String, ? extends ValueType> inputs) {
    if (arrays.fields().size() != 1 || inputs.size() != 1) {
      return false;
    }
    NamedArrays.Field field = arrays.fields().get(0);
    List<Integer> dims = field.dims();
    boolean shaped =
        dims.size() == 2
            || (dims.size() == 3 && (isChannels(dims.get(0)) || isChannels(dims.get(2))));
    return shaped
        && field.type() == ElementType.UINT8
        && inputs.get(field.name()) instanceof TensorType input
        && input.element().isFloating()
        && input.shape() != null
        && input.shape().size() == 4;
  }

  private static boolean isChannels(int extent) {
    return extent == 1 || extent == 3;
  }

  @Override
  public int size() {
    return arrays.size();
  }

  @Override
  public boolean isLabelled() {
    return arrays.isLabelled();
  }

  @Override
  public int label(int index) {
    return arrays.label(index);
  }

  @Override
  public List<String> classes() {
    return arrays.classes();
  }

  @Override
  public String name(int index) {
    return arrays.name(index);
  }

  @Override
  public void read(int index, ImageDecoder decoder, Pixels target) {
    int channels = dims.size() == 2 ? 1 : dims.get(planar ? 0 : 2);
    int height = dims.get(planar ? 1 : 0);
    int width = dims.get(planar ? 2 : 1);
    ByteBuffer row = arrays.row(index, 0);
    byte[] out = target.reshape(width, height, channels).data();
    int area = width * height;
    for (int i = 0; i < area * channels; i++) {
      out[i] = row.get(row.position() + (planar ? i % channels * area + i / channels : i));
    }
  }
}
