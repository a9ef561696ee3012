package io.gohsp.data;

import java.io.IOException;
import java.util.List;

/** Files below a root, in a directory or in an archive; names use '/' and are sorted. */
interface FileTree {
  /** Encoded pictures are not longer than this; longer files are refused before they are read. */
  long MAX_FILE_BYTES = 256L << 20;

  /** What messages call the root. */
  String root();

  List<String> names();

  /** Directories, also empty ones where the form keeps them. */
  List<String> directories();

  /** The contents of a file. */
  byte[] read(String name) throws IOException;

  /** Whether a file or directory of this name is of no interest: hidden, or an archiver's extra. */
  static boolean isHidden(String segment) {
    return segment.startsWith(".") || segment.equals("__MACOSX");
  }
}
