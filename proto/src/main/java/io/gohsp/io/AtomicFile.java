package io.gohsp.io;

import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;

/** Replaces a file as a whole: readers see the old contents or the new ones, never a part. */
public final class AtomicFile {
  private static final int BUFFER = 1 << 16;

  private AtomicFile() {}

  /** Writes contents; closing the stream is not its business. */
  @FunctionalInterface
  public interface Contents {
    void writeTo(OutputStream out) throws IOException;
  }

  /**
   * Writes beside {@code target}, has the disk keep it, and then moves it there.
   *
   * @throws IOException if that fails; {@code target} is then what it was before
   */
  public static void write(Path target, Contents contents) throws IOException {
    Path temporary = Temporaries.beside(target);
    try {
      try (FileChannel channel = Temporaries.createFile(temporary)) {
        OutputStream out = new BufferedOutputStream(Channels.newOutputStream(channel), BUFFER);
        contents.writeTo(out);
        out.flush();
        channel.force(true);
      }
      Files.move(
          temporary, target, StandardCopyOption.REPLACE_EXISTING, StandardCopyOption.ATOMIC_MOVE);
      StagedFiles.forceNames(target);
    } finally {
      Files.deleteIfExists(temporary);
      Temporaries.forget(temporary);
    }
  }

  /**
   * Removes what processes left beside {@code target} that were killed in the middle of {@link
   * #write}. Nobody may be writing it now.
   */
  public static void removeLeftovers(Path target) throws IOException {
    Path directory = target.toAbsolutePath().getParent();
    if (directory == null || !Files.isDirectory(directory)) {
      return;
    }
    try (DirectoryStream<Path> left =
        Files.newDirectoryStream(
            directory, file -> Temporaries.isBeside(String.valueOf(file.getFileName()), target))) {
      for (Path file : left) {
        Files.deleteIfExists(file);
      }
    }
  }
}
