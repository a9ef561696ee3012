package io.gohsp.train;

import io.gohsp.data.Batches;
import io.gohsp.data.CorruptSamples;
import io.gohsp.data.DataException;
import io.gohsp.data.LastBatch;
import io.gohsp.data.Position;
import io.gohsp.data.Samples;
import java.util.ArrayList;
import java.util.List;

/**
 * A model in training without an optimiser: computes the gradients of any batch, and how well it
 * does on any validation samples, by weights that it is given. Which samples a batch has depends on
 * its place and the recipe alone, so that any number of replicas share the batches of a run without
 * a word. Safe for use by several threads, one after the other.
 */
public final class Replica {
  private final TrainableModel model;
  private final Samples samples;
  private final Samples validation;
  private final Recipe recipe;

  /** A replica of a run with the same model, samples and recipe. */
  public Replica(TrainableModel model, Samples samples, Samples validation, Recipe recipe) {
    this.model = model;
    this.samples = samples;
    this.validation = validation;
    this.recipe = recipe;
  }

  /**
   * The gradients of a batch.
   *
   * @param weights in the order of {@link ParameterStore#weights}, FLOAT, little-endian
   * @param parts runs that it takes
   * @throws DataException if no sample of the batch can be read
   */
  public synchronized BatchGradient gradient(byte[] weights, Position position, int parts) {
    ParameterStore store = model.store();
    FloatBytes.put(weights, store.weights().floats());
    CorruptSamples corrupt = new CorruptSamples(samples.dataset());
    GradientAccumulator accumulator = new GradientAccumulator(store, parts > 1);
    Batches batches =
        batches(samples, recipe).startingAt(position).countingCorrupt(corrupt).threads(1, 0).open();
    try (LocalGradients source = new LocalGradients(model, batches, accumulator, parts, 1)) {
      if (!source.next() || !source.at().equals(position)) {
        throw new DataException(
            "data",
            "no sample of batch %d of epoch %d can be read"
                .formatted(position.step() + 1, position.epoch() + 1),
            "repair or remove the files");
      }
      GradientSource.Result result = source.backward(true);
      return new BatchGradient(
          result.loss(),
          result.correct(),
          result.counted(),
          source.size(),
          FloatBytes.of(store.gradients().floats()),
          corrupt.reasons());
    }
  }

  /**
   * What validation samples add up to.
   *
   * @param weights likewise
   * @param from the first of their shards
   * @param to behind the last
   */
  public synchronized ValidationSums validation(byte[] weights, int from, int to) {
    ParameterStore store = model.store();
    FloatBytes.put(weights, store.weights().floats());
    Evaluator evaluator = new Evaluator(model.objective(), validation, recipe.batch());
    List<double[]> sums =
        evaluator.summing(inputs -> model.forward(store.weights(), inputs)).sums(from, to);
    return new ValidationSums(new ArrayList<>(sums), evaluator.corrupt().reasons());
  }

  /** The batches of a run. */
  static Batches.Options batches(Samples samples, Recipe recipe) {
    return Batches.of(samples, recipe.batch())
        .shuffled(recipe.seed())
        .last(LastBatch.DROP)
        .epochs(recipe.stopAfter())
        .epochSize(recipe.samplesOf(samples.dataset().size()));
  }
}
