package io.gohsp.io;

import java.io.Closeable;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.AtomicMoveNotSupportedException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * New contents for some files: written beside them first, then moved into place together. Until
 * {@link #commit} returns nothing has changed as far as others can see; whatever fails, no
 * temporary file stays behind. What is committed is on the disk, should the machine go down.
 */
final class StagedFiles implements Closeable {
  private record Staged(Path target, Path temporary) {}

  private record Moved(Path target, @Nullable Path backup) {}

  private final List<Staged> staged = new ArrayList<>();

  /** Writes what {@code target} is going to contain. */
  void stage(Path target, Piece contents) throws IOException {
    Temporaries.removeLeftovers(target);
    Path temporary = Temporaries.beside(target);
    staged.add(new Staged(target, temporary));
    try (FileChannel channel = Temporaries.createFile(temporary);
        BufferedChannel buffered = new BufferedChannel(channel)) {
      contents.writeTo(buffered);
    }
    force(temporary);
  }

  /** Has the disk keep what is in a file. */
  static void force(Path file) throws IOException {
    try (FileChannel channel = FileChannel.open(file, StandardOpenOption.WRITE)) {
      channel.force(true);
    }
  }

  /** Has the disk keep which names are in the directory of {@code file}, where a system can. */
  static void forceNames(Path file) {
    Path directory = file.toAbsolutePath().getParent();
    if (directory == null) {
      return;
    }
    try (FileChannel channel = FileChannel.open(directory, StandardOpenOption.READ)) {
      channel.force(true);
    } catch (IOException e) {
      // some systems do not open directories; names are as safe as they make them
    }
  }

  /** Takes over a file that is written already and lies on the same disk as its target. */
  void adopt(Path target, Path temporary) {
    staged.add(new Staged(target, temporary));
  }

  /**
   * Moves everything into place, in the order in which it was staged. If one move fails, those
   * before it are undone.
   */
  void commit() throws IOException {
    Temporaries.undisturbed(this::move);
  }

  private void move() throws IOException {
    List<Moved> moved = new ArrayList<>();
    try {
      for (int i = 0; i < staged.size(); i++) {
        Staged file = staged.get(i);
        boolean last = i == staged.size() - 1;
        Path backup = last ? null : backup(file.target());
        moved.add(new Moved(file.target(), backup));
        move(file.temporary(), file.target());
        forceNames(file.target()); // a model must not be there before what it refers to
      }
    } catch (IOException e) {
      undo(moved, e);
      throw e;
    }
    for (Moved file : moved) {
      if (file.backup() != null) {
        Files.deleteIfExists(file.backup());
      }
    }
  }

  private void undo(List<Moved> moved, IOException cause) {
    for (int i = 0; i < moved.size(); i++) {
      Path backup = moved.get(i).backup();
      try {
        if (backup != null) {
          move(backup, moved.get(i).target());
        } else if (i < moved.size() - 1) { // the last one is the one that failed
          Files.deleteIfExists(moved.get(i).target());
        }
      } catch (IOException e) {
        cause.addSuppressed(e);
      }
    }
  }

  /** A second name for what {@code target} is now, or null if it is nothing or cannot have one. */
  private static @Nullable Path backup(Path target) throws IOException {
    if (!Files.exists(target)) {
      return null;
    }
    Path backup = Temporaries.beside(target);
    try {
      return Files.createLink(backup, target);
    } catch (UnsupportedOperationException noLinks) {
      return Files.copy(target, backup);
    }
  }

  private static void move(Path from, Path to) throws IOException {
    try {
      Files.move(from, to, StandardCopyOption.ATOMIC_MOVE);
    } catch (AtomicMoveNotSupportedException e) {
      Files.move(from, to, StandardCopyOption.REPLACE_EXISTING);
    }
  }

  /** Removes what was staged and not committed. */
  @Override
  public void close() throws IOException {
    for (Staged file : staged) {
      Files.deleteIfExists(file.temporary());
      Temporaries.forget(file.temporary());
    }
  }
}
