package io.gohsp.compare;

import io.gohsp.plan.InvalidOption;
import io.gohsp.train.RunIdentity;
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
    Contents there = JsonFile.read(file, Contents.class);
    if (there != null) {
      RunIdentity.requireSame(file, there.identity(), identity);
    }
  }

  void write() {
    JsonFile.write(file, new Contents(identity));
  }
}
