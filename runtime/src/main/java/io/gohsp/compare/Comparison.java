package io.gohsp.compare;

import io.gohsp.Fingerprint;
import io.gohsp.Goal;
import io.gohsp.Provenance;
import io.gohsp.cost.CostModel;
import io.gohsp.data.Splits;
import io.gohsp.engine.Engine;
import io.gohsp.io.OnnxReader;
import io.gohsp.ir.Model;
import io.gohsp.latency.LatencySettings;
import io.gohsp.latency.PairTimer;
import io.gohsp.method.Methods;
import io.gohsp.method.PruningMethod.Planner;
import io.gohsp.normalize.WorkingModel;
import io.gohsp.ort.Device;
import io.gohsp.ort.OrtOptions;
import io.gohsp.plan.Importance;
import io.gohsp.plan.InvalidOption;
import io.gohsp.plan.MagnitudeImportance;
import io.gohsp.train.Objective;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
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
  private final Model original;
  private final ComparisonSettings settings;
  private final ComparisonData data;
  private final Engine engine;
  private final OrtOptions options;
  private final Path work;
  private final String terms;
  private final IdentityFile identity;
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
        "gohsp %s; model %s; data %s; %s; engine %s, %s"
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
    return "%s; %s; %s; seed %d"
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

  /**
   * Runs what is not finished. A cell that fails does not keep others from running.
   *
   * @return all cells of the grid that are finished now, and those that failed
   */
  public Results run(ComparisonListener listener) {
    identity.write();
    Map<Cell, CellResult> finished = new LinkedHashMap<>();
    List<Cell> left = new ArrayList<>();
    grid.forEach(
        (cell, files) -> {
          CellResult result = files.result();
          if (result == null) {
            left.add(cell);
          } else {
            files.tidy();
            finished.put(cell, result);
          }
        });
    CellRunner runner = new CellRunner(original, settings, data, engine, options);
    List<CellFailure> failures = new ArrayList<>();
    for (int i = 0; i < left.size(); i++) {
      Cell cell = left.get(i);
      CellFiles files = Objects.requireNonNull(grid.get(cell));
      listener.begins(cell, i + 1, left.size());
      try {
        CellResult result = runner.run(cell, files, identity(cell), listener);
        finished.put(cell, result);
        listener.finished(result);
      } catch (RuntimeException e) { // whatever it is, others may do better
        CellFailure failure = CellFailure.of(cell, e);
        files.fail(failure);
        failures.add(failure);
        listener.failed(failure);
      }
      listener.know(results(finished, failures, left.size() - i - 1, List.of()));
    }
    Results results = results(finished, failures, 0, latencies(finished, listener));
    listener.know(results);
    return results;
  }

  private Results results(
      Map<Cell, CellResult> finished,
      List<CellFailure> failures,
      int missing,
      List<CellLatency> latencies) {
    return new Results(
        new Results.Terms(
            data.description(),
            settings.methods().stream().map(Entrant::name).toList(),
            settings.goals().stream().map(goal -> Cell.budgetOf(goal).toString()).toList(),
            settings.seeds(),
            settings.steps(),
            terms,
            Fingerprint.of(original),
            CostModel.of(original)),
        grid.keySet().stream().map(finished::get).filter(Objects::nonNull).toList(),
        failures,
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
    try (PairTimer timer = PairTimer.of(original, how)) {
      String conditions = conditions(timer.device(), how);
      for (Cell cell : first.values()) {
        CellResult result = Objects.requireNonNull(finished.get(cell));
        CellLatency latency = file.of(result, conditions);
        if (latency == null) {
          CellFiles files = Objects.requireNonNull(grid.get(cell));
          PairTimer.Pair pair = timer.time(OnnxReader.read(files.model()));
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

  private String conditions(Device device, LatencySettings how) {
    long batch = Objective.builtInBatch(original).orElse(1);
    return "%s, %s, batch %d"
        .formatted(
            device,
            how.threads() == 0 ? "a thread for each core" : "threads " + how.threads(),
            how.batch() == 0 ? batch : how.batch());
  }
}
