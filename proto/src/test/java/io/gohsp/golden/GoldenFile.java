package io.gohsp.golden;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.regex.Pattern;

/**
 * A document that a test generates and the repository holds. With {@code -Dgolden=update} the test
 * writes it, otherwise it fails if the two differ. Measured errors, written like {@code 3e-07}, may
 * differ: another processor rounds differently. Whoever writes them checks them against a bound.
 */
public final class GoldenFile {
  private static final Pattern MEASURED = Pattern.compile("\\d(\\.\\d+)?e-\\d+");

  private GoldenFile() {}

  /**
   * Compares {@code text} with a committed file, or writes it.
   *
   * @param path below the root of the repository, such as {@code docs/COVERAGE.md}
   */
  public static void check(String path, String text) {
    // Surefire runs tests in the folder of their module.
    Path file = Path.of("..").resolve(path);
    try {
      if (System.getProperty("golden", "").equals("update")) {
        Files.createDirectories(file.getParent());
        Files.writeString(file, text);
        return;
      }
      assertThat(file).as("generate it with -Dgolden=update").exists();
      assertThat(withoutMeasurements(Files.readString(file)))
          .as(path + " is out of date; generate it with -Dgolden=update and look at the difference")
          .isEqualTo(withoutMeasurements(text));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static String withoutMeasurements(String text) {
    return MEASURED.matcher(text).replaceAll("#");
  }
}
