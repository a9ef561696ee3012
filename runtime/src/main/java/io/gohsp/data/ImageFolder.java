package io.gohsp.data;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * Recognises how pictures are laid out below a root:
 *
 * <ul>
 *   <li>{@code train/<class>/…} and perhaps {@code val/<class>/…} or {@code test/<class>/…};
 *   <li>{@code <class>/…}: no validation part;
 *   <li>pictures right below the root or below {@code train}: not labelled.
 * </ul>
 *
 * Classes are numbered in the order of their names. One directory around all of it is allowed.
 */
final class ImageFolder {
  private static final Set<String> ENDINGS = Set.of("jpg", "jpeg", "jpe", "png", "bmp");
  private static final Set<String> UNREADABLE = Set.of("webp", "tif", "tiff", "gif", "heic");
  private static final String TRAIN = "train";
  private static final List<String> VALIDATION = List.of("val", "valid", "validation", "test");
  private static final String LAYOUT =
      "expected train/<class>/*.jpg and val/<class>/*.jpg, <class>/*.jpg, or just *.jpg or *.png";

  private final FileTree tree;

  private ImageFolder(FileTree tree) {
    this.tree = tree;
  }

  /**
   * The parts found.
   *
   * @param validationName the folder's name
   */
  record Parts(ImageFiles train, @Nullable ImageFiles validation, String validationName) {}

  /** Whether any file below is a picture, by its name. */
  static boolean hasImages(FileTree tree) {
    return tree.names().stream().anyMatch(ImageFolder::isImage);
  }

  static Parts recognise(FileTree tree) {
    return new ImageFolder(tree).parts();
  }

  private Parts parts() {
    List<String> images = tree.names().stream().filter(ImageFolder::isImage).toList();
    if (images.isEmpty()) {
      boolean others = tree.names().stream().anyMatch(name -> UNREADABLE.contains(ending(name)));
      throw new DataException(
          tree.root(),
          others ? "holds images, but none is JPEG, PNG or BMP" : "holds no images",
          others ? "convert them to JPEG or PNG" : LAYOUT);
    }
    String prefix = prefix(images);
    List<String> below = images.stream().map(name -> name.substring(prefix.length())).toList();
    List<String> train = part(below, TRAIN);
    String validationName =
        VALIDATION.stream().filter(name -> !part(below, name).isEmpty()).findFirst().orElse("");
    if (train.isEmpty()) {
      if (!validationName.isEmpty()) {
        throw new DataException(
            tree.root(),
            "has a folder " + validationName + " but none named train",
            "name the other folder train, or give the folder " + validationName + " itself");
      }
      List<String> classes = classes(prefix, below);
      return new Parts(files(prefix, below, classes), null, "");
    }
    List<String> classes = classes(prefix + TRAIN + "/", train);
    ImageFiles trainFiles = files(prefix + TRAIN + "/", train, classes);
    if (validationName.isEmpty()) {
      return new Parts(trainFiles, null, "");
    }
    ImageFiles validation =
        files(prefix + validationName + "/", part(below, validationName), classes);
    return new Parts(trainFiles, validation, validationName);
  }

  /** The one directory that everything lies in, unless it means something itself. */
  private static String prefix(List<String> images) {
    String prefix = "";
    while (true) {
      String start = prefix;
      Set<String> first = new TreeSet<>();
      boolean nested = true;
      for (String name : images) {
        int slash = name.indexOf('/', start.length());
        nested &= slash > 0;
        first.add(slash < 0 ? name : name.substring(start.length(), slash));
      }
      String only = first.iterator().next();
      boolean wrapper =
          first.size() == 1
              && nested
              && !only.equals(TRAIN)
              && !VALIDATION.contains(only)
              && images.stream()
                  .allMatch(n -> n.indexOf('/', start.length() + only.length() + 1) > 0);
      if (!wrapper) {
        return prefix;
      }
      prefix = prefix + only + "/";
    }
  }

  private static List<String> part(List<String> names, String folder) {
    String start = folder + "/";
    return names.stream()
        .filter(name -> name.startsWith(start))
        .map(name -> name.substring(start.length()))
        .toList();
  }

  /** First segments, sorted; empty if pictures lie right here. */
  private List<String> classes(String prefix, List<String> names) {
    Set<String> classes = new TreeSet<>();
    List<String> flat = new ArrayList<>();
    for (String name : names) {
      int slash = name.indexOf('/');
      if (slash < 0) {
        flat.add(name);
      } else {
        classes.add(name.substring(0, slash));
      }
    }
    if (flat.isEmpty()) {
      // Below train a class without pictures keeps its number; elsewhere such a folder is no class.
      for (String directory : tree.directories()) {
        boolean below = directory.startsWith(prefix) && directory.indexOf('/', prefix.length()) < 0;
        if (below && prefix.endsWith(TRAIN + "/")) {
          classes.add(directory.substring(prefix.length()));
        }
      }
      return List.copyOf(classes);
    }
    if (!classes.isEmpty()) {
      throw new DataException(
          tree.root(),
          "images lie both in class folders and beside them, such as " + prefix + flat.get(0),
          "move them into a class folder or remove them");
    }
    return List.of();
  }

  private ImageFiles files(String prefix, List<String> names, List<String> classes) {
    Map<String, Integer> numbers = new LinkedHashMap<>();
    classes.forEach(name -> numbers.put(name, numbers.size()));
    int[] labels = new int[names.size()];
    for (int i = 0; i < labels.length && !classes.isEmpty(); i++) {
      String name = names.get(i);
      int slash = name.indexOf('/');
      Integer number = slash < 0 ? null : numbers.get(name.substring(0, slash));
      if (number == null) {
        throw new DataException(
            tree.root(),
            prefix
                + name
                + (slash < 0
                    ? " lies in no class folder"
                    : " is of a class that train does not have"),
            "the folders below " + prefix + " must be named like those below train");
      }
      labels[i] = number;
    }
    List<String> full = names.stream().map(name -> prefix + name).toList();
    return new ImageFiles(tree, full, classes.isEmpty() ? null : labels, classes);
  }

  private static boolean isImage(String name) {
    return ENDINGS.contains(ending(name));
  }

  private static String ending(String name) {
    return name.substring(name.lastIndexOf('.') + 1).toLowerCase(Locale.ROOT);
  }
}
