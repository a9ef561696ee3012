package io.gohsp.io;

import io.gohsp.tensor.Tensor;
import io.gohsp.tensor.TensorData;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.WritableByteChannel;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.HexFormat;
import java.util.IdentityHashMap;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * The file beside a model that is being written, with the tensors that do not go into the model
 * itself.
 */
final class SideFile implements Placement {
  /** Which tensors go into the side file. */
  enum Policy {
    /** None: the model has to stand alone. */
    NONE,
    /** Those that were in one; if any was, all large initializers. */
    AS_READ,
    /** All large initializers. */
    LARGE
  }

  /** Initializers of fewer bytes stay in the model. */
  static final int LARGE = 1024;

  /**
   * Contents begin at multiples of this many bytes, so that runtimes can use them where they lie.
   */
  static final int ALIGNMENT = 64;

  /** Hexadecimal digits of the contents' SHA-256 in a name. */
  private static final int DIGITS = 16;

  private final String name;
  private final Policy policy;
  private final boolean wasExternal;
  private final Rope contents = new Rope();
  private final Map<TensorData.Mapped, Long> mappedAt = new HashMap<>();
  private final IdentityHashMap<TensorData, Long> placedAt = new IdentityHashMap<>();

  /**
   * @param name what the model calls the file
   * @param wasExternal whether the model had a side file when it was read
   */
  SideFile(String name, Policy policy, boolean wasExternal) {
    this.name = name;
    this.policy = policy;
    this.wasExternal = wasExternal;
  }

  /** A name as long as the right one, for a side file whose contents are not known yet. */
  static String unnamed(String model) {
    return name(model, "0".repeat(DIGITS));
  }

  /** What a side file of these contents is called, beside a model file of that name. */
  static String name(String model, Piece contents) throws IOException {
    MessageDigest digest;
    try {
      digest = MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e); // every Java has it
    }
    contents.writeTo(
        new WritableByteChannel() {
          @Override
          public int write(ByteBuffer bytes) {
            int count = bytes.remaining();
            digest.update(bytes);
            return count;
          }

          @Override
          public boolean isOpen() {
            return true;
          }

          @Override
          public void close() {}
        });
    return name(model, HexFormat.of().formatHex(digest.digest()).substring(0, DIGITS));
  }

  private static String name(String model, String digits) {
    return model + "." + digits + ".data";
  }

  /**
   * Removes the side files of models that were called {@code file} before.
   *
   * @param present the name of its side file now; empty if it has none
   * @param inputs files that stay
   */
  static void removeOthers(Path file, String present, Collection<Path> inputs) throws IOException {
    Path directory = ExternalData.directoryOf(file);
    Pattern name =
        Pattern.compile(
            Pattern.quote(String.valueOf(file.getFileName())) + "\\.[0-9a-f]{16}\\.data");
    Set<Path> stay = new HashSet<>();
    for (Path input : inputs) {
      if (Files.exists(input)) {
        stay.add(input.toRealPath());
      }
    }
    try (DirectoryStream<Path> all = Files.newDirectoryStream(directory)) {
      for (Path other : all) {
        String called = String.valueOf(other.getFileName());
        boolean old = name.matcher(called).matches() && !called.equals(present);
        if (old && Files.isRegularFile(other) && !stay.contains(other.toRealPath())) {
          Files.deleteIfExists(other);
        }
      }
    } catch (DirectoryIteratorException e) {
      throw e.getCause();
    }
  }

  String name() {
    return name;
  }

  /** What is to be written; empty if no tensor went here. */
  Rope contents() {
    return contents;
  }

  /**
   * Where in this file the tensor's contents go, or null if they stay in the model. The same
   * contents go here once.
   */
  @Override
  public @Nullable Place place(Tensor tensor, boolean initializer) {
    return wants(tensor, initializer) ? new Place(name, place(tensor.data())) : null;
  }

  private boolean wants(Tensor tensor, boolean initializer) {
    if (policy == Policy.NONE) {
      return false;
    }
    if (tensor.origin() instanceof TensorOrigin origin && origin.external()) {
      return true;
    }
    boolean large = initializer && tensor.type().bits() > 0 && tensor.data().byteSize() >= LARGE;
    return large && (wasExternal || policy == Policy.LARGE);
  }

  private long place(TensorData data) {
    Long known =
        data instanceof TensorData.Mapped mapped ? mappedAt.get(mapped) : placedAt.get(data);
    if (known != null) {
      return known;
    }
    int padding = (int) (-contents.length() & (ALIGNMENT - 1));
    if (padding > 0) {
      contents.add(new Piece.Bytes(new byte[padding]));
    }
    long offset = contents.length();
    contents.add(new Piece.Contents(data));
    if (data instanceof TensorData.Mapped mapped) {
      mappedAt.put(mapped, offset);
    } else {
      placedAt.put(data, offset);
    }
    return offset;
  }
}
