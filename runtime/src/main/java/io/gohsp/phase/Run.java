package io.gohsp.phase;

import io.gohsp.calibration.Calibration;
import io.gohsp.data.ModelInputs;
import io.gohsp.data.Samples;
import io.gohsp.equivalence.UserSamples;
import io.gohsp.equivalence.Verification;
import io.gohsp.ir.Model;
import io.gohsp.method.Evidence;
import io.gohsp.plan.PruningPlan;
import io.gohsp.study.Study;
import io.gohsp.train.Evaluation;
import io.gohsp.train.Evaluator;
import io.gohsp.train.Objective;
import io.gohsp.train.Recipe;
import io.gohsp.train.Supervision;
import io.gohsp.train.Teacher;
import io.gohsp.train.TrainableModel;
import io.gohsp.train.Trainer;
import io.gohsp.verify.GivenSamples;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** What all phases of a run share. To be closed: it holds the teacher. */
public final class Run implements AutoCloseable {
  private final Material material;
  private final Supervision supervision;
  private final Verification verification;
  private final int batch;
  private final Work work;
  private final RunListener listener;
  private final @Nullable Teacher teacher;
  private @Nullable Evaluator evaluator;

  /**
   * Makes the teacher ready.
   *
   * @param supervision what is trained towards, and measured by where there are no labels
   * @param verification how the cut is verified
   * @param batch samples in a run of evaluation
   */
  public Run(
      Material material,
      Supervision supervision,
      Verification verification,
      int batch,
      Work work,
      RunListener listener) {
    this.material = material;
    this.supervision = supervision;
    this.verification = verification;
    this.batch = batch;
    this.work = work;
    this.listener = listener;
    Model original = material.original();
    this.teacher =
        supervision.taught()
            ? supervision.teacher(
                original, material.engine(), material.calibration().tokens(original))
            : null;
  }

  Model original() {
    return material.original();
  }

  Calibration calibration() {
    return material.calibration();
  }

  Verification verification() {
    return verification;
  }

  Work work() {
    return work;
  }

  RunListener listener() {
    return listener;
  }

  boolean isLabelled() {
    return material.isLabelled();
  }

  /** What a method may look at in a model. */
  Evidence evidence(Model model) {
    return Study.evidence(model, calibration(), isLabelled(), listener::doing);
  }

  /** A model that can be trained; to be closed, by which time it has the trained weights. */
  TrainableModel trainable(Model model) {
    return TrainableModel.of(model, objective(model), material.engine());
  }

  private Objective objective(Model model) {
    return supervision.objective(model, isLabelled(), teacher);
  }

  /** Training samples, made ready for a model. */
  Samples samples(Model model) {
    return material
        .preparation()
        .samples(material.splits().train(), ModelInputs.of(model), supervision.augmentation());
  }

  /** A few calibration samples, for comparisons of models beside random ones. */
  List<GivenSamples> given(Model model) {
    return UserSamples.first(model, calibration().samples().apply(ModelInputs.of(model)));
  }

  private Samples held(Model model) {
    return material.held().samples().apply(ModelInputs.of(model));
  }

  /**
   * Trains, and goes on where an earlier call with the same work directory was.
   *
   * @param phase what its directory there is called
   * @param decided the plan that the model follows from
   */
  Trainer trainer(
      String phase, PruningPlan decided, TrainableModel trainable, Samples samples, Recipe recipe) {
    Trainer trainer =
        Trainer.of(trainable, samples, recipe)
            .validating(held(trainable.store().model()))
            .telling(listener.training());
    return work.resuming(trainer, phase, decided);
  }

  /** How well a model does on the validation part. */
  Evaluation evaluate(Model model) {
    listener.doing("measuring accuracy");
    Objective objective = objective(model);
    evaluator =
        evaluator == null
            ? new Evaluator(objective, held(model), batch)
            : evaluator.with(objective);
    evaluator.telling(listener::measured);
    return new Evaluations(material.held(), material.engine(), batch)
        .of(model, evaluator, isLabelled() ? null : original());
  }

  @Override
  public void close() {
    if (teacher != null) {
      teacher.close();
    }
  }
}
