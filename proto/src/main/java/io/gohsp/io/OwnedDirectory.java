package io.gohsp.io;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.UserPrincipal;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;

/**
 * A directory among the system's temporary ones that only this user can look into. Its process
 * holds a lock on a file inside for as long as it lives: where containers share a folder, numbers
 * of processes do not tell who is alive, but the kernel knows its locks.
 */
final class OwnedDirectory {
  private static final Pattern NAME = Pattern.compile("gohsp-\\d+-\\d+");
  private static final String LOCK = "owner.lock";

  /** What must not be closed before the process ends, for that would give locks up. */
  private static final List<AutoCloseable> HELD = new ArrayList<>();

  private OwnedDirectory() {}

  static Path create() throws IOException {
    Path directory = Files.createTempDirectory("gohsp-" + ProcessHandle.current().pid() + "-");
    Path file = directory.resolve("new.lock");
    FileChannel channel =
        FileChannel.open(file, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE);
    HELD.add(channel);
    try {
      FileLock lock = channel.tryLock();
      if (lock != null) {
        HELD.add(lock);
        Files.move(file, directory.resolve(LOCK)); // nobody finds it before it is held
      }
    } catch (IOException noLocks) {
      // Without the name that others look for the directory is never removed by them.
    }
    return directory.toAbsolutePath();
  }

  /**
   * Removes the directories of processes of the same user that were killed. What cannot be seen or
   * locked stays.
   *
   * @param own one that was just made
   */
  static void removeDeadBeside(Path own) {
    try (DirectoryStream<Path> all = Files.newDirectoryStream(own.getParent(), "gohsp-*")) {
      UserPrincipal user = Files.getOwner(own);
      for (Path other : all) {
        if (!other.equals(own) && NAME.matcher(String.valueOf(other.getFileName())).matches()) {
          removeIfDead(other, user);
        }
      }
    } catch (IOException | DirectoryIteratorException e) {
      // such as a folder that cannot be listed
    }
  }

  private static void removeIfDead(Path directory, UserPrincipal user) {
    try {
      if (Files.isDirectory(directory, LinkOption.NOFOLLOW_LINKS)
          && Files.getOwner(directory, LinkOption.NOFOLLOW_LINKS).equals(user)) {
        FileChannel channel =
            FileChannel.open(
                directory.resolve(LOCK), StandardOpenOption.WRITE, LinkOption.NOFOLLOW_LINKS);
        try {
          if (channel.tryLock() != null) {
            Temporaries.remove(directory);
          }
          channel.close();
        } catch (OverlappingFileLockException e) {
          HELD.add(channel); // of another class loader here, which closing any channel would unlock
        } catch (IOException e) { // of a file system without locks
          channel.close();
        }
      }
    } catch (IOException e) {
      // without a lock, or gone meanwhile
    }
  }
}
