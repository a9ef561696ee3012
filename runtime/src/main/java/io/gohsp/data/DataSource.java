package io.gohsp.data;

import io.gohsp.ir.ValueType;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * What was found where the user pointed. Owns the open files; datasets made from it end with it.
 *
 * @param form in the user's words, such as "image folder"
 * @param where file, directory or name
 * @param train what may be trained on
 * @param validation a part that came separately, or null
 * @param validationName what that part is called there
 * @param sampleSize what one sample looks like, such as "32×32 RGB"
 * @param note something more to know, or nothing
 */
public record DataSource(
    String form,
    String where,
    Dataset train,
    @Nullable Dataset validation,
    String validationName,
    String sampleSize,
    String note,
    @Nullable AutoCloseable files)
    implements AutoCloseable {
  /** So many pictures are looked at to see whether all have one size. */
  private static final int LOOKED_AT = 8;

  static DataSource of(
      String form, String where, Images train, @Nullable Images validation, String validationName) {
    return of(form, where, train, validation, validationName, "", null);
  }

  static DataSource of(
      String form,
      String where,
      Dataset train,
      @Nullable Dataset validation,
      String validationName,
      String note,
      @Nullable AutoCloseable files) {
    if (validation != null && validation.isLabelled() && train.isLabelled()) {
      int classes = train.classes().size();
      for (int i = 0; i < validation.size(); i++) {
        if (validation.label(i) >= classes) {
          throw new DataException(
              where + ": " + validation.name(i),
              "class "
                  + validation.label(i)
                  + " does not occur in the train part, which has "
                  + classes
                  + " classes",
              "validate on classes that are trained");
        }
      }
    }
    String size = train instanceof Images images ? imageSize(images) : arrays((NamedArrays) train);
    return new DataSource(form, where, train, validation, validationName, size, note, files);
  }

  private static String arrays(NamedArrays arrays) {
    return String.join(", ", arrays.fields().stream().map(Object::toString).toList());
  }

  private static String imageSize(Images images) {
    Pixels pixels = new Pixels();
    String first = "";
    boolean same = true;
    try (ImageDecoder decoder = new ImageDecoder()) {
      int step = Math.max(1, images.size() / LOOKED_AT);
      for (int i = 0; i < images.size() && i / step < LOOKED_AT; i += step) {
        try {
          images.read(i, decoder, pixels);
        } catch (CorruptSampleException e) {
          continue; // counted when it is used
        }
        String size =
            "%d×%d %s"
                .formatted(
                    pixels.width(), pixels.height(), pixels.channels() == 1 ? "grey" : "RGB");
        same &= first.isEmpty() || size.equals(first);
        first = first.isEmpty() ? size : first;
      }
    }
    return same || first.isEmpty() ? first : "sizes differ, for instance " + first;
  }

  /** One line: form, place, number of samples, parts, classes, size. */
  public String description() {
    return "%s %s: %s".formatted(form, where, parts());
  }

  /**
   * What a run that goes on must find again: {@link #description} without the place, and the
   * SHA-256 of classes, labels and all samples. Reads everything once.
   */
  public String identity() {
    return "%s: %s; contents: %s".formatted(form, parts(), Contents.sha256(train, validation));
  }

  private String parts() {
    StringBuilder line = new StringBuilder();
    line.append(count(train.size()));
    if (validation != null) {
      line.append(" train + ").append(count(validation.size())).append(" validation samples (");
      line.append(validationName).append(')');
    } else {
      line.append(" samples");
    }
    line.append(train.isLabelled() ? ", " + classes(named()) : ", not labelled");
    if (!sampleSize.isEmpty()) {
      line.append(", ").append(sampleSize);
    }
    return line.append(note.isEmpty() ? "" : "; " + note).toString();
  }

  /**
   * The same with arrays of pixels as pictures, where a model takes them as floats: what pixels
   * become is then said as of any picture.
   *
   * @param inputs the model's
   * @param normalised whether it is said how pictures are normalised: then pixels may be other
   *     whole numbers than bytes
   */
  public DataSource forInputs(Map<String, ? extends ValueType> inputs, boolean normalised) {
    return with(
        ArrayImages.of(train, inputs, normalised),
        validation == null ? null : ArrayImages.of(validation, inputs, normalised),
        note);
  }

  /** How many classes there are samples of. */
  public long labels() {
    return train.isLabelled()
        ? IntStream.range(0, train.size()).map(train::label).distinct().count()
        : 0;
  }

  /** Whether classes are folders, numbered in the order of their names. */
  public boolean hasClassFolders() {
    return train instanceof ImageFiles && train.isLabelled();
  }

  /**
   * The same with classes numbered as a model does.
   *
   * @throws DataException if classes are no folders, or one of them is not in the map
   */
  public DataSource numbered(ClassMap map) {
    if (!hasClassFolders()) {
      throw new DataException(
          where, "has no class folders for " + map.origin() + " to number", "leave out --classes");
    }
    String numbering =
        "numbered by %s, which names %s".formatted(map.origin(), classes(map.named()));
    return with(
        ((ImageFiles) train).numbered(map),
        validation == null ? null : ((ImageFiles) validation).numbered(map),
        note.isEmpty() ? numbering : numbering + "; " + note);
  }

  /**
   * The same, beside a model that tells so many classes apart. Folders that are called by synsets
   * of ImageNet get its numbers where the model has all of ImageNet's classes; of other folders
   * than the model has classes the line of {@link #description} says how they are numbered.
   */
  public DataSource forOutputs(int outputs) {
    if (!hasClassFolders() || classes().size() >= outputs) {
      return this;
    }
    if (outputs == ClassMap.IMAGENET) {
      ClassMap imageNet = ClassMap.imageNet();
      if (imageNet.knows(classes())) {
        return numbered(imageNet);
      }
    }
    int last = classes().size() - 1;
    String numbering =
        "the model tells %s apart: %s (--classes FILE says otherwise)"
            .formatted(
                count(outputs),
                last == 0
                    ? "the one folder is taken for its output 0"
                    : "folders are taken for its outputs 0 to %d in the order of their names"
                        .formatted(last));
    return with(train, validation, note.isEmpty() ? numbering : numbering + "; " + note);
  }

  /** The same, read at another place. */
  DataSource at(String place) {
    return new DataSource(form, place, train, validation, validationName, sampleSize, note, files);
  }

  private DataSource with(Dataset newTrain, @Nullable Dataset newValidation, String newNote) {
    String size =
        newTrain == train || !(newTrain instanceof Images images) || train instanceof Images
            ? sampleSize
            : imageSize(images);
    return new DataSource(
        form, where, newTrain, newValidation, validationName, size, newNote, files);
  }

  /** Classes that there are samples of, or folders for. */
  private int named() {
    return train instanceof ImageFiles files ? files.folders() : train.classes().size();
  }

  private static String classes(int number) {
    return count(number) + (number == 1 ? " class" : " classes");
  }

  private static String count(int number) {
    return String.format(Locale.ROOT, "%,d", number);
  }

  public boolean isLabelled() {
    return train.isLabelled();
  }

  /** Names of the classes; empty if there are none. */
  public List<String> classes() {
    return train.classes();
  }

  /**
   * Compares the labels with what a classifier tells apart.
   *
   * @param outputs how many classes the model has
   * @throws DataException if there are labels the model has no output for
   */
  public void requireClasses(long outputs) {
    if (train.isLabelled() && train.classes().size() > outputs) {
      throw new DataException(
          where,
          train.classes().size() + " classes, but the model tells " + outputs + " apart",
          "use data with the model's classes, or a model with as many outputs");
    }
  }

  /** Closes the files. */
  @Override
  public void close() {
    if (files != null) {
      try {
        files.close();
      } catch (Exception e) {
        throw DataException.unreadable(where, e);
      }
    }
  }
}
