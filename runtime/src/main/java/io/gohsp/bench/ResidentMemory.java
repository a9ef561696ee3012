package io.gohsp.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.OptionalLong;

/** Physical memory this process takes, native memory included, as the Linux kernel counts it. */
public final class ResidentMemory {
  private static final Path STATUS = Path.of("/proc/self/status");

  private ResidentMemory() {}

  /** The most it ever took, in bytes; empty where the kernel does not say. */
  public static OptionalLong peak() {
    return field("VmHWM:");
  }

  /** What it takes now, in bytes; empty where the kernel does not say. */
  public static OptionalLong current() {
    return field("VmRSS:");
  }

  private static OptionalLong field(String name) {
    if (!Files.isReadable(STATUS)) {
      return OptionalLong.empty();
    }
    try {
      return Files.readAllLines(STATUS).stream()
          .filter(line -> line.startsWith(name))
          .mapToLong(line -> 1024 * Long.parseLong(line.replaceAll("\\D", ""))) // in kB
          .findFirst();
    } catch (IOException e) {
      return OptionalLong.empty();
    }
  }
}
