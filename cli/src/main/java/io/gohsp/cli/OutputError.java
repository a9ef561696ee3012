package io.gohsp.cli;

import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileSystemException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;

/** A file could not be written; nothing is left of it. */
final class OutputError extends RuntimeException {
  private static final long serialVersionUID = 1L;

  OutputError(Path file, IOException cause) {
    super(file + " cannot be written: " + reason(cause), cause);
  }

  /** What went wrong, without the name of the temporary file it went wrong with. */
  static String reason(IOException cause) {
    if (cause instanceof AccessDeniedException) {
      return "permission denied";
    }
    if (cause instanceof NoSuchFileException missing) {
      return "there is no " + missing.getFile();
    }
    if (cause instanceof FileSystemException failure && failure.getReason() != null) {
      return failure.getReason();
    }
    return cause.getMessage() == null ? cause.toString() : cause.getMessage();
  }
}
