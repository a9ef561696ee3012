package io.gohsp.work;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.databind.MapperFeature;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.json.JsonMapper;
import io.gohsp.io.AtomicFile;
import io.gohsp.plan.InvalidOption;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Arrays;
import java.util.HexFormat;
import org.jspecify.annotations.Nullable;

/**
 * Records in a work directory, each a JSON object on one line: the number of its form, the SHA-256
 * of the bytes of its contents, and the contents. A file that differs by a bit is not read.
 */
public final class WorkFile {
  private static final String FORM = "{\"gohspWork\":";
  private static final String BEGINNING = FORM + "1,\"sha256\":\"";
  private static final String MIDDLE = "\",\"contents\":";
  private static final String END = "}\n";
  private static final int HEX = 64;

  /** Components of records and nothing else, however long: the checksum vouches for them. */
  private static final ObjectMapper JSON =
      JsonMapper.builder(
              JsonFactory.builder()
                  .streamReadConstraints(
                      StreamReadConstraints.builder().maxStringLength(Integer.MAX_VALUE).build())
                  .build())
          .disable(MapperFeature.AUTO_DETECT_IS_GETTERS)
          .build();

  private WorkFile() {}

  /**
   * Reads a record.
   *
   * @return null if there is none
   * @throws DamagedWork if it is not as it was written, or was written in another form
   */
  public static <T> @Nullable T read(Path file, Class<T> type) {
    if (!Files.exists(file)) {
      return null;
    }
    try {
      T contents = JSON.readValue(contents(file, Files.readAllBytes(file)), type);
      if (contents == null) {
        throw new DamagedWork(file, "it is empty");
      }
      return contents;
    } catch (IOException e) {
      throw new DamagedWork(file, String.valueOf(e.getMessage()), e);
    }
  }

  /** The contents of a file that is as it was written. */
  private static byte[] contents(Path file, byte[] bytes) {
    String text = new String(bytes, StandardCharsets.ISO_8859_1); // a character for each byte
    int from = BEGINNING.length() + HEX + MIDDLE.length();
    if (text.startsWith(FORM) && !text.startsWith(BEGINNING)) {
      throw new DamagedWork(file, "it is of a form that this version of gohsp does not read");
    }
    if (bytes.length < from + END.length()
        || !text.startsWith(BEGINNING)
        || !text.startsWith(MIDDLE, BEGINNING.length() + HEX)
        || !text.endsWith(END)) {
      throw new DamagedWork(file, "it is cut short, or is no record of gohsp's");
    }
    byte[] contents = Arrays.copyOfRange(bytes, from, bytes.length - END.length());
    if (!text.startsWith(sha256(contents), BEGINNING.length())) {
      throw new DamagedWork(file, "its contents do not have the SHA-256 that it states");
    }
    return contents;
  }

  /**
   * Writes a record; it appears complete or not at all.
   *
   * @throws InvalidOption if it cannot be written there
   */
  public static void write(Path file, Object contents) {
    try {
      Files.createDirectories(file.toAbsolutePath().getParent());
      AtomicFile.removeLeftovers(file);
      byte[] json = JSON.writeValueAsBytes(contents);
      AtomicFile.write(
          file,
          out -> {
            out.write((BEGINNING + sha256(json) + MIDDLE).getBytes(StandardCharsets.US_ASCII));
            out.write(json);
            out.write(END.getBytes(StandardCharsets.US_ASCII));
          });
    } catch (IOException e) {
      throw new InvalidOption(
          "--work: %s cannot be written to: %s".formatted(file.getParent(), e.getMessage()));
    }
  }

  /** Of bytes, as 64 hexadecimal digits. */
  public static String sha256(byte[] bytes) {
    try {
      return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(bytes));
    } catch (NoSuchAlgorithmException e) {
      throw new AssertionError("every Java has SHA-256", e);
    }
  }
}
