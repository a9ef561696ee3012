package io.gohsp.data;

import java.io.IOException;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** One encoded picture a file. */
final class ImageFiles implements Images {
  private final FileTree tree;
  private final List<String> names;
  private final int @Nullable [] labels;
  private final List<String> classes;
  private final int folders;

  ImageFiles(FileTree tree, List<String> names, int @Nullable [] labels, List<String> classes) {
    this(tree, names, labels, classes, classes.size());
  }

  private ImageFiles(
      FileTree tree,
      List<String> names,
      int @Nullable [] labels,
      List<String> classes,
      int folders) {
    this.tree = tree;
    this.names = List.copyOf(names);
    this.labels = labels;
    this.classes = List.copyOf(classes);
    this.folders = folders;
  }

  /** How many classes are folders; where they are numbered by a map, it may have more. */
  int folders() {
    return folders;
  }

  /**
   * The same pictures, classes numbered otherwise.
   *
   * @throws DataException if a class is not in the map
   */
  ImageFiles numbered(ClassMap map) {
    int[] outputs = new int[classes.size()];
    for (int i = 0; i < outputs.length; i++) {
      outputs[i] = map.output(classes.get(i));
      if (outputs[i] < 0) {
        throw new DataException(
            tree.root(),
            "class folder " + classes.get(i) + " is not in " + map.origin(),
            "add a line for it, or rename the folder");
      }
    }
    int[] numbered = new int[names.size()];
    Arrays.setAll(numbered, i -> outputs[label(i)]);
    return new ImageFiles(tree, names, numbered, map.names(), folders);
  }

  @Override
  public int size() {
    return names.size();
  }

  @Override
  public boolean isLabelled() {
    return labels != null;
  }

  @Override
  public int label(int index) {
    if (labels == null) {
      throw new IllegalStateException(tree.root() + " is not labelled");
    }
    return labels[index];
  }

  @Override
  public List<String> classes() {
    return classes;
  }

  @Override
  public String name(int index) {
    return names.get(index);
  }

  /** The file's bytes, as they are. */
  byte[] encoded(int index) throws CorruptSampleException {
    try {
      return tree.read(names.get(index));
    } catch (IOException e) {
      throw new CorruptSampleException(String.valueOf(e.getMessage()), e);
    }
  }

  @Override
  public void read(int index, ImageDecoder decoder, Pixels target) throws CorruptSampleException {
    decoder.decode(encoded(index), target);
  }
}
