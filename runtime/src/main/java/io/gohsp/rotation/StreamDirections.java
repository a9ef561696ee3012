package io.gohsp.rotation;

import io.gohsp.calibration.Calibration;
import io.gohsp.ir.Model;
import io.gohsp.ir.Value;
import io.gohsp.linalg.Matrix;
import io.gohsp.linalg.SymmetricEigen;
import io.gohsp.linear.Activation;
import io.gohsp.normalize.WorkingModel;
import io.gohsp.recover.LayerInputs;
import io.gohsp.stream.Directions;
import io.gohsp.stream.Stream;
import io.gohsp.stream.Streams;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;

/**
 * Along which directions the residual streams of a model vary most: the eigenvectors of the sum of
 * second moments of what their norms return before they scale and shift channels. Tokens are
 * measured as norms see them, each of the same length, since that is what anything reads; on the
 * ViT of docs/RESULTS.md half the directions so chosen lose nothing, and of the streams' own
 * moments three points. Every norm counts alike.
 *
 * @param streams all of the model
 * @param falling by stream that may be narrower all directions that it has, those that vary most
 *     first
 */
public record StreamDirections(Streams streams, Map<Stream, Directions> falling) {
  /**
   * Measures all streams that may be narrower.
   *
   * @param enough some of the samples, which do for streams that blocks write. Embeddings are
   *     measured on all: that takes next to no time, and what few texts hold of a vocabulary is
   *     little
   * @throws io.gohsp.data.DataException if the samples cannot be used
   */
  public static StreamDirections measure(Model model, Calibration calibration, Calibration enough) {
    Streams streams = Streams.of(WorkingModel.forSamples(model));
    Map<Stream, List<Activation>> reads = new LinkedHashMap<>();
    Set<Activation> embeddings = new LinkedHashSet<>();
    Set<Activation> others = new LinkedHashSet<>();
    for (Stream stream : streams.all()) {
      if (stream.obstacle() == null) {
        List<Activation> own = new ArrayList<>();
        for (Value value : streams.appendPlainNorms(stream)) {
          own.add(new Activation(value, stream.width(), false));
        }
        if (!own.isEmpty()) {
          reads.put(stream, own);
          (stream.embeddings() ? embeddings : others).addAll(own);
        }
      }
    }
    Model measuring = streams.model().model();
    Map<Activation, LayerInputs> measured = new LinkedHashMap<>();
    measured.putAll(LayerInputs.measure(measuring, embeddings, calibration));
    measured.putAll(LayerInputs.measure(measuring, others, enough));
    Map<Stream, Directions> directions = new LinkedHashMap<>();
    reads.forEach((stream, own) -> directions.put(stream, of(stream, own, measured)));
    return new StreamDirections(streams, directions);
  }

  private static Directions of(
      Stream stream, List<Activation> own, Map<Activation, LayerInputs> measured) {
    int channels = stream.width();
    double[] sum = new double[channels * channels];
    for (Activation read : own) {
      double[] moments = Objects.requireNonNull(measured.get(read)).secondMoments(0).values();
      for (int i = 0; i < sum.length; i++) {
        sum[i] += moments[i];
      }
    }
    Matrix vectors = SymmetricEigen.of(Matrix.of(channels, channels, sum)).vectors();
    List<double[]> falling = new ArrayList<>();
    for (int k = 0; k < stream.directions(channels); k++) { // the last is the mean's, if any
      double[] vector = new double[channels];
      for (int i = 0; i < channels; i++) {
        vector[i] = vectors.at(i, k);
      }
      falling.add(vector);
    }
    return Directions.of(channels, falling);
  }
}
