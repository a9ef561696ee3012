package io.gohsp.spark;

import java.net.URI;
import org.apache.hadoop.fs.RawLocalFileSystem;

/** A file system of Hadoop's with a scheme that only Spark's settings know: {@code shelf:/...}. */
public final class ShelfFileSystem extends RawLocalFileSystem {
  /** For Hadoop. */
  public ShelfFileSystem() {}

  @Override
  public URI getUri() {
    return URI.create(getScheme() + ":///");
  }

  @Override
  public String getScheme() {
    return "shelf";
  }
}
