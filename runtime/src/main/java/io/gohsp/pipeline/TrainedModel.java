package io.gohsp.pipeline;

import io.gohsp.io.OnnxWriter;
import io.gohsp.ir.Model;
import io.gohsp.train.TrainingResult;
import java.io.IOException;
import java.nio.file.Path;

/**
 * What training by itself came to.
 *
 * @param model with trained weights, and in its metadata what that makes of a pruned model
 * @param training how it went
 * @param parameters elements of the weights that were trained
 */
public record TrainedModel(Model model, TrainingResult training, long parameters) {
  /**
   * Writes the model, whole or not at all.
   *
   * @throws IOException if it cannot be written
   */
  public void write(Path file) throws IOException {
    OnnxWriter.write(model, file);
  }
}
