package io.gohsp.train;

import io.gohsp.create.VitArchitecture;
import io.gohsp.create.VitBuilder;
import io.gohsp.data.Augmentation;
import io.gohsp.data.DataSource;
import io.gohsp.data.Dataset;
import io.gohsp.data.Datasets;
import io.gohsp.data.Samples;
import io.gohsp.data.Splits;
import io.gohsp.engine.OrtEngine;
import io.gohsp.io.OnnxWriter;
import io.gohsp.ir.Model;
import io.gohsp.ir.Value;
import io.gohsp.ir.ValueType;
import io.gohsp.ort.OrtOptions;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;

/** Small trainings, on one thread. */
final class Runs {
  private static final VitArchitecture TINY = new VitArchitecture(8, 1, 4, 16, 1, 2, 16, 10);

  private Runs() {}

  static Model tiny() {
    return VitBuilder.build(TINY, 1);
  }

  static OrtEngine engine() {
    return new OrtEngine(OrtOptions.DEFAULT.withThreads(1).withDeterministic(true));
  }

  static Map<String, ValueType> inputs(Model model) {
    Map<String, ValueType> inputs = new LinkedHashMap<>();
    for (Value input : model.graph().inputs()) {
      if (input.constant() == null) {
        inputs.put(input.name(), Objects.requireNonNull(input.type()));
      }
    }
    return inputs;
  }

  /** Some of the built-in digits as a model takes them. */
  static Samples digits(Model model, int first, int count, Augmentation augmentation) {
    try (DataSource source = Datasets.open(Datasets.DIGITS)) {
      Dataset train = Splits.of(source, 0, 0).train();
      int[] indices = new int[count];
      Arrays.setAll(indices, i -> first + i);
      return Samples.of(train.subset(indices), inputs(model), null, augmentation);
    }
  }

  static Objective labels(Model model) {
    return Objective.of(model, true, false, 0, null, Objective.Distillation.STANDARD);
  }

  /** What the file of a model would be. */
  static byte[] bytes(Model model) {
    try {
      Path directory = Files.createTempDirectory("gohsp-runs");
      Path file = directory.resolve("model.onnx");
      OnnxWriter.write(model, file);
      byte[] bytes = Files.readAllBytes(file);
      Files.delete(file);
      Files.delete(directory);
      return bytes;
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }
}
