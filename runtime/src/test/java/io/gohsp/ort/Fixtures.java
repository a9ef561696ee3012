package io.gohsp.ort;

import java.nio.file.Path;

/** The models below {@code testdata/fixtures}. */
public final class Fixtures {
  private static final Path ROOT =
      Path.of(System.getProperty("basedir", "."), "..", "testdata", "fixtures").normalize();

  private Fixtures() {}

  public static Path model(String fixture) {
    return ROOT.resolve(fixture).resolve("model.onnx");
  }
}
