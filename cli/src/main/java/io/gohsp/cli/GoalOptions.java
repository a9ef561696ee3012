package io.gohsp.cli;

import io.gohsp.cost.CostModel;
import io.gohsp.equivalence.Verification;
import io.gohsp.ir.Model;
import io.gohsp.latency.LatencySettings;
import io.gohsp.latency.LatencyTarget;
import io.gohsp.plan.BlockPlan;
import io.gohsp.plan.PruningPlan;
import io.gohsp.selection.Budget;
import io.gohsp.selection.GroupKind;
import io.gohsp.selection.KeptWhole;
import io.gohsp.selection.SelectionOptions.Allocation;
import io.gohsp.selection.Share;
import io.gohsp.selection.Width;
import io.gohsp.study.Goal;
import io.gohsp.study.MaxDrop;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** How much is to stay. */
final class GoalOptions {
  @Option(
      names = "--keep-params",
      paramLabel = "F",
      description = "Parameters to keep: a part (0.6, 60%%) or a number (14.4M).")
  private @Nullable String params;

  @Option(
      names = "--keep-macs",
      paramLabel = "F",
      description = "Multiply-accumulates to keep: a part or a number (3.0G).")
  private @Nullable String macs;

  @Option(
      names = "--latency",
      paramLabel = "F",
      description =
          "Time of a run, measured on this machine: a part of the original's (0.6) or a time (12ms).")
  private @Nullable String latency;

  @Option(
      names = "--max-drop",
      paramLabel = "POINTS",
      description =
          "Points of accuracy that may be lost on the validation part of --data (1.0), or of"
              + " top-1 agreement with the original where there are no labels: the smallest such model is"
              + " looked for.")
  private @Nullable String drop;

  @Option(
      names = "--smallest",
      paramLabel = "WHAT",
      description = "What is to be small with --max-drop: params (default), non-embedding or macs.")
  private @Nullable String smallest;

  @Option(
      names = "--latency-batch",
      paramLabel = "N",
      description = "Samples in a run, for --latency (default: 1).")
  private @Nullable Long latencyBatch;

  @Option(
      names = "--latency-threads",
      paramLabel = "N",
      description = "Threads of one operator, for --latency (default: as --threads).")
  private @Nullable Integer latencyThreads;

  @Option(
      names = "--heads",
      paramLabel = "K",
      description = "Heads each layer keeps: a count (4) or a percentage (75%%).")
  private @Nullable String heads;

  @Option(names = "--neurons", paramLabel = "K", description = "Neurons each layer keeps.")
  private @Nullable String neurons;

  @Option(names = "--qk", paramLabel = "K", description = "Query-key columns each head keeps.")
  private @Nullable String qk;

  @Option(names = "--v", paramLabel = "K", description = "Value columns each head keeps.")
  private @Nullable String v;

  @Mixin private SpreadOptions spread = new SpreadOptions();

  /** In how many channels residual streams are written. */
  Width width() {
    return spread.width();
  }

  /** Whether it was said how much accuracy may be lost. */
  boolean saysDrop() {
    return drop != null;
  }

  /**
   * @param where models run and with how many threads, unless options for the latency say otherwise
   * @param allocation how a budget is spread unless an option says so
   */
  Goal goal(Verification where, Allocation allocation) {
    LatencyTarget target = latency == null ? null : LatencyTarget.parse("--latency", latency);
    if (target == null && (latencyBatch != null || latencyThreads != null)) {
      throw new UsageError(
          "--latency-batch and --latency-threads say how --latency is measured; give that too, or"
              + " leave them out");
    }
    if (smallest != null && drop == null) {
      throw new UsageError(
          "--smallest says what --max-drop looks for; give that too, or leave it out");
    }
    return new Goal(
        share("--heads", heads),
        share("--qk", qk),
        share("--v", v),
        share("--neurons", neurons),
        budget(),
        target,
        drop(),
        latencySettings(where),
        spread.allocation(allocation),
        spread.align(),
        spread.exclude(),
        spread.floors(),
        spread.wishes().blocks(),
        spread.width());
  }

  private @Nullable MaxDrop drop() {
    return drop == null
        ? null
        : MaxDrop.parse(
            "--max-drop",
            drop,
            smallest == null
                ? MaxDrop.Smallest.PARAMS
                : MaxDrop.Smallest.parse("--smallest", smallest));
  }

  private static @Nullable Share share(String option, @Nullable String text) {
    return text == null ? null : Share.parse(option, text);
  }

  private @Nullable Budget budget() {
    spread.requireParams(params != null);
    List<Budget> given = new ArrayList<>();
    if (params != null) {
      given.add(Budget.params(params, spread.embeddings()));
    }
    if (macs != null) {
      given.add(Budget.macs(macs));
    }
    return given.isEmpty() ? null : Budget.all(given);
  }

  /** Notes on budgets and shares that ask for more than there is, or for what cannot go. */
  void note(Notes notes, PruningPlan plan, Model model) {
    Budget given = budget();
    if (given != null) {
      notes.onBudget(given, CostModel.of(model));
    }
    notes.onShare("--heads", heads, plan, BlockPlan::heads);
    notes.onShare("--neurons", neurons, plan, BlockPlan::neurons);
    notes.onShare("--qk", qk, plan, BlockPlan::qkWidth);
    notes.onShare("--v", v, plan, BlockPlan::vWidth);
    Map<GroupKind, Share> shares = new EnumMap<>(GroupKind.class);
    put(shares, GroupKind.HEADS, share("--heads", heads));
    put(shares, GroupKind.QK, share("--qk", qk));
    put(shares, GroupKind.V, share("--v", v));
    put(shares, GroupKind.NEURONS, share("--neurons", neurons));
    KeptWhole.of(model, plan, shares, spread.wishes().blocks(), spread.exclude())
        .forEach(notes::onKept);
  }

  private static void put(Map<GroupKind, Share> shares, GroupKind kind, @Nullable Share share) {
    if (share != null) {
      shares.put(kind, share);
    }
  }

  private LatencySettings latencySettings(Verification where) {
    if (latencyBatch != null && latencyBatch < 1) {
      throw new UsageError(
          "--latency-batch " + latencyBatch + " is no number of samples; give 1 or more");
    }
    if (latencyThreads != null && latencyThreads < 1) {
      throw new UsageError(
          "--latency-threads " + latencyThreads + " is no number of threads; give 1 or more");
    }
    return new LatencySettings(
        latencyBatch == null ? 0 : latencyBatch,
        where.device(),
        latencyThreads == null ? where.threads() : latencyThreads,
        where.sizes(),
        LatencySettings.Effort.STANDARD);
  }
}
