package io.gohsp.data;

import java.util.List;
import java.util.Locale;
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
    return "%s: %s, SHA-256 of contents %s"
        .formatted(form, parts(), Contents.sha256(train, validation));
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
    int classes = train.classes().size();
    line.append(train.isLabelled() ? ", " + classes + " classes" : ", not labelled");
    if (!sampleSize.isEmpty()) {
      line.append(", ").append(sampleSize);
    }
    return line.append(note.isEmpty() ? "" : "; " + note).toString();
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
