package io.gohsp.io;

import io.gohsp.ir.Location;
import io.gohsp.ir.ModelException;
import io.gohsp.tensor.TensorData;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/**
 * What is being read, and how messages call it.
 *
 * @param bytes all of it, mapped or in memory
 * @param path the file, or null for a model in memory
 */
record Document(TensorData bytes, @Nullable Path path) {
  Span all() {
    return new Span(this, 0, bytes.byteSize());
  }

  Location location() {
    return new Location(path, null, null);
  }

  /** Something inside the model, a tensor for example. */
  Location location(String part) {
    return new Location(path, null, part);
  }

  /** A violation of the wire format at a position of this document. */
  ModelException.Malformed broken(long at, String problem) {
    return new ModelException.Malformed(
        location(),
        "byte " + at + ": " + problem,
        "the file is damaged; export or download it again");
  }
}
