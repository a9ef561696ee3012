package io.gohsp.data;

import io.gohsp.io.Temporaries;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Stream;

/**
 * Files at an address, each read where it lies when it is asked for. What is only read as a whole,
 * arrays and archives, is copied to a temporary folder, once for the process.
 */
final class RemoteTree implements FileTree {
  private static final Map<String, Path> COPIES = new ConcurrentHashMap<>();

  private final RemoteFiles files;
  private final String address;
  private final Map<String, Long> sizes = new TreeMap<>();
  private final List<String> directories = new ArrayList<>();

  /**
   * @throws IOException if it cannot be said what is there
   */
  RemoteTree(RemoteFiles files, String address) throws IOException {
    this.files = files;
    this.address = address;
    for (RemoteFiles.Entry entry : files.below(address)) {
      if (Stream.of(entry.name().split("/", -1)).anyMatch(FileTree::isHidden)) {
        continue;
      }
      if (entry.folder()) {
        directories.add(entry.name());
      } else {
        sizes.put(entry.name(), entry.size());
      }
    }
    directories.sort(Comparator.naturalOrder());
  }

  @Override
  public String root() {
    return address;
  }

  @Override
  public List<String> names() {
    return List.copyOf(sizes.keySet());
  }

  @Override
  public List<String> directories() {
    return List.copyOf(directories);
  }

  @Override
  public byte[] read(String name) throws IOException {
    Long size = sizes.get(name);
    if (size == null || size > MAX_FILE_BYTES) {
      throw new IOException("longer than " + MAX_FILE_BYTES + " bytes");
    }
    try (InputStream in = files.open(address, name)) {
      byte[] bytes = in.readNBytes((int) (long) size);
      if (bytes.length != size) {
        throw new IOException("ends after %d of %d bytes".formatted(bytes.length, size));
      }
      return bytes;
    }
  }

  /**
   * A copy of all files, which is gone when the process ends.
   *
   * @return the folder, or the file if there is only one at the address itself
   * @throws IOException if they cannot be copied
   */
  Path copied() throws IOException {
    try {
      return COPIES.computeIfAbsent(address, key -> copy());
    } catch (UncheckedIOException e) {
      throw e.getCause();
    }
  }

  private Path copy() {
    try {
      Path folder = Temporaries.createPrivateDirectory();
      Path copy = folder.resolve(address.replaceAll("/+$", "").replaceAll(".*/", ""));
      for (String name : sizes.keySet()) {
        Path target = copy.resolve(name).normalize();
        if (!target.startsWith(copy)) {
          throw new IOException("a file is called " + name);
        }
        Files.createDirectories(name.isEmpty() ? folder : target.getParent());
        try (InputStream in = files.open(address, name)) {
          Files.copy(in, target);
        }
      }
      return copy;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
