package io.gohsp.train;

import io.gohsp.data.CorruptSamples;
import io.gohsp.data.ModelInputs;
import io.gohsp.data.Samples;
import io.gohsp.engine.FlatVector;
import io.gohsp.plan.InvalidOption;
import io.gohsp.verify.NoNumbers;
import io.gohsp.work.DamagedWork;
import io.gohsp.workers.Shards;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * The training loop. For each batch: loss and gradients, optimiser, and the step rule around it;
 * after each epoch a validation. With a work directory it writes checkpoints and continues from the
 * last one: the result has the same bytes as that of a run that was never interrupted.
 *
 * <pre>{@code
 * try (TrainableModel trainable = TrainableModel.of(model, objective, engine)) {
 *   Trainer.of(trainable, samples, Recipe.STANDARD).validating(held).in(work, 0, identity).train();
 * } // the model has the trained weights
 * }</pre>
 */
public final class Trainer {
  private static final String CHECKPOINT = "checkpoint.zip";

  /** Without an interval in steps there is a checkpoint whenever so much time has passed. */
  private static final long CHECKPOINT_NANOS = 60_000_000_000L;

  private final TrainableModel model;
  private final Samples samples;
  private final Recipe recipe;
  private @Nullable Samples validation;
  private @Nullable Evaluation start;
  private boolean countsStart;
  private StepRule rule = StepRule.NONE;
  private TrainingListener listener = TrainingListener.NONE;
  private @Nullable Replicas replicas;
  private @Nullable Path work;
  private int checkpointSteps;

  /** 0 to choose by sizes. */
  private int parts;

  private String identity = "";

  private Trainer(TrainableModel model, Samples samples, Recipe recipe) {
    this.model = model;
    this.samples = samples;
    this.recipe = recipe;
  }

  /** Trains a model on samples. */
  public static Trainer of(TrainableModel model, Samples samples, Recipe recipe) {
    return new Trainer(model, samples, recipe);
  }

  /**
   * Removes the checkpoint of a run that is over and whose result is kept elsewhere. The log stays.
   *
   * @param directory of the run; nothing happens if there is none
   * @throws IOException if it cannot be removed
   */
  public static void removeCheckpoint(Path directory) throws IOException {
    Files.deleteIfExists(directory.resolve(CHECKPOINT));
  }

  /** Measures on these after each epoch; without them the last weights are the result. */
  public Trainer validating(Samples held) {
    validation = held;
    return this;
  }

  /**
   * Counts the weights as they are among those that may be kept: where no epoch does better on
   * validation, they are the result.
   *
   * @param evaluation of the model as it is, on the validation samples
   */
  public Trainer startingAt(Evaluation evaluation) {
    start = evaluation;
    return this;
  }

  /**
   * {@link #startingAt} with what the weights come to on validation, which is measured first;
   * nothing happens without validation, or if they answer NaN.
   */
  public Trainer countingStart() {
    countsStart = true;
    return this;
  }

  /** Does more in each step. */
  public Trainer with(StepRule stepRule) {
    rule = stepRule;
    return this;
  }

  public Trainer telling(TrainingListener newListener) {
    listener = newListener;
    return this;
  }

  /**
   * Keeps checkpoint and log in a directory, and continues from what is there.
   *
   * @param directory made if it does not exist
   * @param steps updates between two checkpoints; 0 for one a minute
   * @param runIdentity what must be the same for a run to be continued
   */
  public Trainer in(Path directory, int steps, String runIdentity) {
    work = directory;
    checkpointSteps = steps;
    identity = runIdentity;
    return this;
  }

  /** Has others differentiate and validate; weights are updated and kept here. */
  public Trainer on(Replicas others) {
    replicas = others;
    return this;
  }

  /** Computes the gradients of a batch in so many runs, whatever its sizes. */
  Trainer inParts(int number) {
    parts = number;
    return this;
  }

  /**
   * Trains, and puts the resulting weights into the model.
   *
   * @throws TrainingException if the loss, a gradient or a weight becomes no finite number, or a
   *     checkpoint cannot be written
   * @throws io.gohsp.ir.ModelException.Unsupported if the loss or a gradient is none from the start
   * @throws DamagedWork if checkpoint or log are damaged
   * @throws io.gohsp.data.DataException if there are labels that the model has no score for
   * @throws InvalidOption if the recipe does not fit model or data, or the work directory belongs
   *     to another run
   */
  public TrainingResult train() {
    return new Run().train();
  }

  /** One run and all that lives as long. */
  private final class Run {
    private final ParameterStore store = model.store();
    private final Optimizer optimizer = recipe.optimizer().create(store);
    private final boolean keepsBest = recipe.keep() == Recipe.Keep.BEST && validation != null;
    private final RunWeights weights = new RunWeights(store, recipe.average(), keepsBest);
    private final @Nullable Evaluator evaluator =
        validation == null ? null : new Evaluator(model.objective(), validation, recipe.batch());
    private final CorruptSamples corrupt = new CorruptSamples(samples.dataset());
    private final @Nullable Checkpoint checkpoint = checkpoint();
    private Progress progress = begun();
    private long lastCheckpoint = System.nanoTime();
    private final Speed speed = new Speed();

    /** Updates in all epochs of the schedule. */
    private long steps;

    /** What a checkpoint says is what is gone on with. */
    private Progress begun() {
      Progress begun = new Progress();
      Teacher teacher = model.objective().teacher();
      // Means over the tokens that count are not means of such means.
      boolean whole = teacher != null && teacher.isPartial();
      begun.parts = parts > 0 ? parts : whole ? 1 : BatchParts.of(store.model(), recipe.batch());
      return begun;
    }

    private @Nullable Checkpoint checkpoint() {
      if (work == null) {
        return null;
      }
      Map<String, FlatVector> vectors = weights.with(optimizer.state());
      vectors.putAll(rule.state());
      return new Checkpoint(work.resolve(CHECKPOINT), identity, vectors);
    }

    TrainingResult train() {
      Objective.requireBatch(store.model(), recipe.batch());
      model.objective().requireClasses(samples.dataset());
      ModelInputs.requireFit(store.model(), samples);
      if (validation != null) {
        ModelInputs.requireFit(store.model(), validation);
      }
      listener.begun();
      rule.moments(optimizer.state().values());
      weights.begin();
      if (countsStart && evaluator != null) {
        Evaluation found = validated(evaluator, store.weights());
        start = Double.isNaN(found.loss()) ? null : found;
      }
      if (keepsBest && start != null) {
        weights.keepBest();
        progress.best = start;
      }
      if (work == null) {
        loop(null);
      } else {
        try (RunLog log = RunLog.in(work)) {
          resume(log);
          loop(log);
        }
      }
      store.writeBack(weights.result());
      int kept =
          keepsBest
              ? progress.epochs.stream()
                  .filter(EpochReport::best)
                  .mapToInt(EpochReport::epoch)
                  .max()
                  .orElse(0)
              : progress.epochs.size();
      return new TrainingResult(
          progress.epochs,
          kept,
          start,
          kept == 0 ? start : progress.epochs.get(kept - 1).validation(),
          progress.step,
          progress.parts,
          corrupt());
    }

    private List<String> corrupt() {
      return evaluator == null
          ? corrupt.all()
          : Stream.concat(corrupt.all().stream(), evaluator.corrupt().all().stream()).toList();
    }

    private void resume(RunLog log) {
      Checkpoint written = Objects.requireNonNull(checkpoint);
      Progress saved = written.read();
      if (saved != null) {
        progress = saved;
        weights.requireFinite(written.file());
        rule.restore(saved.memo);
        listener.resumed(progress.step);
      }
      log.cut(progress.logBytes, progress.logChecksum);
    }

    private void loop(@Nullable RunLog log) {
      if (progress.epochs.size() >= recipe.stopAfter() || isAtLimit()) {
        return;
      }
      try (GradientSource source = source()) {
        steps = recipe.updates(samples.dataset().size(), recipe.epochs());
        recipe.requireUpdates(samples.dataset().size());
        double loss = 0;
        int gathered = 0;
        while (source.next()) {
          gathered++;
          loss += backward(source, gathered == recipe.accumulate()) / recipe.accumulate();
          boolean passEnds = source.isLastOfEpoch();
          int epoch = source.epoch() + 1;
          speed.add(source.size());
          if (gathered == recipe.accumulate()) {
            update(epoch, loss, log);
            loss = 0;
            gathered = 0;
          }
          progress.position = source.position();
          boolean epochEnds = passEnds || isAtLimit();
          if (epochEnds) {
            endEpoch(epoch, log);
          }
          // In the middle of an update there is more state than a checkpoint has.
          if (gathered == 0 && isCheckpointDue(epochEnds)) {
            save(log);
          }
          if (isAtLimit()) {
            return;
          }
        }
      }
    }

    private GradientSource source() {
      int parts = replicas == null ? progress.parts : 1; // elsewhere they are added up there
      GradientAccumulator accumulator =
          new GradientAccumulator(store, parts * recipe.accumulate() > 1);
      return replicas != null
          ? new RemoteGradients(
              replicas,
              store,
              accumulator,
              recipe,
              samples.dataset().size(),
              progress.position,
              progress.parts,
              corrupt)
          : new LocalGradients(
              model,
              Replica.batches(samples, recipe)
                  .startingAt(progress.position)
                  .countingCorrupt(corrupt)
                  .open(),
              accumulator,
              progress.parts,
              recipe.accumulate());
    }

    /** Whether there are as many updates as there may be, though the pass is not over. */
    private boolean isAtLimit() {
      return recipe.steps() > 0 && progress.step >= recipe.steps();
    }

    private double backward(GradientSource source, boolean last) {
      GradientSource.Result result = source.backward(last);
      requireFinite(result.loss(), "the loss");
      progress.correct += result.correct();
      progress.samples += result.counted();
      progress.lossSum += result.loss();
      progress.batches++;
      return result.loss();
    }

    private void update(int epoch, double loss, @Nullable RunLog log) {
      rule.beforeUpdate(progress.step);
      double norm = Vectors.norm(store.gradients());
      requireFinite(norm, "a gradient");
      if (recipe.clip() > 0 && norm > recipe.clip()) {
        store.gradients().array().muli(recipe.clip() / norm);
      }
      double rate = rate();
      progress.rate = rate;
      optimizer.update(progress.step, rate, momentum());
      rule.afterUpdate(progress.step, rate);
      weights.follow();
      progress.step++;
      StepReport report =
          new StepReport(
              progress.step, steps, epoch, rate, loss, norm, speed.perSecond(), secondsLeft());
      listener.step(report);
      if (log != null) {
        log.write(report);
      }
    }

    private double secondsLeft() {
      double updates = (double) steps * recipe.stopAfter() / recipe.epochs() - progress.step;
      return updates * recipe.batch() * recipe.accumulate() / speed.perSecond();
    }

    /** Of the next update. */
    private double rate() {
      return recipe.rate() * recipe.schedule().factor(progress.step, steps, recipe.warmup());
    }

    /** Of the next update. */
    private double momentum() {
      return recipe.schedule().momentum(progress.step, steps, recipe.optimizer().momentum());
    }

    private void requireFinite(double value, String what) {
      if (Double.isFinite(value)) {
        return;
      }
      if (progress.step == 0) {
        throw NoNumbers.of(store.model(), what + " is no finite number before anything is trained");
      }
      String resume =
          checkpoint == null
              ? "there is no checkpoint, since no --work directory was given"
              : Files.exists(checkpoint.file())
                  ? "the last good checkpoint is " + checkpoint.file()
                  : "there was no checkpoint yet";
      throw new TrainingException(
          String.format(
              Locale.ROOT,
              "%s is no finite number at step %d (epoch %d), with a learning rate of %.3g; %s; train"
                  + " with a smaller --lr, a longer --warmup or a smaller --clip",
              what,
              progress.step + 1,
              progress.position.epoch() + 1,
              progress.rate, // the update before is to blame
              resume));
    }

    /** The last update may have gone too far, which no loss has shown yet. */
    private void requireFiniteWeights() {
      requireFinite(Vectors.norm(store.weights()), "a weight");
    }

    private Evaluation validated(Evaluator evaluator, FlatVector flat) {
      Replicas others = replicas;
      return evaluator.evaluate(
          inputs -> model.forward(flat, inputs),
          others == null
              ? Shards.HERE
              : (count, here) ->
                  evaluator.joined(others.validation(FloatBytes.of(flat.floats()), count)));
    }

    private void endEpoch(int epoch, @Nullable RunLog log) {
      requireFiniteWeights();
      Evaluation evaluation = evaluator == null ? null : validated(evaluator, weights.current());
      if (evaluation != null && Double.isNaN(evaluation.loss())) {
        requireFinite(evaluation.loss(), "the validation loss");
      }
      boolean isBest =
          evaluation != null && (progress.best == null || evaluation.isBetterThan(progress.best));
      if (isBest) {
        progress.best = evaluation;
        weights.keepBest();
      }
      EpochReport report =
          new EpochReport(
              epoch,
              progress.step,
              progress.rate,
              progress.lossSum / progress.batches,
              progress.samples == 0 ? Double.NaN : (double) progress.correct / progress.samples,
              evaluation,
              isBest);
      progress.epochs.add(report);
      progress.beginEpoch();
      listener.epoch(report);
      if (log != null) {
        log.write(report);
      }
      speed.restart();
    }

    private boolean isCheckpointDue(boolean epochEnds) {
      return epochEnds
          || (checkpointSteps > 0
              ? progress.step % checkpointSteps == 0
              : System.nanoTime() - lastCheckpoint > CHECKPOINT_NANOS);
    }

    private void save(@Nullable RunLog log) {
      if (checkpoint == null) {
        return;
      }
      progress.memo = rule.memo();
      requireFiniteWeights();
      progress.logBytes = log == null ? 0 : log.keep();
      progress.logChecksum = log == null ? 0 : log.checksum();
      try {
        checkpoint.write(progress);
      } catch (IOException e) {
        throw new TrainingException(
            "the checkpoint of step %d cannot be written: %s; %s"
                .formatted(
                    progress.step,
                    e.getMessage(),
                    Files.exists(checkpoint.file())
                        ? checkpoint.file() + " is as it was before"
                        : "there was none before"),
            e);
      }
      lastCheckpoint = System.nanoTime();
    }
  }
}
