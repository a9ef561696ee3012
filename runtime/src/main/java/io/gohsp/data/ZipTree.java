package io.gohsp.data;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.zip.ZipEntry;
import java.util.zip.ZipFile;

/**
 * Files in a zip archive, read in place. Nothing is ever unpacked to disk, and entries whose names
 * lead outside of the archive are left out.
 */
final class ZipTree implements FileTree, AutoCloseable {
  private final Path file;
  private final ZipFile zip;
  private final List<String> names = new ArrayList<>();
  private final List<String> directories = new ArrayList<>();
  private int leftOut;

  ZipTree(Path file) {
    this.file = file;
    try {
      zip = new ZipFile(file.toFile());
    } catch (IOException e) {
      throw DataException.unreadable(file, e);
    }
    zip.stream().map(ZipEntry::getName).distinct().forEach(this::list);
    Collections.sort(names);
    Collections.sort(directories);
  }

  private void list(String name) {
    boolean hidden = false;
    for (String segment : name.split("/", -1)) {
      if (segment.equals("..") || segment.equals(".") || name.startsWith("/")) {
        leftOut++;
        return;
      }
      hidden |= FileTree.isHidden(segment);
    }
    if (name.indexOf('\\') >= 0 || name.indexOf(':') >= 0) {
      leftOut++;
    } else if (hidden) {
      return;
    } else if (name.endsWith("/")) {
      directories.add(name.substring(0, name.length() - 1));
    } else {
      names.add(name);
    }
  }

  /** Number of entries with names that no well-meaning archiver writes. */
  int leftOut() {
    return leftOut;
  }

  @Override
  public String root() {
    return file.toString();
  }

  @Override
  public List<String> names() {
    return Collections.unmodifiableList(names);
  }

  @Override
  public List<String> directories() {
    return Collections.unmodifiableList(directories);
  }

  @Override
  public byte[] read(String name) throws IOException {
    ZipEntry entry = zip.getEntry(name);
    if (entry == null) {
      throw new IOException("no longer in the archive");
    }
    if (entry.getSize() > MAX_FILE_BYTES) {
      throw new IOException("longer than " + MAX_FILE_BYTES + " bytes");
    }
    try (InputStream in = zip.getInputStream(entry)) {
      // The directory may lie about the size, so no more than it says is ever read.
      byte[] bytes = in.readNBytes((int) Math.max(0, entry.getSize()));
      if (bytes.length != entry.getSize() || in.read() >= 0) {
        throw new IOException("its size is not what the archive's directory says");
      }
      return bytes;
    }
  }

  @Override
  public void close() {
    try {
      zip.close();
    } catch (IOException e) {
      throw DataException.unreadable(file, e);
    }
  }
}
