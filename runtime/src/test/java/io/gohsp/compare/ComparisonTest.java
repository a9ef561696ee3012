package io.gohsp.compare;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.gohsp.create.VitArchitecture;
import io.gohsp.create.VitBuilder;
import io.gohsp.data.DataSource;
import io.gohsp.data.Dataset;
import io.gohsp.data.Datasets;
import io.gohsp.data.Preparation;
import io.gohsp.data.Splits;
import io.gohsp.engine.OrtEngine;
import io.gohsp.equivalence.Verification;
import io.gohsp.io.OnnxReader;
import io.gohsp.ir.Model;
import io.gohsp.ir.ModelException;
import io.gohsp.latency.LatencySettings;
import io.gohsp.method.Methods;
import io.gohsp.ort.Device;
import io.gohsp.ort.OrtOptions;
import io.gohsp.pipeline.PruningDefaults;
import io.gohsp.plan.InvalidOption;
import io.gohsp.selection.BlockWish;
import io.gohsp.selection.Budget;
import io.gohsp.selection.Exclusion;
import io.gohsp.selection.GroupKind;
import io.gohsp.selection.SelectionOptions;
import io.gohsp.study.Goal;
import io.gohsp.train.Recipe;
import io.gohsp.train.StepReport;
import io.gohsp.train.Supervision;
import io.gohsp.train.TrainingListener;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ComparisonTest {
  private static final VitArchitecture TINY = new VitArchitecture(8, 1, 4, 16, 2, 4, 24, 10);
  private static final OrtOptions ORT = OrtOptions.DEFAULT.withThreads(1).withDeterministic(true);

  /** 3 updates a pass, so that 8 are not whole passes, neither before the cut (3) nor after (5). */
  private static final int STEPS = 8;

  private static final int TRAIN = 100;

  private static final Entrant GOHSP = new Entrant("gohsp", seed -> PruningDefaults.METHOD);
  private static final Entrant SGMP = new Entrant("sgmp", seed -> Methods.trained("sgmp", seed));
  private static final Entrant SOMP = new Entrant("somp", seed -> Methods.trained("somp", seed));

  @TempDir Path directory;

  private static Model model() {
    return VitBuilder.build(TINY, 1);
  }

  private static ComparisonData data() {
    try (DataSource source = Datasets.open(Datasets.DIGITS)) {
      Dataset train = Splits.of(source, 0, 0).train();
      Splits splits = new Splits(part(train, 0, TRAIN), part(train, 640, 50), part(train, 0, 8));
      return new ComparisonData(
          seed -> splits, Preparation.STANDARD, "some digits", null, model -> {}, "as they are");
    }
  }

  private static Dataset part(Dataset dataset, int first, int count) {
    int[] indices = new int[count];
    Arrays.setAll(indices, i -> first + i);
    return dataset.subset(indices);
  }

  private static ComparisonSettings settings(
      List<Entrant> methods, List<String> budgets, List<Long> seeds, long steps) {
    List<Goal> goals = budgets.stream().map(Budget::params).map(Goal::of).toList();
    return towards(goals, methods, seeds, steps);
  }

  private static ComparisonSettings towards(
      List<Goal> goals, List<Entrant> methods, List<Long> seeds, long steps) {
    return new ComparisonSettings(
        methods,
        goals,
        seeds,
        steps,
        Recipe.STANDARD.withBatch(32).withRate(2e-3).keeping(Recipe.Keep.LAST),
        false,
        null,
        false,
        Supervision.STANDARD,
        new Verification(1, 0, Map.of(), Device.CPU, 1),
        null);
  }

  private static ComparisonSettings small() {
    return settings(List.of(SOMP), List.of("0.6"), List.of(0L), STEPS);
  }

  private Comparison comparison(ComparisonSettings settings) {
    return new Comparison(
        model(), settings, data(), new OrtEngine(ORT), ORT, directory.resolve("work"));
  }

  private Path cell(String path) {
    return directory.resolve("work").resolve("cells").resolve(path);
  }

  /** Notes which cells run, and may stop one in its middle. */
  private static final class Watcher implements ComparisonListener {
    final List<String> begun = new ArrayList<>();
    final List<Long> resumed = new ArrayList<>();
    private final @Nullable String victim;
    private final int stopAfter;

    Watcher() {
      this(null, 0);
    }

    Watcher(@Nullable String victim, int stopAfter) {
      this.victim = victim;
      this.stopAfter = stopAfter;
    }

    @Override
    public void begins(Cell cell, int number, int of) {
      begun.add(cell.toString());
    }

    @Override
    public TrainingListener training() {
      boolean stops = begun.get(begun.size() - 1).equals(victim);
      return new TrainingListener() {
        @Override
        public void resumed(long step) {
          resumed.add(step);
        }

        @Override
        public void step(StepReport report) {
          if (stops && report.step() == stopAfter) {
            throw new IllegalStateException("the lights went out");
          }
        }
      };
    }
  }

  @Test
  void everyCellHasTheSameUpdates() {
    Results results =
        comparison(settings(List.of(SGMP, SOMP), List.of("0.6", "0.4"), List.of(0L, 1L), STEPS))
            .run(ComparisonListener.NONE);

    assertThat(results.failures()).isEmpty();
    assertThat(results.missing()).isZero();
    assertThat(results.cells())
        .hasSize(10)
        .allSatisfy(cell -> assertThat(cell.steps()).isEqualTo(STEPS))
        .filteredOn(cell -> cell.softSteps() > 0)
        .hasSize(4)
        .allSatisfy(cell -> assertThat(cell.method()).isEqualTo("sgmp"))
        .allSatisfy(cell -> assertThat(cell.softSteps()).isEqualTo(STEPS / 2));
    assertThat(results.rows())
        .extracting(row -> row.method() + " " + row.budget())
        .containsExactly(
            "sgmp 60% parameters",
            "somp 60% parameters", "sgmp 40% parameters", "somp 40% parameters");
    double dense = (double) results.terms().dense().params();
    assertThat(results.control().params()).isEqualTo(dense);
    assertThat(results.rows().get(0).params()).isBetween(0.55 * dense, 0.6 * dense);
    // The samples are the same whatever the seed.
    assertThat(results.cells()).extracting(CellResult::dense).containsOnly(results.dense());
    // Of two numbers, the standard deviation is their distance by the root of 2.
    double[] losses = losses(results, "60% parameters");
    assertThat(losses).hasSize(2).doesNotHaveDuplicates();
    Row row = results.rows().get(1);
    assertThat(row.loss().mean()).isCloseTo((losses[0] + losses[1]) / 2, within(1e-12));
    assertThat(row.loss().deviation())
        .isCloseTo(Math.abs(losses[0] - losses[1]) / Math.sqrt(2), within(1e-12));
  }

  private static double[] losses(Results results, String budget) {
    return results.cells().stream()
        .filter(cell -> cell.method().equals("somp") && budget.equals(cell.budget()))
        .mapToDouble(cell -> cell.last().loss())
        .toArray();
  }

  /** Its fifth update after the cut is in the second pass, where a checkpoint is there. */
  @Test
  void failedCellIsToldOthersGoOnAndItContinuesInItsMiddle() {
    ComparisonSettings settings =
        settings(List.of(SOMP, GOHSP), List.of("0.6"), List.of(0L), STEPS);
    Watcher first = new Watcher("somp, 60% parameters, seed 0", 5);
    Results broken = comparison(settings).run(first);

    assertThat(broken.failures())
        .containsExactly(
            new CellFailure(
                "somp", "60% parameters", 0, "IllegalStateException: the lights went out"));
    assertThat(broken.cells()).extracting(CellResult::method).containsExactly("dense", "gohsp");
    assertThat(cell("params-60%/somp/seed-0/failure.json")).exists();

    assertThat(comparison(settings).outlook())
        .satisfies(outlook -> assertThat(outlook.left()).isEqualTo(1))
        .satisfies(outlook -> assertThat(outlook.seconds()).isPositive());
    Watcher second = new Watcher();
    Results whole = comparison(settings).run(second);

    assertThat(second.begun).containsExactly("somp, 60% parameters, seed 0");
    assertThat(second.resumed).containsExactly(3L);
    assertThat(whole.failures()).isEmpty();
    assertThat(cell("params-60%/somp/seed-0/failure.json")).doesNotExist();
    assertThat(cell("params-60%/somp/seed-0/run/tune/checkpoint.zip")).doesNotExist();
    CellResult resumed = whole.cells().get(1);
    assertThat(resumed.resumed()).isTrue();

    delete(cell("params-60%/somp"));
    CellResult calm = comparison(settings).run(ComparisonListener.NONE).cells().get(1);
    assertThat(calm.resumed()).isFalse();
    assertThat(timeless(calm)).isEqualTo(timeless(resumed));
  }

  @Test
  void cellThatRunsAgainHasTheSameBytes() throws IOException {
    ComparisonSettings settings = settings(List.of(GOHSP), List.of("0.5"), List.of(3L), STEPS);
    CellResult one = comparison(settings).run(ComparisonListener.NONE).cells().get(1);
    byte[] bytes = Files.readAllBytes(cell("params-50%/gohsp/seed-3/model.onnx"));
    delete(cell("params-50%"));

    CellResult other = comparison(settings).run(ComparisonListener.NONE).cells().get(1);

    assertThat(timeless(other)).isEqualTo(timeless(one));
    assertThat(Files.readAllBytes(cell("params-50%/gohsp/seed-3/model.onnx"))).isEqualTo(bytes);
    assertThat(OnnxReader.read(cell("params-50%/gohsp/seed-3/model.onnx")).metadata())
        .containsEntry("gohsp.trained", Integer.toString(STEPS))
        .doesNotContainKey("gohsp.command");
  }

  @Test
  void theControlDoesNotDependOnTheGrid() throws IOException {
    String first = control("0.6");
    delete(directory.resolve("work"));
    assertThat(control("0.4")).isEqualTo(first);
  }

  private String control(String budget) {
    return comparison(settings(List.of(SOMP), List.of(budget), List.of(0L), STEPS))
        .run(ComparisonListener.NONE)
        .cells()
        .get(0)
        .modelSha256();
  }

  @Test
  void gridMayGrow() {
    comparison(small()).run(ComparisonListener.NONE);
    Watcher watcher = new Watcher();
    Results results =
        comparison(settings(List.of(GOHSP, SOMP), List.of("0.6", "0.4"), List.of(0L), STEPS))
            .run(watcher);

    assertThat(watcher.begun)
        .containsExactly(
            "gohsp, 60% parameters, seed 0",
            "gohsp, 40% parameters, seed 0", "somp, 40% parameters, seed 0");
    assertThat(results.cells()).hasSize(5);
  }

  @Test
  void otherTermsAreRefused() {
    comparison(small()).run(ComparisonListener.NONE);

    assertThatThrownBy(
            () -> comparison(settings(List.of(SOMP), List.of("0.6"), List.of(0L), STEPS + 1)))
        .isInstanceOf(InvalidOption.class)
        .hasMessageEndingWith("what differs:\n  --steps: 9 now, 8 then");
    Entrant another =
        new Entrant("somp", seed -> PruningDefaults.METHOD); // other settings by the same name
    assertThatThrownBy(
            () -> comparison(settings(List.of(another), List.of("0.6"), List.of(0L), STEPS)))
        .isInstanceOf(InvalidOption.class)
        .hasMessageEndingWith("what differs:\n  options: gohsp now, none then");
    BlockWish wish =
        new BlockWish(Exclusion.parse("block 0"), Map.of(), Map.of(GroupKind.HEADS, 3));
    Goal wishing = Goal.of(SelectionOptions.of(Budget.params("0.6")).wishing(List.of(wish)));
    assertThatThrownBy(
            () -> comparison(towards(List.of(wishing), List.of(SOMP), List.of(0L), STEPS)))
        .isInstanceOf(InvalidOption.class)
        .hasMessageEndingWith("  --wishes: [block 0 at least {heads=3}] now, none then");
  }

  @Test
  void budgetOutOfReachIsSaidBeforeAnythingRuns() {
    ComparisonSettings settings =
        settings(List.of(SOMP), List.of("0.01", "0.6"), List.of(0L), STEPS);
    assertThatThrownBy(() -> comparison(settings))
        .isInstanceOf(ModelException.NothingToPrune.class)
        .hasMessageContaining("cannot be reached");
  }

  @Test
  void latencyIsMeasuredOnceForEachMethodAndBudget() {
    UnaryOperator<ComparisonSettings> timed =
        plain ->
            new ComparisonSettings(
                plain.methods(),
                plain.goals(),
                plain.seeds(),
                plain.steps(),
                plain.recipe(),
                plain.rotated(),
                plain.recovery(),
                plain.gentle(),
                plain.supervision(),
                plain.verification(),
                new LatencySettings(
                    0, Device.CPU, 1, Map.of(), new LatencySettings.Effort(0, 3, 3)));
    ComparisonSettings settings =
        timed.apply(settings(List.of(SOMP), List.of("0.6"), List.of(0L, 1L), STEPS));
    Results one = comparison(settings).run(ComparisonListener.NONE);

    assertThat(one.latencies()).hasSize(1);
    CellLatency latency = one.rows().get(0).latency();
    assertThat(latency.seed()).isZero();
    assertThat(latency.pruned().ratio()).isPositive();
    assertThat(latency.conditions()).isEqualTo("cpu, threads 1, batch 1");
    // Times are never the same twice.
    assertThat(comparison(settings).run(ComparisonListener.NONE)).isEqualTo(one);
  }

  @Test
  void saysWhatMakesNoSense() {
    assertThatThrownBy(() -> settings(List.of(SOMP, SOMP), List.of("0.6"), List.of(0L), STEPS))
        .hasMessageContaining("--methods: somp is there twice");
    assertThatThrownBy(() -> settings(List.of(SOMP), List.of("0.6", "60%"), List.of(0L), STEPS))
        .hasMessageContaining("60% parameters is there twice");
    assertThatThrownBy(() -> settings(List.of(SOMP), List.of("0.6"), List.of(1L, 1L), STEPS))
        .hasMessageContaining("--seeds: 1 is there twice");
    assertThatThrownBy(() -> settings(List.of(SOMP), List.of("0.6"), List.of(0L), 1))
        .hasMessageContaining("--steps 1 makes no sense; give 2 or more");
    assertThatThrownBy(
            () ->
                settings(
                    List.of(new Entrant(Cell.DENSE, seed -> PruningDefaults.METHOD)),
                    List.of("0.6"),
                    List.of(0L),
                    STEPS))
        .hasMessageContaining("the dense model always takes part");
  }

  private static CellResult timeless(CellResult cell) {
    return new CellResult(
        cell.method(),
        cell.budget(),
        cell.seed(),
        cell.dense(),
        cell.atCut(),
        cell.untuned(),
        cell.last(),
        cell.agreementAtCut(),
        cell.agreement(),
        cell.params(),
        cell.macs(),
        cell.bytes(),
        cell.softSteps(),
        cell.tuneSteps(),
        0,
        false,
        cell.planSha256(),
        cell.modelSha256(),
        cell.sourceSha256());
  }

  private static void delete(Path path) {
    try (Stream<Path> files = Files.walk(path)) {
      for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
        Files.delete(file);
      }
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }

  /**
   * What trains all of its updates whole comes first, unless there are fewer than what is studied.
   */
  @Test
  void theLongestCellsComeFirst() {
    List<Integer> grid = List.of(0, 1, 2, 3, 4, 5);
    ComparisonSettings long8 = settings(List.of(SOMP), List.of("0.8", "0.4"), List.of(0L, 1L), 8);
    ComparisonSettings brief = settings(List.of(SOMP), List.of("0.8", "0.4"), List.of(0L, 1L), 2);

    // Of each seed the dense model, 80 % and 40 %.
    assertThat(comparison(long8).longestFirst(grid)).containsExactly(0, 3, 1, 4, 2, 5);
    assertThat(comparison(brief).longestFirst(grid)).containsExactly(1, 4, 0, 3, 2, 5);
    assertThat(comparison(long8).longestFirst(List.of(1, 2, 3))).containsExactly(3, 1, 2);
  }

  /** Cells by themselves, in another order, that measure the dense model once: the same results. */
  @Test
  void cellsThatShareWhatIsKnownEndAlike() {
    Results together = comparison(small()).run(ComparisonListener.NONE);
    DenseModel known = new DenseModel();
    Path other = directory.resolve("other");
    for (int number : List.of(1, 0)) {
      new Comparison(model(), small(), data(), new OrtEngine(ORT), ORT, other)
          .knowing(known)
          .runCell(number, ComparisonListener.NONE);
    }
    Results apart =
        new Comparison(model(), small(), data(), new OrtEngine(ORT), ORT, other)
            .run(ComparisonListener.NONE);

    assertThat(known.evaluation()).isEqualTo(together.cells().get(0).dense());
    assertThat(apart.cells()).hasSize(2);
    for (int i = 0; i < 2; i++) {
      assertThat(apart.cells().get(i))
          .usingRecursiveComparison()
          .ignoringFields("seconds")
          .withEqualsForType((a, b) -> a.compareTo(b) == 0, Double.class) // NaN is NaN
          .isEqualTo(together.cells().get(i));
    }
  }
}
