package io.gohsp.pipeline;

import io.gohsp.data.Augmentation;
import io.gohsp.data.ModelData;
import io.gohsp.data.ModelInputs;
import io.gohsp.data.Samples;
import io.gohsp.data.Splits;
import io.gohsp.engine.Engine;
import io.gohsp.equivalence.Provenance;
import io.gohsp.ir.Model;
import io.gohsp.ir.ValueType;
import io.gohsp.linear.TokenMask;
import io.gohsp.train.Objective;
import io.gohsp.train.Recipe;
import io.gohsp.train.Replica;
import io.gohsp.train.Replicas;
import io.gohsp.train.Teacher;
import io.gohsp.train.Teaching;
import io.gohsp.train.TrainableModel;
import io.gohsp.train.Trainer;
import io.gohsp.train.TrainingListener;
import io.gohsp.train.TrainingResult;
import io.gohsp.work.Fingerprint;
import java.nio.file.Path;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Training of a model by itself: on labels, towards another model, or both. */
public final class TrainingRun {
  private final Model model;
  private final @Nullable Model teacher;
  private final ModelData data;
  private final Recipe recipe;
  private final Teaching teaching;
  private final Engine engine;
  private final Samples samples;
  private final Samples held;
  private @Nullable Path work;
  private int checkpointSteps;
  private @Nullable Replicas replicas;

  /**
   * Puts a run together.
   *
   * @param model what is trained; its weights become the result
   * @param teacher whose outputs are learnt; null if labels alone are
   * @param data opened for the model; the caller's to close
   * @param recipe how is trained; its seed is that of the validation part, too
   * @param engine what executes training
   * @throws io.gohsp.data.DataException if the samples do not fit the model
   */
  public TrainingRun(
      Model model,
      @Nullable Model teacher,
      ModelData data,
      Recipe recipe,
      Teaching teaching,
      Engine engine) {
    this.model = model;
    this.teacher = teacher;
    this.data = data;
    this.recipe = recipe;
    this.teaching = teaching;
    this.engine = engine;
    Splits splits = Splits.of(data.source(), 0, recipe.seed());
    Map<String, ValueType> inputs = ModelInputs.of(model);
    samples = data.samples(splits.train(), inputs, teaching.augmentation());
    held = data.samples(splits.validation(), inputs, Augmentation.NONE);
  }

  /**
   * Keeps checkpoints and a log in a directory, and goes on from what is there.
   *
   * @param steps updates between two checkpoints; 0 for one a minute
   */
  public TrainingRun in(@Nullable Path directory, int steps) {
    work = directory;
    checkpointSteps = steps;
    return this;
  }

  /** Has others differentiate and validate, by {@link #replica}. */
  public TrainingRun on(Replicas others) {
    replicas = others;
    return this;
  }

  /**
   * Trains.
   *
   * @throws io.gohsp.plan.InvalidOption if there is nothing to learn from, the recipe does not fit
   *     model or data, or the work directory belongs to another run
   * @throws io.gohsp.ir.ModelException.Unsupported if the model cannot be trained, or there are
   *     labels but no class scores
   * @throws io.gohsp.data.DataException if the data cannot be used
   * @throws io.gohsp.train.TrainingException if loss, gradients or weights are no finite numbers
   */
  public TrainedModel run(TrainingListener listener) {
    try (@Nullable Teacher taught = teacher();
        TrainableModel trainable = TrainableModel.of(model, objective(taught), engine)) {
      Trainer trainer =
          Trainer.of(trainable, samples, recipe).validating(held).countingStart().telling(listener);
      if (work != null) {
        trainer.in(work, checkpointSteps, identity());
      }
      if (replicas != null) {
        trainer.on(replicas);
      }
      TrainingResult result = trainer.train();
      Provenance.addTraining(model, result.steps());
      data.record(model);
      return new TrainedModel(model, result, trainable.store().size());
    }
  }

  /** The model as it is trained here, for a process that only differentiates and validates. */
  public Replica replica() {
    return new Replica(
        TrainableModel.of(model, objective(teacher()), engine), samples, held, recipe);
  }

  private @Nullable Teacher teacher() {
    return teacher == null
        ? null
        : Teacher.of(
            teacher, model, Objective.taught(model), engine, TokenMask.of(teacher, data.mask()));
  }

  private Objective objective(@Nullable Teacher taught) {
    Objective objective =
        Objective.of(
            model,
            data.source().isLabelled(),
            teaching.augmentation().mixup() > 0,
            teaching.smoothing(),
            taught,
            teaching.distillation(Objective.Distillation.STANDARD));
    if (objective.classes() > 0) {
      data.source().requireClasses(objective.classes());
    }
    return objective;
  }

  /** Everything that has a part in the result; where it stops need not stay the same. */
  private String identity() {
    return "gohsp: %s; model: %s; data: %s; recipe: %s; teaching: %s; teacher: %s; engine: %s"
        .formatted(
            Provenance.version(),
            Fingerprint.of(model),
            data.identity(),
            recipe.withStopAfter(recipe.epochs()),
            teaching,
            teacher == null ? "none" : Fingerprint.of(teacher),
            engine.identity());
  }
}
