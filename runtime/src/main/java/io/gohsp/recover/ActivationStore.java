package io.gohsp.recover;

import io.gohsp.io.IoReason;
import io.gohsp.ort.HostTensor;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.FileChannel.MapMode;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.IdentityHashMap;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * Where activations of all samples are kept: in memory up to a limit, beyond it in a temporary file
 * that is mapped into memory and gone when this is closed, or when the process ends. Memory that is
 * given back is used again.
 */
final class ActivationStore implements AutoCloseable {
  /** A piece of memory may be used for something that fills at least this part of it. */
  private static final int FILLED = 4;

  /** Sizes of pieces from one power of two to the next. */
  private static final int STEPS = 4;

  private long free;
  private long end;
  private @Nullable FileChannel file;
  private final TreeMap<Integer, Deque<ByteBuffer>> spare = new TreeMap<>();

  /** By tensor how many keep it, and what it lies in. */
  private final IdentityHashMap<HostTensor, Piece> pieces = new IdentityHashMap<>();

  private record Piece(ByteBuffer memory, int holders) {}

  /**
   * @param limit of bytes in memory
   */
  ActivationStore(long limit) {
    free = limit;
  }

  /** A copy of a tensor, kept once. Texts are not copied. */
  HostTensor keep(HostTensor tensor) {
    if (tensor.type().bits() == 0) {
      return tensor;
    }
    ByteBuffer from = tensor.bytes();
    ByteBuffer memory = memory(from.capacity());
    memory.clear().put(from);
    HostTensor copy = HostTensor.wrap(tensor.type(), tensor.dims(), memory.flip());
    pieces.put(copy, new Piece(memory, 1));
    return copy;
  }

  /** Keeps a tensor of this store once more. */
  HostTensor share(HostTensor kept) {
    pieces.computeIfPresent(kept, (key, piece) -> new Piece(piece.memory(), piece.holders() + 1));
    return kept;
  }

  /** Ends one keeping; the last one ends the tensor. */
  void release(HostTensor kept) {
    Piece piece = pieces.get(kept);
    if (piece != null && piece.holders() > 1) {
      pieces.put(kept, new Piece(piece.memory(), piece.holders() - 1));
    } else if (piece != null) {
      pieces.remove(kept);
      spare
          .computeIfAbsent(piece.memory().capacity(), size -> new ArrayDeque<>())
          .push(piece.memory());
    }
  }

  private ByteBuffer memory(int least) {
    int bytes = rounded(least);
    Map.Entry<Integer, Deque<ByteBuffer>> fitting = spare.ceilingEntry(bytes);
    if (fitting != null && fitting.getKey() / FILLED <= bytes) {
      ByteBuffer memory = fitting.getValue().pop();
      if (fitting.getValue().isEmpty()) {
        spare.remove(fitting.getKey());
      }
      return memory;
    }
    if (bytes <= free) {
      free -= bytes;
      return ByteBuffer.allocateDirect(bytes);
    }
    return mapped(bytes);
  }

  /** A little more, so that what is nearly as large fits as well. */
  private static int rounded(int bytes) {
    int step = Math.max(1, Integer.highestOneBit(bytes) / STEPS);
    return (int) Math.min(Integer.MAX_VALUE, ((long) bytes + step - 1) / step * step);
  }

  private ByteBuffer mapped(int bytes) {
    try {
      if (file == null) {
        Path path = Files.createTempFile("gohsp-activations", ".tmp");
        file =
            FileChannel.open(
                path,
                StandardOpenOption.READ,
                StandardOpenOption.WRITE,
                StandardOpenOption.DELETE_ON_CLOSE);
      }
      // Of a file with holes the disk has no room set aside, and a mapping cannot say that it is
      // full.
      for (ByteBuffer zeros = ByteBuffer.allocate(bytes); zeros.hasRemaining(); ) {
        file.write(zeros, end + zeros.position());
      }
      ByteBuffer memory = file.map(MapMode.READ_WRITE, end, bytes);
      end += bytes;
      return memory;
    } catch (IOException e) {
      throw new UncheckedIOException(
          "activations cannot be kept in "
              + System.getProperty("java.io.tmpdir")
              + ": "
              + IoReason.of(e)
              + "; make room there, name another directory with -Djava.io.tmpdir=DIR in JAVA_OPTS,"
              + " or give more memory, for example with -Xmx8g",
          e);
    }
  }

  /** Bytes in the file. */
  long onDisk() {
    return end;
  }

  @Override
  public void close() {
    pieces.clear();
    spare.clear();
    try {
      if (file != null) {
        file.close();
      }
    } catch (IOException e) {
      throw new UncheckedIOException("cannot remove a temporary file", e);
    }
  }
}
