package io.gohsp.compare;

import io.gohsp.cost.CostModel;
import io.gohsp.data.Splits;
import io.gohsp.engine.Engine;
import io.gohsp.equivalence.Provenance;
import io.gohsp.equivalence.UserSamples;
import io.gohsp.io.OnnxReader;
import io.gohsp.ir.Model;
import io.gohsp.latency.LatencySettings;
import io.gohsp.latency.PairTimer;
import io.gohsp.method.Methods;
import io.gohsp.method.PruningMethod.Planner;
import io.gohsp.normalize.WorkingModel;
import io.gohsp.ort.Device;
import io.gohsp.ort.OrtOptions;
import io.gohsp.plan.InvalidOption;
import io.gohsp.selection.Importance;
import io.gohsp.selection.MagnitudeImportance;
import io.gohsp.study.Goal;
import io.gohsp.train.Objective;
import io.gohsp.verify.DataShapes;
import io.gohsp.work.Fingerprint;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Methods against each other: the grid of methods, budgets and seeds, and for each seed the
 * control, the dense model trained for as many updates on the same terms. Everything lies in a work
 * directory: what is finished is not run again, what was interrupted goes on in its middle, and
 * methods, budgets and seeds may be added later.
 *
 * <pre>{@code
 * Comparison comparison = new Comparison(model, settings, data, engine, options, work);
 * Results results = comparison.run(ComparisonListener.NONE);
 * }</pre>
 */
public final class Comparison {
  private static final String NO_RESULT =
      "it ended without a result in the work directory, which all machines must share";

  private final Model original;
  private final ComparisonSettings settings;
  private final ComparisonData data;
  private final Engine engine;
  private final OrtOptions options;
  private final Path work;
  private final String terms;
  private final IdentityFile identity;
  private DenseModel dense = new DenseModel();
  private final Map<Cell, CellFiles> grid = new LinkedHashMap<>();

  /**
   * A comparison that may have been begun before.
   *
   * @param engine what executes training
   * @param options how ONNX Runtime runs calibration
   * @param work where everything is kept
   * @throws InvalidOption if another comparison is kept there
   * @throws io.gohsp.ir.ModelException.NothingToPrune if nothing can be removed, or not as much as
   *     one of the budgets asks for
   */
  public Comparison(
      Model original,
      ComparisonSettings settings,
      ComparisonData data,
      Engine engine,
      OrtOptions options,
      Path work) {
    this.original = original;
    this.settings = settings;
    this.data = data;
    this.engine = engine;
    this.options = options;
    this.work = work;
    terms =
        "gohsp: %s; model: %s; data: %s; %s; engine: %s; run: %s"
            .formatted(
                Provenance.version(),
                Fingerprint.of(original),
                data.identity(),
                settings.terms(),
                engine.name(),
                options);
    identity = new IdentityFile(work.resolve("comparison.json"), terms);
    identity.requireSame();
    requireReachable();
    for (Cell cell : cells()) {
      CellFiles files = new CellFiles(cell.directory(work), identity(cell));
      files.requireSame();
      grid.put(cell, files);
    }
  }

  /** What no method can reach is said before anything runs: it depends on the model alone. */
  private void requireReachable() {
    WorkingModel working = WorkingModel.normalized(original);
    Importance weights = MagnitudeImportance.of(working);
    Planner smallest =
        options ->
            Methods.SOMP.plan(working, options == null ? null : options.withLosses(weights), 0);
    for (Goal goal : settings.goals()) {
      goal.reach(original, smallest, phase -> {});
    }
  }

  /** Seed by seed, so that there is something to look at early. */
  private List<Cell> cells() {
    List<Cell> cells = new ArrayList<>();
    for (long seed : settings.seeds()) {
      cells.add(new Cell(null, null, seed));
      for (Goal goal : settings.goals()) {
        settings.methods().forEach(method -> cells.add(new Cell(method, goal, seed)));
      }
    }
    return cells;
  }

  private String identity(Cell cell) {
    return "%s; method: %s; budget: %s; seed: %d"
        .formatted(
            terms,
            cell.entrant() == null ? Cell.DENSE : cell.entrant().identity(cell.seed()),
            cell.budget() == null ? "everything" : cell.budget(),
            cell.seed());
  }

  /**
   * Tells what is left to do, and about how long that takes; trains for a moment to find out.
   *
   * @throws io.gohsp.data.DataException if the data cannot be used
   */
  public Outlook outlook() {
    int finished = (int) grid.values().stream().filter(files -> files.result() != null).count();
    int left = grid.size() - finished;
    if (left == 0) {
      return new Outlook(grid.size(), finished, settings.steps(), 0, 0);
    }
    Splits splits = data.of(settings.seeds().get(0));
    Pace pace = Pace.measure(original, settings, data.preparation(), splits, engine);
    return new Outlook(
        grid.size(),
        finished,
        settings.steps(),
        pace.stepSeconds(),
        left * pace.cellSeconds(settings, splits));
  }

  /** What must be the same for cells to belong to one comparison. */
  public String terms() {
    return terms;
  }

  /**
   * Does not measure again what others found out of the dense model.
   *
   * @param known by comparisons on the same {@link #terms}
   */
  public Comparison knowing(DenseModel known) {
    dense = known;
    return this;
  }

  /**
   * In which order several at once are done soonest: by {@link CellWork}, the most first, and as
   * they are in the grid where it is the same.
   *
   * @param cells their numbers in the grid, from 0
   */
  public List<Integer> longestFirst(List<Integer> cells) {
    List<Cell> all = List.copyOf(grid.keySet());
    Splits splits = data.of(settings.seeds().get(0));
    CellWork work = new CellWork(settings, splits, CostModel.of(original));
    return cells.stream()
        .sorted(Comparator.comparingDouble((Integer number) -> -work.of(all.get(number))))
        .toList();
  }

  /** Runs cells in other processes, several at once. */
  public interface Elsewhere {
    /** Is told when a cell is over; one call at a time. */
    interface Ended {
      /**
       * @param reason why it failed, in a line; null if it did not
       */
      void cell(int number, @Nullable String reason);
    }

    /**
     * Has {@link #runCell} called for each, in a process that sees the same work directory.
     *
     * @param cells their numbers in the grid, from 0
     */
    void run(List<Integer> cells, Ended ended);
  }

  /**
   * Runs what is not finished, one after the other. A cell that fails does not keep others from
   * running.
   *
   * @return all cells of the grid that are finished now, and those that failed
   */
  public Results run(ComparisonListener listener) {
    CellRunner runner = new CellRunner(original, settings, data, engine, options, dense);
    return run(
        listener,
        (cells, ended) -> {
          List<Cell> grid = List.copyOf(this.grid.keySet());
          for (int i = 0; i < cells.size(); i++) {
            int number = cells.get(i);
            listener.begins(grid.get(number), i + 1, cells.size());
            String reason = null;
            try {
              runCell(grid.get(number), runner, listener);
            } catch (RuntimeException e) { // whatever it is, others may do better
              reason = CellFailure.reason(e);
            }
            ended.cell(number, reason);
          }
        });
  }

  /**
   * Runs what is not finished, wherever that is.
   *
   * @return as above
   */
  public Results run(ComparisonListener listener, Elsewhere elsewhere) {
    identity.write();
    List<Cell> all = List.copyOf(grid.keySet());
    Map<Cell, CellResult> finished = new LinkedHashMap<>();
    List<Integer> left = new ArrayList<>();
    for (int number = 0; number < all.size(); number++) {
      CellFiles files = filesOf(all.get(number));
      CellResult result = files.result();
      if (result == null) {
        left.add(number);
      } else {
        files.tidy();
        finished.put(all.get(number), result);
      }
    }
    Map<Cell, CellFailure> failures = new LinkedHashMap<>();
    elsewhere.run(
        left,
        (number, reason) -> {
          Cell cell = all.get(number);
          CellResult result = reason == null ? filesOf(cell).result() : null;
          if (result != null) {
            finished.put(cell, result);
            listener.finished(result);
          } else {
            CellFailure failure = CellFailure.of(cell, reason == null ? NO_RESULT : reason);
            filesOf(cell).fail(failure);
            failures.put(cell, failure);
            listener.failed(failure);
          }
          int missing = all.size() - finished.size() - failures.size();
          listener.know(results(finished, failures, missing, List.of()));
        });
    Results results = results(finished, failures, 0, latencies(finished, listener));
    listener.know(results);
    return results;
  }

  /**
   * Runs a cell, or goes on with it, unless it is finished: the part of another process in {@link
   * Elsewhere}. What it comes to is in the work directory.
   *
   * @param number in the grid, from 0
   * @throws RuntimeException whatever goes wrong
   */
  public void runCell(int number, ComparisonListener listener) {
    Cell cell = List.copyOf(grid.keySet()).get(number);
    if (filesOf(cell).result() == null) {
      runCell(cell, new CellRunner(original, settings, data, engine, options, dense), listener);
    }
  }

  private void runCell(Cell cell, CellRunner runner, ComparisonListener listener) {
    CellResult unused = runner.run(cell, filesOf(cell), identity(cell), listener);
  }

  private CellFiles filesOf(Cell cell) {
    return Objects.requireNonNull(grid.get(cell));
  }

  private Results results(
      Map<Cell, CellResult> finished,
      Map<Cell, CellFailure> failures,
      int missing,
      List<CellLatency> latencies) {
    return new Results(
        new Results.Terms(
            original.source() == null ? null : original.source().getFileName().toString(),
            data.description(),
            settings.methods().stream().map(Entrant::name).toList(),
            settings.goals().stream().map(goal -> Cell.budgetOf(goal).toString()).toList(),
            settings.seeds(),
            settings.steps(),
            terms,
            Fingerprint.of(original),
            CostModel.of(original)),
        grid.keySet().stream().map(finished::get).filter(Objects::nonNull).toList(),
        grid.keySet().stream().map(failures::get).filter(Objects::nonNull).toList(),
        missing,
        latencies);
  }

  /** Of the first seed that is there, for each method and budget. */
  private List<CellLatency> latencies(Map<Cell, CellResult> finished, ComparisonListener listener) {
    LatencySettings how = settings.latency();
    Map<List<@Nullable String>, Cell> first = new LinkedHashMap<>();
    for (Cell cell : grid.keySet()) {
      if (cell.goal() != null && finished.containsKey(cell)) {
        first.putIfAbsent(Arrays.asList(cell.method(), cell.budget()), cell);
      }
    }
    if (how == null || first.isEmpty()) {
      return List.of();
    }
    listener.phase("measuring latency");
    LatencyFile file = new LatencyFile(work);
    List<CellLatency> latencies = new ArrayList<>();
    try (PairTimer timer = PairTimer.of(original, how.seeing(shapes()))) {
      String conditions = conditions(timer.device(), how);
      for (Cell cell : first.values()) {
        CellResult result = Objects.requireNonNull(finished.get(cell));
        CellLatency latency = file.of(result, conditions);
        if (latency == null) {
          PairTimer.Pair pair = timer.time(OnnxReader.read(filesOf(cell).model()));
          latency =
              new CellLatency(
                  cell.method(),
                  Objects.requireNonNull(cell.budget()),
                  cell.seed(),
                  result.modelSha256(),
                  conditions,
                  pair.dense(),
                  pair.other());
          file.add(latency);
        }
        latencies.add(latency);
      }
    }
    return latencies;
  }

  private DataShapes shapes() {
    return UserSamples.shapes(data.held(data.of(settings.seeds().get(0)), original));
  }

  private String conditions(Device device, LatencySettings how) {
    long batch = Objective.builtInBatch(original).orElse(1);
    return "%s, %s, batch %d"
        .formatted(
            device,
            how.threads() == 0 ? "a thread for each core" : "threads " + how.threads(),
            how.batch() == 0 ? batch : how.batch());
  }
}
