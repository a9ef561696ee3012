package io.gohsp.io;

import io.gohsp.ir.Model;
import io.gohsp.ir.Value;
import io.gohsp.tensor.MappedFile;
import io.gohsp.tensor.Tensor;
import io.gohsp.tensor.TensorData;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.WritableByteChannel;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * A model as a message that leaves large weights where they lie, in the files they were read from,
 * and only refers to them. A runtime that maps those files needs no copy of the weights at all. The
 * message is for use now, in this process: it is worth nothing once a file is moved.
 */
public final class InPlaceModel {
  private final Rope message;
  private final @Nullable Path directory;

  private InPlaceModel(Rope message, @Nullable Path directory) {
    this.message = message;
    this.directory = directory;
  }

  /**
   * Weights whose file was deleted or replaced, and all that were made in memory, go into the
   * message.
   *
   * @throws io.gohsp.ir.ModelException.Malformed if a file was written to since it was opened
   */
  public static InPlaceModel of(Model model) {
    OnnxReader.requireUnchanged(model);
    WeightFiles files = new WeightFiles(model);
    return new InPlaceModel(ModelWriter.model(model, files), files.directory);
  }

  /** The directory that references are relative to; empty if the message refers to nothing. */
  public Optional<Path> directory() {
    return Optional.ofNullable(directory);
  }

  /** Bytes in the message. */
  public long length() {
    return message.length();
  }

  /**
   * The message, in direct memory.
   *
   * @throws IllegalArgumentException if it is larger than a buffer can be
   */
  public ByteBuffer message() {
    if (message.length() > Integer.MAX_VALUE) {
      throw new IllegalArgumentException("the message takes " + message.length() + " bytes");
    }
    BufferChannel channel = new BufferChannel(ByteBuffer.allocateDirect((int) message.length()));
    try {
      message.writeTo(channel);
    } catch (IOException e) {
      throw new UncheckedIOException(e); // cannot happen: nothing is written to
    }
    return channel.target.flip();
  }

  private record BufferChannel(ByteBuffer target) implements WritableByteChannel {
    @Override
    public int write(ByteBuffer source) {
      int bytes = source.remaining();
      target.put(source);
      return bytes;
    }

    @Override
    public boolean isOpen() {
      return true;
    }

    @Override
    public void close() {}
  }

  /** The files weights were read from, as far as they lie in one directory and are still there. */
  private static final class WeightFiles implements Placement {
    private final Map<Path, Optional<Path>> real = new HashMap<>();
    private final @Nullable Path directory;

    WeightFiles(Model model) {
      this.directory =
          model.graph().initializers().stream()
              .map(Value::constant)
              .flatMap(
                  tensor ->
                      tensor == null ? Optional.<Path>empty().stream() : file(tensor).stream())
              .map(Path::getParent)
              .findFirst()
              .orElse(null);
    }

    @Override
    public @Nullable Place place(Tensor tensor, boolean initializer) {
      if (!initializer || !(tensor.data() instanceof TensorData.Mapped mapped)) {
        return null;
      }
      return file(tensor)
          .filter(path -> path.getParent().equals(directory))
          .map(path -> new Place(path.getFileName().toString(), mapped.offset()))
          .orElse(null);
    }

    /**
     * The file that holds a large weight; links are resolved, for runtimes refuse those that lead
     * elsewhere.
     */
    private Optional<Path> file(Tensor tensor) {
      return tensor.data() instanceof TensorData.Mapped mapped
              && mapped.byteSize() >= SideFile.LARGE
          ? real.computeIfAbsent(mapped.file().path(), path -> real(mapped.file()))
          : Optional.empty();
    }

    private static Optional<Path> real(MappedFile file) {
      try {
        return file.isInPlace() ? Optional.of(file.path().toRealPath()) : Optional.empty();
      } catch (IOException e) {
        return Optional.empty();
      }
    }
  }
}
