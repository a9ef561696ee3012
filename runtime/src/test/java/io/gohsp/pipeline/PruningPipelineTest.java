package io.gohsp.pipeline;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;
import static org.assertj.core.api.Assertions.withinPercentage;

import io.gohsp.calibration.Calibration;
import io.gohsp.create.VitArchitecture;
import io.gohsp.create.VitBuilder;
import io.gohsp.data.Augmentation;
import io.gohsp.data.DataException;
import io.gohsp.data.DataSource;
import io.gohsp.data.Dataset;
import io.gohsp.data.Datasets;
import io.gohsp.data.ModelInputs;
import io.gohsp.data.Preparation;
import io.gohsp.data.Splits;
import io.gohsp.engine.OrtEngine;
import io.gohsp.equivalence.Verification;
import io.gohsp.io.OnnxWriter;
import io.gohsp.ir.Model;
import io.gohsp.latency.LatencySettings;
import io.gohsp.method.Gohsp;
import io.gohsp.method.Methods;
import io.gohsp.method.TrainedMethod;
import io.gohsp.ort.OrtOptions;
import io.gohsp.phase.Material;
import io.gohsp.phase.Part;
import io.gohsp.phase.RunListener;
import io.gohsp.phase.TrainedPhase;
import io.gohsp.phase.Tune;
import io.gohsp.phase.Work;
import io.gohsp.plan.InvalidOption;
import io.gohsp.rank.HeadOrder;
import io.gohsp.rank.HeadRanking;
import io.gohsp.recover.RecoverySettings;
import io.gohsp.selection.Budget;
import io.gohsp.selection.SelectionOptions;
import io.gohsp.selection.SelectionOptions.Allocation;
import io.gohsp.selection.SelectionOptions.Floors;
import io.gohsp.selection.Share;
import io.gohsp.selection.Width;
import io.gohsp.soft.Remaining;
import io.gohsp.study.Goal;
import io.gohsp.study.MaxDrop;
import io.gohsp.train.ClassCountsTest;
import io.gohsp.train.Evaluation;
import io.gohsp.train.Objective;
import io.gohsp.train.Recipe;
import io.gohsp.train.StepReport;
import io.gohsp.train.Supervision;
import io.gohsp.train.TrainableModel;
import io.gohsp.train.Trainer;
import io.gohsp.train.TrainingListener;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

class PruningPipelineTest {
  private static final int DIM = 16;

  /** Four heads of four columns, so that no group is alone in its kind. */
  private static final VitArchitecture TINY = new VitArchitecture(8, 1, 4, DIM, 2, 4, 24, 10);

  private static final Goal HALF = Goal.of(Budget.params("0.6"));
  private static final OrtOptions ORT = OrtOptions.DEFAULT.withThreads(1).withDeterministic(true);

  @TempDir Path directory;

  private static Model model() {
    return VitBuilder.build(TINY, 1);
  }

  /** Few digits: what is tested is not what is learnt. */
  private static Splits splits() {
    try (DataSource source = Datasets.open(Datasets.DIGITS)) {
      Dataset train = Splits.of(source, 0, 0).train();
      return new Splits(part(train, 0, 640), part(train, 640, 100), part(train, 0, 16));
    }
  }

  private static Dataset part(Dataset dataset, int first, int count) {
    int[] indices = new int[count];
    Arrays.setAll(indices, i -> first + i);
    return dataset.subset(indices);
  }

  private static @Nullable Recipe epochs(Recipe recipe, int epochs) {
    return epochs == 0 ? null : recipe.withEpochs(epochs).withBatch(32).withRate(2e-3);
  }

  private static PruningSettings settings(
      Goal goal, TrainedMethod method, int soft, int tune, boolean taught) {
    return new PruningSettings(
        method,
        goal,
        true,
        null,
        new PruningSettings.Training(
            epochs(PruningDefaults.TRAINING, soft),
            epochs(PruningDefaults.TRAINING, tune),
            false,
            new Supervision(taught, Objective.Distillation.STANDARD, 0, Augmentation.NONE)),
        new Verification(2, 0, java.util.Map.of(), io.gohsp.ort.Device.CPU, 1),
        new PruningSettings.Origin("a command", 0, "some digits"));
  }

  private static PruningPipeline pipeline(PruningSettings settings) {
    return pipeline(model(), settings);
  }

  private static PruningPipeline pipeline(Model model, PruningSettings settings) {
    Splits splits = splits();
    Calibration calibration =
        new Calibration(
            inputs -> Preparation.STANDARD.samples(splits.calibration(), inputs, Augmentation.NONE),
            Calibration.BATCH,
            ORT,
            0);
    return new PruningPipeline(
        new Material(model, splits, Preparation.STANDARD, calibration, new OrtEngine(ORT)),
        settings);
  }

  @Test
  void labelsWithoutAScoreAreRefused() {
    assertThatThrownBy(
            () ->
                pipeline(
                        ClassCountsTest.fourClasses(),
                        settings(HALF, PruningDefaults.METHOD, 1, 1, true))
                    .run())
        .isInstanceOf(DataException.class)
        .hasMessageContaining("10 classes, but the model tells 4 apart");
  }

  private byte[] bytes(Model model) throws IOException {
    Path file = directory.resolve("bytes.onnx");
    OnnxWriter.write(model, file);
    return Files.readAllBytes(file);
  }

  /** METHOD.md 8.5. */
  @Test
  void whatGoesIsSmallBeforeItIsCut() {
    PruningResult result = pipeline(settings(HALF, PruningDefaults.METHOD, 4, 0, true)).run();

    TrainedPhase soft = result.phases().get(0);
    List<Remaining> history = List.copyOf(soft.remaining().values());
    assertThat(history).hasSizeGreaterThanOrEqualTo(20);
    assertThat(history.get(0).worst()).isGreaterThan(0.5);
    assertThat(history.get(history.size() - 1).worst()).isBetween(1e-6, 1e-2);
    // Groups below a hundredth of the others cannot move a loss of about two by more than as much.
    Evaluation before = soft.training().evaluation();
    assertThat(Math.abs(result.outcome().atCut().loss() - before.loss())).isLessThan(1e-2);
    assertThat(result.cut().passed()).isTrue();
    assertThat(result.model().metadata())
        .containsEntry("gohsp.trained", Long.toString(soft.training().steps()))
        .containsEntry("gohsp.command", "a command");
  }

  /** METHOD.md 8.6: below the budget, and by less than the finest unit, a neuron, costs. */
  @ParameterizedTest
  @ValueSource(strings = {"0.8", "0.5", "0.4"})
  void budgetIsMetWithinOneUnit(String part) {
    PruningResult result =
        pipeline(settings(Goal.of(Budget.params(part)), PruningDefaults.METHOD, 1, 0, true)).run();

    double limit = result.before().params() * Double.parseDouble(part);
    assertThat((double) result.after().params()).isBetween(limit - (2 * DIM + 1), limit);
    assertThat(result.plan().provenance()).containsEntry("method", "gohsp");
  }

  /** METHOD.md 8.5: with everything kept, soft training is training. */
  @Test
  void withNothingToRemoveItIsPlainTraining() throws IOException {
    Goal everything =
        Goal.of(SelectionOptions.of(null, null, null, Share.parse("neurons", "100%")));
    PruningSettings settings = settings(everything, PruningDefaults.METHOD, 2, 0, false);
    PruningResult result = pipeline(settings).run();
    assertThat(result.plan().isEmpty()).isTrue();

    Model plain = model();
    Splits splits = splits();
    try (TrainableModel trainable =
        TrainableModel.of(
            plain,
            Objective.of(plain, true, false, 0, null, Objective.Distillation.STANDARD),
            new OrtEngine(ORT))) {
      Trainer.of(
              trainable,
              Preparation.STANDARD.samples(
                  splits.train(), ModelInputs.of(plain), Augmentation.NONE),
              Objects.requireNonNull(settings.training().soft()).keeping(Recipe.Keep.LAST))
          .train();
    }

    result.model().metadata().clear();
    assertThat(bytes(result.model())).isEqualTo(bytes(plain));
  }

  /** Stops a run as a kill would, without the wait. */
  private static final class Stop extends RuntimeException {
    private static final long serialVersionUID = 1L;
  }

  private static TrainingListener stepping(Consumer<StepReport> steps) {
    return new TrainingListener() {
      @Override
      public void step(StepReport report) {
        steps.accept(report);
      }
    };
  }

  private static RunListener stoppingAfter(int updates) {
    AtomicInteger seen = new AtomicInteger();
    return RunListener.of(
        phase -> {},
        stepping(
            report -> {
              if (seen.incrementAndGet() == updates) {
                throw new Stop();
              }
            }));
  }

  /** 20 updates an epoch: in the second epoch of each phase, where checkpoints are there. */
  @Test
  void goesOnInAnyPhase() throws IOException {
    PruningSettings settings = settings(HALF, PruningDefaults.METHOD, 3, 2, true);
    PruningResult calm = pipeline(settings).run();

    Path work = directory.resolve("work");
    for (int updates : new int[] {27, 60}) {
      PruningPipeline stopped =
          pipeline(settings).in(new Work(work, "data: same")).telling(stoppingAfter(updates));
      assertThatThrownBy(stopped::run).isInstanceOf(Stop.class);
    }
    assertThat(work.resolve("tune")).exists();
    List<String> phases = new java.util.ArrayList<>();
    PruningResult result =
        pipeline(settings)
            .in(new Work(work, "data: same"))
            .telling(RunListener.of(phases::add, TrainingListener.NONE))
            .run();

    assertThat(bytes(result.model())).isEqualTo(bytes(calm.model()));
    assertThat(phases).doesNotContain("comparing heads");
    assertThat(result.plan()).isEqualTo(calm.plan());
    assertThat(result.outcome().dense()).isEqualTo(calm.outcome().dense());
    assertThat(result.outcome().last()).isEqualTo(calm.outcome().last());
    assertThat(result.phases().get(0).remaining()).isEqualTo(calm.phases().get(0).remaining());
    assertThat(result.phases())
        .extracting(p -> p.training().epochs())
        .hasSize(2)
        .isEqualTo(calm.phases().stream().map(p -> p.training().epochs()).toList());
    assertThat(result.choice().heads()).hasSameSizeAs(calm.choice().heads());
    assertThat(result.choice().heads().get(1).chain().stationary())
        .containsExactly(calm.choice().heads().get(1).chain().stationary());

    PruningPipeline other = pipeline(settings).in(new Work(work, "data: another"));
    assertThatThrownBy(other::run)
        .isInstanceOf(InvalidOption.class)
        .hasMessageContaining(
            "is of another run; give another --work", "data: another now, same then");
  }

  /** 20 updates an epoch. The checkpoint that is gone on from lies within a round. */
  @ParameterizedTest
  @ValueSource(strings = {"sgmp", "taylor", "ssp", "s2vite", "somp"})
  void otherMethodsCutAsMuchAndGoOn(String name) throws IOException {
    TrainedMethod method = Methods.trained(name, 0);
    PruningSettings settings = settings(HALF, method, 3, 2, true);
    PruningResult calm = pipeline(settings).run();

    double limit = calm.before().params() * 0.6;
    assertThat((double) calm.after().params()).isBetween(limit - (2 * DIM + 1), limit);
    assertThat(calm.plan().provenance()).containsEntry("method", name);
    assertThat(calm.cut().passed()).isTrue();
    assertThat(calm.trained()).isEqualTo(method.isGradual() ? 100 : 40);
    assertThat(calm.phases()).allSatisfy(phase -> assertThat(phase.remaining()).isEmpty());
    if (method.isGradual()) {
      // What goes had no part in the model before it was cut either.
      Evaluation before = calm.phases().get(0).training().evaluation();
      assertThat(calm.outcome().atCut().loss()).isCloseTo(before.loss(), within(1e-5));
    }

    Path work = directory.resolve("work");
    PruningPipeline stopped =
        pipeline(settings).in(new Work(work, "data: same")).telling(stoppingAfter(27));
    assertThatThrownBy(stopped::run).isInstanceOf(Stop.class);
    PruningResult result = pipeline(settings).in(new Work(work, "data: same")).run();

    assertThat(result.plan()).isEqualTo(calm.plan());
    assertThat(bytes(result.model())).isEqualTo(bytes(calm.model()));
  }

  @ParameterizedTest
  @CsvSource({
    "gohsp,0,8",
    "sgmp,4,4",
    "taylor,4,4",
    "s2vite,6,2",
    "ssp,0,8",
    "somp,0,8",
    "random,0,8"
  })
  void allMethodsTrainAsLong(String name, int soft, int tune) {
    TrainedMethod method = name.equals("gohsp") ? PruningDefaults.METHOD : Methods.trained(name, 0);
    assertThat(PruningDefaults.softEpochs(method)).isEqualTo(soft);
    assertThat(PruningDefaults.tuneEpochs(soft)).isEqualTo(tune);
  }

  /** Twice as much to repair, twice the rate, from next to nothing up to the recipe's. */
  @Test
  void gentleTrainingIsInProportionToWhatIsToBeRepaired() {
    PruningSettings plain = settings(HALF, PruningDefaults.METHOD, 0, 1, true);
    PruningSettings gentle =
        new PruningSettings(
            plain.method(),
            plain.goal(),
            true,
            RecoverySettings.STANDARD,
            new PruningSettings.Training(
                null,
                plain.training().tune(),
                true,
                Supervision.by(PruningDefaults.distillation(true))),
            plain.verification(),
            plain.origin());
    List<Double> rates = new ArrayList<>();
    List<Part> parts = new ArrayList<>();
    PruningResult result =
        pipeline(gentle)
            .telling(
                new RunListener() {
                  @Override
                  public void begins(Part part) {
                    parts.add(part);
                  }

                  @Override
                  public TrainingListener training() {
                    return stepping(report -> rates.add(report.rate()));
                  }
                })
            .run();

    double error = Objects.requireNonNull(result.outcome().recovered()).error();
    double peak = Objects.requireNonNull(plain.training().tune()).rate() * Tune.repairRate(error);
    assertThat(error).isStrictlyBetween(0.0, 1.0);
    assertThat(rates).hasSize(20);
    assertThat(parts.stream().distinct())
        .as("what is told about how long is left knows every phase")
        .containsExactly(Part.ORIGINAL, Part.STUDY, Part.CUT, Part.RECOVER, Part.TUNE)
        .isSorted();
    Workload work = Workload.of(gentle, splits());
    assertThat(work.of(Part.ORIGINAL)).isEqualTo(100);
    assertThat(work.of(Part.STUDY)).isEqualTo(6 * 16);
    assertThat(work.of(Part.RECOVER)).isEqualTo(3 * 16 + 100);
    assertThat(work.of(Part.TUNE)).isEqualTo(4 * 640 + 100);
    assertThat(work.after(Part.CUT)).isEqualTo(148 + 2660);
    // The warm-up is as long as the training.
    assertThat(rates.get(19)).isCloseTo(peak * 20 / 21, withinPercentage(1e-6));
    assertThat(Tune.repairRate(1)).isEqualTo(1);
    assertThat(Tune.repairRate(0.04)).isCloseTo(2 * Tune.repairRate(0.02), withinPercentage(1e-6));
    assertThat(Tune.repairRate(0)).isPositive();
  }

  /** Each of six sizes is planned by two widths of the stream, corrected and measured. */
  @Test
  void sizesThatAreTriedAreCounted() {
    PruningSettings plain = settings(HALF, PruningDefaults.METHOD, 0, 0, true);
    MaxDrop drop = MaxDrop.parse("--max-drop", "1", MaxDrop.Smallest.PARAMS);
    for (Width width : List.of(Width.KEEP, Width.STANDARD)) {
      Goal goal =
          new Goal(
              null,
              null,
              null,
              null,
              null,
              null,
              drop,
              LatencySettings.STANDARD,
              Allocation.KNAPSACK,
              null,
              List.of(),
              Floors.ONE,
              List.of(),
              width);
      PruningSettings searching =
          new PruningSettings(
              plain.method(),
              goal,
              true,
              RecoverySettings.STANDARD,
              plain.training(),
              plain.verification(),
              plain.origin());
      int planning = width.keepsAll() ? 0 : 2 * 16;
      assertThat(Workload.of(searching, splits()).of(Part.TRIALS))
          .isEqualTo(6 * (planning + 3 * 16 + 100));
    }
  }

  /** Little time is for the teacher alone, more for labels, too. */
  @Test
  void briefTrainingHasNoLabels() {
    assertThat(PruningDefaults.isBrief(12_800, 50_000)).isTrue();
    assertThat(PruningDefaults.isBrief(400_000, 50_000)).isFalse();
    assertThat(PruningDefaults.distillation(true).weight()).isEqualTo(1);
    assertThat(PruningDefaults.distillation(false)).isEqualTo(Objective.Distillation.STANDARD);
  }

  /** METHOD.md 8.8. */
  @Test
  void sameSeedSamePlanSameBytes() throws IOException {
    PruningSettings settings = settings(HALF, PruningDefaults.METHOD, 1, 1, true);
    PruningResult one = pipeline(settings).run();
    PruningResult other = pipeline(settings).run();

    assertThat(one.plan()).isEqualTo(other.plan());
    assertThat(bytes(one.model())).isEqualTo(bytes(other.model()));
  }

  @ParameterizedTest
  @EnumSource(HeadOrder.class)
  void everyRankingMakesAPlan(HeadOrder order) {
    Gohsp standard = PruningDefaults.METHOD;
    Gohsp method =
        new Gohsp(
            standard.similarity(),
            standard.chains(),
            new HeadRanking.Options(order, false, 1, 0),
            standard.soft());

    PruningResult result = pipeline(settings(HALF, method, 0, 0, true)).run();

    assertThat(result.plan().provenance()).containsEntry("ranking", order.id());
    assertThat(result.choice().heads()).hasSize(order.needsSimilarity() ? 2 : 0);
    // Not trained at all, so that it still equals the masked original.
    assertThat(result.model().metadata()).doesNotContainKey("gohsp.trained");
    assertThat(
            Verification.STANDARD
                .compare(result.original(), result.plan(), result.cut().mode(), result.model())
                .passed())
        .isTrue();
  }

  @Test
  void saysWhenNothingSaysHowMuchIsToStay() {
    Goal nothing =
        new Goal(
            null,
            null,
            null,
            null,
            null,
            null,
            null,
            HALF.latencySettings(),
            HALF.allocation(),
            null,
            List.of(),
            HALF.floors(),
            List.of(),
            Width.KEEP);
    assertThatThrownBy(() -> settings(nothing, PruningDefaults.METHOD, 1, 1, true))
        .isInstanceOf(InvalidOption.class)
        .hasMessageContaining("nothing says how much to keep");
  }
}
