package io.gohsp.work;

import io.gohsp.io.OnnxReader;
import io.gohsp.ir.Location;
import io.gohsp.ir.Model;
import io.gohsp.ir.ModelException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What identifies a model: the SHA-256 of its file, as {@code sha256sum} prints it. Where weights
 * lie in side files, that of all files one after the other, the model first.
 */
public final class Fingerprint {
  private static final int BUFFER = 1 << 18;

  private Fingerprint() {}

  /**
   * Reads every byte of the model.
   *
   * @return 64 hexadecimal digits; null if the model was made in memory
   * @throws ModelException.Malformed if a file cannot be read any more, or is another one by now
   */
  public static @Nullable String of(Model model) {
    Path source = model.source();
    if (source == null) {
      return null;
    }
    try {
      MessageDigest digest = MessageDigest.getInstance("SHA-256");
      ByteBuffer buffer = ByteBuffer.allocate(BUFFER);
      for (Path file : modelFirst(source, OnnxReader.files(model))) {
        add(file, buffer, digest);
      }
      if (!OnnxReader.isInPlace(model)) {
        throw new ModelException.Malformed(
            Location.of(source),
            "was replaced while it was in use",
            "leave the file alone until this has ended, and start again");
      }
      return HexFormat.of().formatHex(digest.digest());
    } catch (IOException e) {
      throw new ModelException.Malformed(
          Location.of(source), "cannot be read any more: " + e.getMessage(), e);
    } catch (NoSuchAlgorithmException e) {
      throw new AssertionError("every Java has SHA-256", e);
    }
  }

  private static List<Path> modelFirst(Path source, List<Path> files) throws IOException {
    List<Path> ordered = new ArrayList<>(List.of(source));
    for (Path file : files) {
      if (!Files.isSameFile(file, source)) {
        ordered.add(file);
      }
    }
    return ordered;
  }

  private static void add(Path file, ByteBuffer buffer, MessageDigest digest) throws IOException {
    try (FileChannel channel = FileChannel.open(file)) {
      while (channel.read(buffer.clear()) >= 0) {
        digest.update(buffer.flip());
      }
    }
  }
}
