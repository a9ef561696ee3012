package io.gohsp.data;

import java.io.IOException;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** One encoded picture a file. */
final class ImageFiles implements Images {
  private final FileTree tree;
  private final List<String> names;
  private final int @Nullable [] labels;
  private final List<String> classes;

  ImageFiles(FileTree tree, List<String> names, int @Nullable [] labels, List<String> classes) {
    this.tree = tree;
    this.names = List.copyOf(names);
    this.labels = labels;
    this.classes = List.copyOf(classes);
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
