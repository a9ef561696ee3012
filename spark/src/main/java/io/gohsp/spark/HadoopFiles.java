package io.gohsp.spark;

import io.gohsp.data.RemoteFiles;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileStatus;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;
import org.apache.hadoop.fs.UnsupportedFileSystemException;
import org.apache.spark.SparkEnv;
import org.apache.spark.deploy.SparkHadoopUtil;
import org.jspecify.annotations.Nullable;

/**
 * What Spark reads files with: Hadoop's file systems, set up as Spark sets them up ({@code
 * spark.hadoop.*} and the cluster's own configuration).
 */
public final class HadoopFiles implements RemoteFiles {
  private static final String SEPARATOR = "/";

  /** Null until something is read; making one takes longer than reading a picture. */
  private @Nullable Configuration configuration;

  /** For the service loader. */
  public HadoopFiles() {}

  private synchronized Configuration configuration() {
    if (configuration == null) {
      configuration = SparkHadoopUtil.get().newConfiguration(SparkEnv.get().conf());
    }
    return configuration;
  }

  private FileSystem system(Path path) throws IOException {
    try {
      return path.getFileSystem(configuration());
    } catch (UnsupportedFileSystemException e) {
      throw withoutLibrary(e);
    } catch (RuntimeException e) { // a class that is not there, a host that nobody knows
      throw e.getCause() instanceof ClassNotFoundException
          ? withoutLibrary(e)
          : new IOException(e.getMessage(), e);
    }
  }

  private static IOException withoutLibrary(Exception e) {
    return new IOException(
        "%s; name the library of that file system (--spark-conf spark.jars.packages=...)"
            .formatted(e.getMessage()),
        e);
  }

  @Override
  public List<Entry> below(String address) throws IOException {
    Path root = new Path(address);
    FileSystem system = system(root);
    List<Entry> all = new ArrayList<>();
    FileStatus found;
    try {
      found = system.getFileStatus(root);
    } catch (FileNotFoundException e) {
      return all;
    }
    if (!found.isDirectory()) {
      all.add(new Entry("", false, found.getLen()));
      return all;
    }
    Deque<String> folders = new ArrayDeque<>(List.of(""));
    while (!folders.isEmpty()) {
      String folder = folders.pop();
      for (FileStatus inside : system.listStatus(at(root, folder))) {
        String name = folder + inside.getPath().getName();
        all.add(new Entry(name, inside.isDirectory(), inside.getLen()));
        if (inside.isDirectory()) {
          folders.push(name + SEPARATOR);
        }
      }
    }
    return all;
  }

  @Override
  public InputStream open(String address, String name) throws IOException {
    Path file = at(new Path(address), name);
    return system(file).open(file);
  }

  private static Path at(Path root, String name) {
    // Not new Path(root, name): what is before a colon would be a scheme.
    return name.isEmpty() ? root : new Path(root, new Path(null, null, name));
  }
}
