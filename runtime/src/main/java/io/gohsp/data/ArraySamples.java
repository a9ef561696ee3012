package io.gohsp.data;

import io.gohsp.ir.ValueType;
import io.gohsp.ir.ValueType.TensorType;
import io.gohsp.tensor.ElementType;
import io.gohsp.tensor.Tensor;
import io.gohsp.tensor.TensorData;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** Rows of arrays as a model's inputs. */
final class ArraySamples implements Samples {
  /** Axes of pictures: samples, channels, height, width. */
  private static final int PICTURES = 4;

  private final NamedArrays arrays;

  /** What the model takes, and the number of the array it comes from. */
  private final List<NamedArrays.Field> inputs = new ArrayList<>();

  private final List<Integer> sources = new ArrayList<>();

  ArraySamples(NamedArrays arrays, Map<String, ? extends ValueType> inputs) {
    this.arrays = arrays;
    List<String> names = arrays.fields().stream().map(NamedArrays.Field::name).toList();
    inputs.forEach(
        (name, type) -> {
          int source = names.indexOf(name);
          if (source < 0) {
            throw new DataException(
                arrays.where(),
                "no array for the model's input " + name + ", only " + names,
                "name the arrays like the model's inputs: " + inputs.keySet());
          }
          NamedArrays.Field field = arrays.fields().get(source);
          if (!(type instanceof TensorType tensor) || !fits(field, tensor)) {
            throw new DataException(
                arrays.where(),
                "rows of " + field + " do not fit the model's input " + name + ", " + type,
                "give rows with the input's extents after the first, floats for floats and whole"
                    + " numbers for whole numbers");
          }
          if (!field.type().isFloating()
              && tensor.element().isFloating()
              && (isOfPictures(tensor) || !isMask(arrays, source))) {
            throw wholeNumbers(arrays, field, name, tensor);
          }
          this.inputs.add(new NamedArrays.Field(name, tensor.element(), field.dims()));
          sources.add(source);
        });
  }

  private static boolean isOfPictures(TensorType input) {
    return input.shape() != null && input.shape().size() == PICTURES;
  }

  /** Whether an array of whole numbers has nothing but 0 and 1, as masks of tokenizers do. */
  private static boolean isMask(NamedArrays arrays, int field) {
    int bytes = arrays.fields().get(field).type().bits() / Byte.SIZE;
    for (int index = 0; index < arrays.size(); index++) {
      ByteBuffer row = arrays.row(index, field);
      for (int at = 0; at < row.remaining(); at++) {
        int value = row.get(row.position() + at); // little-endian
        if (value != 0 && (value != 1 || at % bytes != 0)) {
          return false;
        }
      }
    }
    return true;
  }

  /** Nobody trains on pixels or measurements as they were counted, so they are not fed so. */
  private static DataException wholeNumbers(
      NamedArrays arrays, NamedArrays.Field field, String name, TensorType input) {
    boolean bytes = field.type() == ElementType.UINT8;
    return new DataException(
        arrays.where(),
        "%s would be fed to %s, %s, as %s"
            .formatted(
                field,
                name,
                input,
                bytes ? "numbers from 0 to 255" : "the whole numbers that they are"),
        isOfPictures(input)
            ? "give pictures as the one array, of numbers from 0 to 255, [samples, height, width,"
                + " channels], "
                + (bytes ? "" : "with --mean and --std or as uint8, ")
                + "so that they are scaled and normalised; or convert to floats as the model was"
                + " trained, for instance (x / 255 - mean) / std"
            : "store them as float32, prepared as the model was trained");
  }

  private ArraySamples(NamedArrays arrays, ArraySamples like) {
    this.arrays = arrays;
    inputs.addAll(like.inputs);
    sources.addAll(like.sources);
  }

  private static boolean fits(NamedArrays.Field field, TensorType input) {
    ElementType from = field.type();
    ElementType to = input.element();
    boolean convertible =
        from == to
            || to.isFloating()
            || (from != ElementType.BOOL && !from.isFloating() && to.isInteger());
    return convertible && to.bits() % 8 == 0 && to.bits() > 0 && field.fits(input.shape());
  }

  @Override
  public NamedArrays dataset() {
    return arrays;
  }

  @Override
  public List<NamedArrays.Field> inputs() {
    return List.copyOf(inputs);
  }

  @Override
  public double mixup() {
    return 0;
  }

  @Override
  public Samples subset(int[] indices) {
    return new ArraySamples(arrays.subset(indices), this);
  }

  @Override
  public Reader reader() {
    return new RowReader();
  }

  private final class RowReader implements Reader {
    @Override
    public void read(int index, long seed, int epoch, List<ByteBuffer> targets)
        throws CorruptSampleException {
      for (int i = 0; i < targets.size(); i++) {
        NamedArrays.Field from = arrays.fields().get(sources.get(i));
        ByteBuffer row = arrays.row(index, sources.get(i));
        requireNumbers(row, from);
        targets.get(i).duplicate().put(converted(row, from, inputs.get(i).type()));
      }
    }

    /** Infinity may mean something, as in a mask that is added; NaN never does. */
    private static void requireNumbers(ByteBuffer row, NamedArrays.Field field)
        throws CorruptSampleException {
      if (!field.type().isFloating()) {
        return;
      }
      long[] dims = {field.elements()};
      for (float number : new Tensor(field.type(), dims, new TensorData.Heap(row)).floats()) {
        if (Float.isNaN(number)) {
          throw new CorruptSampleException(field.name() + " holds NaN");
        }
      }
    }

    /** Little-endian, like everything in a tensor. */
    private static ByteBuffer converted(ByteBuffer row, NamedArrays.Field from, ElementType to)
        throws CorruptSampleException {
      if (from.type() == to) {
        return row;
      }
      long[] dims = {from.elements()};
      Tensor tensor = new Tensor(from.type(), dims, new TensorData.Heap(row));
      if (to.isInteger()) {
        long[] values = tensor.longs();
        for (long value : values) {
          if (!holds(to, value)) {
            throw new CorruptSampleException(
                from.name() + " holds " + value + ", which is no " + to);
          }
        }
        return Tensor.ofIntegers(to, dims, values).data().bytes();
      }
      return Tensor.ofFloats(to, dims, tensor.floats()).data().bytes();
    }

    private static boolean holds(ElementType type, long value) {
      return switch (type) {
        case INT64 -> true;
        case UINT8, UINT16, UINT32 -> value >= 0 && value < 1L << type.bits();
        case UINT64 -> value >= 0;
        default -> value >= -(1L << (type.bits() - 1)) && value < 1L << (type.bits() - 1);
      };
    }

    @Override
    public void close() {}
  }
}
