package io.gohsp.data;

import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import java.util.stream.IntStream;
import java.util.zip.ZipEntry;
import java.util.zip.ZipFile;

/**
 * The arrays of a NumPy {@code .npz} file: one row a sample in each, and perhaps {@code labels},
 * whole numbers from 0.
 */
final class NpzArrays implements NamedArrays {
  static final String LABELS = "labels";
  private static final String ENDING = ".npy";

  /** More classes than this are taken for a mistake: labels that are really something else. */
  private static final int MAX_CLASSES = 1 << 20;

  private final String file;
  private final List<Field> fields;
  private final List<NpyArray> arrays;
  private final int[] labels;
  private final List<String> classes;

  private NpzArrays(String file, Map<String, NpyArray> named) {
    this.file = file;
    List<Field> described = new ArrayList<>();
    named.forEach((name, array) -> described.add(new Field(name, array.type(), array.dims())));
    NpyArray labelArray = named.get(LABELS);
    described.removeIf(field -> field.name().equals(LABELS));
    fields = List.copyOf(described);
    if (fields.isEmpty()) {
      throw new DataException(
          file, "holds no arrays besides labels", "name arrays like the model's inputs");
    }
    arrays = fields.stream().map(field -> array(named, field.name())).toList();
    int rows = arrays.get(0).rows();
    named.forEach(
        (name, array) -> {
          if (array.rows() != rows) {
            throw new DataException(
                file,
                name
                    + " has "
                    + array.rows()
                    + " rows, but "
                    + fields.get(0).name()
                    + " has "
                    + rows,
                "give every array one row a sample");
          }
        });
    labels = labelArray == null ? new int[0] : labels(file, labelArray);
    int count = IntStream.of(labels).max().orElse(-1) + 1;
    classes = IntStream.range(0, count).mapToObj(Integer::toString).toList();
  }

  private static NpyArray array(Map<String, NpyArray> named, String name) {
    NpyArray array = named.get(name);
    if (array == null) {
      throw new AssertionError(name);
    }
    return array;
  }

  static NpzArrays read(Path path) {
    Map<String, NpyArray> named = new LinkedHashMap<>();
    try (ZipFile zip = new ZipFile(path.toFile())) {
      long allowed = Runtime.getRuntime().maxMemory() / 2;
      for (String entryName : new TreeSet<>(zip.stream().map(ZipEntry::getName).toList())) {
        if (!entryName.endsWith(ENDING)) {
          throw new DataException(
              path, "entry " + entryName + " is not an array", "write the file with numpy.savez");
        }
        String name = entryName.substring(0, entryName.length() - ENDING.length());
        try (InputStream in =
            new BufferedInputStream(zip.getInputStream(zip.getEntry(entryName)))) {
          NpyArray array = NpyArray.read(path + "[" + name + "]", in, allowed);
          allowed -= (long) array.rows() * array.rowBytes();
          named.put(name, array);
        }
      }
    } catch (IOException e) {
      throw DataException.unreadable(path, e);
    }
    return new NpzArrays(path.toString(), named);
  }

  private static int[] labels(String file, NpyArray array) {
    String where = file + "[" + LABELS + "]";
    if (!array.dims().isEmpty() || !array.type().isInteger()) {
      throw new DataException(
          where,
          "rows are " + array.type() + array.dims() + ", expected one whole number a sample",
          "give class numbers from 0, for instance labels.argmax(1) of one-hot rows");
    }
    int[] labels = new int[array.rows()];
    for (int i = 0; i < labels.length; i++) {
      long label = array.integer(i);
      if (label < 0 || label >= MAX_CLASSES) {
        throw new DataException(
            where,
            "row " + i + " is " + label + ", expected a class from 0 to " + (MAX_CLASSES - 1),
            "number the classes from 0 and leave samples without a class out");
      }
      labels[i] = (int) label;
    }
    return labels;
  }

  @Override
  public int size() {
    return arrays.get(0).rows();
  }

  @Override
  public boolean isLabelled() {
    return labels.length > 0;
  }

  @Override
  public int label(int index) {
    if (labels.length == 0) {
      throw new IllegalStateException(file + " has no labels");
    }
    return labels[index];
  }

  @Override
  public List<String> classes() {
    return classes;
  }

  @Override
  public String name(int index) {
    return "sample " + index + " of " + file;
  }

  @Override
  public List<Field> fields() {
    return fields;
  }

  @Override
  public String where() {
    return file;
  }

  @Override
  public ByteBuffer row(int index, int field) {
    return arrays.get(field).row(index);
  }
}
