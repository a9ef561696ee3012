package io.gohsp.compare;

import io.gohsp.plan.InvalidOption;
import io.gohsp.work.RunIdentity;
import io.gohsp.work.WorkFile;
import java.nio.file.Path;

/** What a directory is for, so that nothing else goes on there. */
final class IdentityFile {
  private final Path file;
  private final String identity;

  private record Contents(String identity) {}

  /**
   * @param identity everything that has a part in the results
   */
  IdentityFile(Path file, String identity) {
    this.file = file;
    this.identity = identity;
  }

  /**
   * Fails if the directory is for something else.
   *
   * @throws InvalidOption if so
   */
  void requireSame() {
    Contents there = WorkFile.read(file, Contents.class);
    if (there != null) {
      RunIdentity.requireSame(file, there.identity(), identity);
    }
  }

  void write() {
    WorkFile.write(file, new Contents(identity));
  }
}
