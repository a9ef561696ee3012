package io.gohsp.data;

import io.gohsp.ir.ValueType;
import io.gohsp.ir.ValueType.TensorType;
import io.gohsp.tensor.ElementType;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.Map;

/**
 * Pictures that are rows of an array of whole numbers, [height, width], [height, width, channels]
 * or [channels, height, width]. Where a model takes floats, they are pixels from 0 to 255, and what
 * they become is said by a {@link Preprocessing} as of any picture.
 */
final class ArrayImages implements Images {
  private final NamedArrays arrays;
  private final List<Integer> dims;
  private final boolean planar;

  /** Bytes of a pixel's channel; the first has its value, as arrays are little-endian. */
  private final int stride;

  private ArrayImages(NamedArrays arrays) {
    this.arrays = arrays;
    dims = arrays.fields().get(0).dims();
    planar = dims.size() == 3 && !isChannels(dims.get(2));
    stride = arrays.fields().get(0).type().bits() / Byte.SIZE;
  }

  /**
   * A dataset as pictures if that is what it holds: one array of bytes, for the one input of a
   * model that takes pictures as floats. Wider or signed numbers may mean anything, also where they
   * happen to be no larger than bytes, so they are pixels only if it is said how pictures are
   * normalised.
   *
   * @param normalised whether that is said
   */
  static Dataset of(Dataset dataset, Map<String, ? extends ValueType> inputs, boolean normalised) {
    return dataset instanceof NamedArrays arrays
            && isShaped(arrays, inputs)
            && (arrays.fields().get(0).type() == ElementType.UINT8
                || (normalised && arePixels(arrays)))
        ? new ArrayImages(arrays)
        : dataset;
  }

  private static boolean isShaped(NamedArrays arrays, Map<String, ? extends ValueType> inputs) {
    if (arrays.fields().size() != 1 || inputs.size() != 1) {
      return false;
    }
    NamedArrays.Field field = arrays.fields().get(0);
    List<Integer> dims = field.dims();
    boolean shaped =
        dims.size() == 2
            || (dims.size() == 3 && (isChannels(dims.get(0)) || isChannels(dims.get(2))));
    return shaped
        && inputs.get(field.name()) instanceof TensorType input
        && input.element().isFloating()
        && input.shape() != null
        && input.shape().size() == 4;
  }

  /** Whether all values are whole numbers from 0 to 255. */
  private static boolean arePixels(NamedArrays arrays) {
    ElementType type = arrays.fields().get(0).type();
    if (!type.isInteger()) {
      return false;
    }
    int bytes = type.bits() / Byte.SIZE;
    for (int i = 0; i < arrays.size(); i++) {
      ByteBuffer row = arrays.row(i, 0);
      for (int at = 0; at < row.remaining(); at++) {
        byte value = row.get(row.position() + at);
        if (at % bytes != 0 ? value != 0 : type == ElementType.INT8 && value < 0) {
          return false;
        }
      }
    }
    return true;
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
      int at = planar ? i % channels * area + i / channels : i;
      out[i] = row.get(row.position() + at * stride);
    }
  }
}
