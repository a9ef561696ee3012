package io.gohsp.ranking;

import io.gohsp.calibration.Calibration;
import io.gohsp.calibration.CalibrationSize;
import io.gohsp.data.Augmentation;
import io.gohsp.data.Dataset;
import io.gohsp.data.ModelData;
import io.gohsp.data.Samples;
import io.gohsp.data.Splits;
import io.gohsp.ir.Model;
import io.gohsp.ir.ValueType;
import io.gohsp.normalize.WorkingModel;
import io.gohsp.ort.OrtOptions;
import io.gohsp.plan.InvalidOption;
import io.gohsp.rank.HeadGraph;
import io.gohsp.selection.Importance;
import io.gohsp.selection.MagnitudeImportance;
import io.gohsp.workers.Shards;
import java.util.Map;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** Ranks the heads of a model on samples, as {@code gohsp rank} does. */
public final class HeadStudy {
  private final Model model;
  private final WorkingModel working;
  private final HeadGraph graph;
  private final Dataset calibration;
  private final Function<Map<String, ValueType>, Samples> samples;
  private final RankSettings settings;
  private final OrtOptions options;

  /**
   * Makes everything ready.
   *
   * @param data opened for the model
   * @param count of samples, from the train part; null for {@link CalibrationSize#RANKING}, or what
   *     there is
   * @param seed of the choice of samples
   * @param options how ONNX Runtime runs the model
   * @throws InvalidOption if fewer than one sample was asked for
   * @throws io.gohsp.ir.ModelException.NothingToPrune if no block has heads
   * @throws io.gohsp.ir.ModelException.Unsupported if the heads of a block cannot be compared
   */
  public HeadStudy(
      Model model,
      ModelData data,
      @Nullable Integer count,
      long seed,
      RankSettings settings,
      OrtOptions options) {
    if (count != null && count < 1) {
      throw new InvalidOption("--samples " + count + " compares nothing; give 1 or more");
    }
    this.model = model;
    this.settings = settings;
    this.options = options;
    working = WorkingModel.forSamples(model);
    graph = HeadGraph.of(model, settings.similarity(), settings.rows(), data.mask());
    int size = CalibrationSize.of(data.source(), count, CalibrationSize.RANKING);
    calibration = Splits.of(data.source(), size, seed).calibration();
    samples = inputs -> data.samples(calibration, inputs, Augmentation.NONE);
  }

  /** How many samples heads are compared on. */
  public int samples() {
    return calibration.size();
  }

  /** What is added up over samples, for a process that computes a part. */
  public Shards.Summing summing() {
    return HeadRanker.summing(graph, samples, settings.batch(), options);
  }

  /**
   * Compares and ranks.
   *
   * @param shards of which others than this process may compute some
   * @throws io.gohsp.data.DataException if the samples cannot be used
   * @throws io.gohsp.ir.ModelException.Unsupported if the model answers NaN
   */
  public HeadRankings ranked(Shards shards) {
    Answers.require(model, new Calibration(samples, settings.batch(), options, 0));
    HeadSimilarities similarities =
        HeadRanker.measure(graph, samples, settings.batch(), options, shards);
    Importance scores =
        settings.order().by().needsScores() ? MagnitudeImportance.of(working) : null;
    return new HeadRankings(
        similarities.samples(),
        RankedBlock.of(working, similarities, settings.chains(), settings.order(), scores));
  }
}
