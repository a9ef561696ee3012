package io.gohsp.io;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.channels.FileChannel;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Comparator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * The temporary files and directories that this process has right now. When it ends before they are
 * done with, by a signal for example, they are removed: everything temporary must be created here.
 * Moves into place run {@link #undisturbed}, so that a signal finds them not begun or complete.
 */
public final class Temporaries {
  /** Threads go on while the process ends, and may add to a directory that is being removed. */
  private static final int ATTEMPTS = 10;

  private static final Set<Path> LIVE = new LinkedHashSet<>();
  private static @Nullable Path own;
  private static boolean hooked;
  private static boolean ending;

  private Temporaries() {}

  /** A hidden name beside {@code target} that nothing has; it tells which process it belongs to. */
  public static Path beside(Path target) {
    long process = ProcessHandle.current().pid();
    return target.resolveSibling(
        "." + target.getFileName() + "." + process + "." + UUID.randomUUID() + ".tmp");
  }

  /**
   * Removes what processes left beside {@code target} that were killed. Those of other machines and
   * containers that share the directory count as killed: two must not write one file at a time.
   */
  public static void removeLeftovers(Path target) throws IOException {
    Path directory = target.toAbsolutePath().getParent();
    if (directory == null || !Files.isDirectory(directory)) {
      return;
    }
    String prefix = "." + target.getFileName() + ".";
    Pattern names = Pattern.compile(Pattern.quote(prefix) + "(\\d+)\\.[-0-9a-f]{36}\\.tmp");
    try (DirectoryStream<Path> all = Files.newDirectoryStream(directory)) {
      for (Path file : all) {
        Matcher name = names.matcher(String.valueOf(file.getFileName()));
        if (name.matches() && !isAlive(name.group(1))) {
          remove(file);
        }
      }
    } catch (DirectoryIteratorException e) {
      throw e.getCause();
    }
  }

  private static boolean isAlive(String process) {
    try {
      return ProcessHandle.of(Long.parseLong(process)).isPresent();
    } catch (NumberFormatException noProcess) {
      return true; // not one of ours
    }
  }

  /** Whether a file of that name is one {@link #beside} {@code target}. */
  static boolean isBeside(String name, Path target) {
    return name.startsWith("." + target.getFileName() + ".") && name.endsWith(".tmp");
  }

  /**
   * Creates a file, open for writing. Whoever creates it removes it or moves it away, and then
   * calls {@link #forget}.
   */
  public static synchronized FileChannel createFile(Path file) throws IOException {
    prepare();
    FileChannel channel =
        FileChannel.open(file, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE);
    LIVE.add(file.toAbsolutePath());
    return channel;
  }

  /** Creates a directory; what is put into it needs no mention. Otherwise as a file. */
  public static synchronized Path createDirectory(Path directory) throws IOException {
    prepare();
    Files.createDirectory(directory);
    LIVE.add(directory.toAbsolutePath());
    return directory;
  }

  /**
   * Creates a directory among the system's temporary ones that only this user can look into. All of
   * a process are in one, and the first removes those of processes that were killed. Otherwise as a
   * file.
   */
  public static synchronized Path createPrivateDirectory() throws IOException {
    prepare();
    if (own == null || !Files.isDirectory(own)) {
      own = OwnedDirectory.create();
      LIVE.add(own);
      OwnedDirectory.removeDeadBeside(own);
    }
    return Files.createTempDirectory(own, "");
  }

  /** What must be done whole. */
  @FunctionalInterface
  interface Step {
    void run() throws IOException;
  }

  /** Does something that a signal has to wait for. */
  static synchronized void undisturbed(Step step) throws IOException {
    step.run();
  }

  /** It is gone. */
  public static synchronized void forget(Path temporary) {
    LIVE.remove(temporary.toAbsolutePath());
  }

  private static void prepare() throws IOException {
    if (ending) {
      throw new IOException("the program is being ended");
    }
    if (!hooked) {
      Runtime.getRuntime().addShutdownHook(new Thread(Temporaries::removeAll, "gohsp-temporaries"));
      hooked = true;
    }
  }

  private static synchronized void removeAll() {
    ending = true;
    LIVE.forEach(
        temporary -> {
          boolean gone = false;
          for (int i = 0; i < ATTEMPTS && !gone; i++) {
            gone = remove(temporary);
          }
        });
  }

  static boolean remove(Path temporary) {
    if (!Files.exists(temporary)) {
      return true;
    }
    try (Stream<Path> inside = Files.walk(temporary)) {
      List<Path> deepestFirst = inside.sorted(Comparator.reverseOrder()).toList();
      for (Path path : deepestFirst) {
        Files.deleteIfExists(path);
      }
      return true;
    } catch (IOException | UncheckedIOException e) {
      return false;
    }
  }
}
