package io.gohsp.data;

import java.io.IOException;
import java.nio.file.FileVisitOption;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.ArrayList;
import java.util.Collections;
import java.util.EnumSet;
import java.util.List;

/** Files below a directory. Links are followed: data sets are often assembled from them. */
final class DirectoryTree implements FileTree {
  private final Path root;
  private final List<String> names = new ArrayList<>();
  private final List<String> directories = new ArrayList<>();

  DirectoryTree(Path root) {
    this.root = root;
    try {
      Files.walkFileTree(
          root, EnumSet.of(FileVisitOption.FOLLOW_LINKS), Integer.MAX_VALUE, new Lister());
    } catch (IOException e) {
      throw DataException.unreadable(root, e);
    }
    Collections.sort(names);
    Collections.sort(directories);
  }

  private final class Lister extends SimpleFileVisitor<Path> {
    @Override
    public FileVisitResult preVisitDirectory(Path directory, BasicFileAttributes attributes) {
      if (directory.equals(root)) {
        return FileVisitResult.CONTINUE;
      }
      if (isHidden(directory)) {
        return FileVisitResult.SKIP_SUBTREE;
      }
      directories.add(relative(directory));
      return FileVisitResult.CONTINUE;
    }

    @Override
    public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) {
      if (attributes.isRegularFile() && !isHidden(file)) {
        names.add(relative(file));
      }
      return FileVisitResult.CONTINUE;
    }
  }

  private static boolean isHidden(Path path) {
    Path name = path.getFileName();
    return name != null && FileTree.isHidden(name.toString());
  }

  private String relative(Path path) {
    return root.relativize(path).toString().replace(path.getFileSystem().getSeparator(), "/");
  }

  @Override
  public String root() {
    return root.toString();
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
    Path file = root.resolve(name);
    if (Files.size(file) > MAX_FILE_BYTES) {
      throw new IOException("longer than " + MAX_FILE_BYTES + " bytes");
    }
    return Files.readAllBytes(file);
  }
}
