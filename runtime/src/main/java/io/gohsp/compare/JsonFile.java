package io.gohsp.compare;

import com.fasterxml.jackson.databind.MapperFeature;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.json.JsonMapper;
import io.gohsp.io.AtomicFile;
import io.gohsp.plan.InvalidOption;
import io.gohsp.train.TrainingException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/** Records in a work directory. */
final class JsonFile {
  /** Components of records and nothing else. */
  private static final ObjectMapper JSON =
      JsonMapper.builder().disable(MapperFeature.AUTO_DETECT_IS_GETTERS).build();

  private JsonFile() {}

  /**
   * Reads a record.
   *
   * @return null if there is none
   * @throws TrainingException if it is damaged
   */
  static <T> @Nullable T read(Path file, Class<T> type) {
    try {
      return Files.exists(file) ? JSON.readValue(file.toFile(), type) : null;
    } catch (IOException e) {
      throw new TrainingException(
          file + " is damaged: " + e.getMessage() + "; remove it to begin again", e);
    }
  }

  /**
   * Writes a record; it appears complete or not at all.
   *
   * @throws InvalidOption if it cannot be written there
   */
  static void write(Path file, Object contents) {
    try {
      Files.createDirectories(file.toAbsolutePath().getParent());
      AtomicFile.removeLeftovers(file);
      AtomicFile.write(file, out -> out.write(JSON.writeValueAsBytes(contents)));
    } catch (IOException e) {
      throw new InvalidOption(
          "--work: %s cannot be written to: %s".formatted(file.getParent(), e.getMessage()));
    }
  }
}
