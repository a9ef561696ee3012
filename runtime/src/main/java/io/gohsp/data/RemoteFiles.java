package io.gohsp.data;

import java.io.IOException;
import java.io.InputStream;
import java.util.List;

/**
 * File systems whose files have addresses, such as {@code hdfs://host:8020/images}. Whatever reads
 * them is found as a service of this type; without one, addresses are refused.
 */
public interface RemoteFiles {
  /**
   * A file or a folder.
   *
   * @param name below an address, with '/'; empty for the address itself
   * @param size bytes of a file
   */
  record Entry(String name, boolean folder, long size) {}

  /**
   * Everything below a folder, or the one file at an address, in any order; empty if nothing is
   * there.
   *
   * @throws IOException if that cannot be said
   */
  List<Entry> below(String address) throws IOException;

  /**
   * The contents of a file.
   *
   * @throws IOException if it cannot be read
   */
  InputStream open(String address, String name) throws IOException;
}
