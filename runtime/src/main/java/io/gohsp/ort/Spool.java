package io.gohsp.ort;

import io.gohsp.io.InPlaceModel;
import io.gohsp.io.OnnxReader;
import io.gohsp.io.OnnxWriter;
import io.gohsp.io.Temporaries;
import io.gohsp.ir.Location;
import io.gohsp.ir.Model;
import io.gohsp.ir.ModelException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;

/**
 * Large models made in memory, on their way to ONNX Runtime through a temporary file that it maps.
 */
final class Spool {
  private Spool() {}

  static OrtProgram compile(String name, Model model, OrtOptions options) {
    try {
      Path directory = Temporaries.createPrivateDirectory();
      try {
        Path file = directory.resolve("model.onnx");
        OnnxWriter.write(model, file);
        InPlaceModel image = InPlaceModel.of(OnnxReader.read(file));
        return OrtProgram.compile(name, model.source(), image, options);
      } finally {
        delete(directory); // what is mapped outlives its name
      }
    } catch (IOException e) {
      throw new ModelException.ExecutionFailed(
          Location.of(model),
          "cannot write a temporary copy of " + name + ": " + e.getMessage(),
          e);
    }
  }

  private static void delete(Path directory) throws IOException {
    try (Stream<Path> files = Files.list(directory)) {
      for (Path path : Stream.concat(files, Stream.of(directory)).toList()) {
        if (!path.toFile().delete()) {
          path.toFile().deleteOnExit(); // Windows does not delete what is mapped
        }
      }
    }
  }
}
