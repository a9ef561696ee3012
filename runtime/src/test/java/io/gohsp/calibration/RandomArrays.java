package io.gohsp.calibration;

import io.gohsp.data.NamedArrays;
import io.gohsp.data.Samples;
import io.gohsp.ir.ValueType;
import io.gohsp.ort.OrtOptions;
import io.gohsp.tensor.ElementType;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.List;
import java.util.Random;
import java.util.function.UnaryOperator;
import java.util.stream.IntStream;

/**
 * Samples for one input of reals: normally distributed numbers, and labels if there are classes.
 */
public record RandomArrays(Field field, int size, int classCount) implements NamedArrays {

  /** Rows for one input. */
  public static RandomArrays of(String input, List<Integer> dims, int size, int classes) {
    return new RandomArrays(new Field(input, ElementType.FLOAT, dims), size, classes);
  }

  /** All rows, in batches. */
  public Calibration calibration(int batch) {
    return calibration(batch, arrays -> arrays);
  }

  Calibration calibration(int batch, UnaryOperator<NamedArrays> part) {
    return new Calibration(
        inputs -> Samples.of(part.apply(this), inputs), batch, OrtOptions.VERIFY.withThreads(1), 7);
  }

  /** What the model declares for its only input. */
  public static List<Integer> sampleDims(ValueType type) {
    return ((ValueType.TensorType) type)
        .shape().stream().skip(1).map(dim -> Math.toIntExact(dim.value())).toList();
  }

  @Override
  public List<Field> fields() {
    return List.of(field);
  }

  @Override
  public ByteBuffer row(int index, int unused) {
    Random random = new Random(index);
    ByteBuffer row = ByteBuffer.allocate(field.bytes()).order(ByteOrder.LITTLE_ENDIAN);
    for (int i = 0; i < field.elements(); i++) {
      row.putFloat((float) random.nextGaussian());
    }
    return row.flip();
  }

  @Override
  public boolean isLabelled() {
    return classCount > 0;
  }

  @Override
  public int label(int index) {
    return index % classCount;
  }

  @Override
  public List<String> classes() {
    return IntStream.range(0, classCount).mapToObj(Integer::toString).toList();
  }

  @Override
  public String name(int index) {
    return "row " + index;
  }
}
