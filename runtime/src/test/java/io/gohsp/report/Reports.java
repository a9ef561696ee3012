package io.gohsp.report;

import io.gohsp.bench.Latency;
import io.gohsp.bench.Range;
import io.gohsp.cost.Cost;
import io.gohsp.latency.LatencyTarget;
import io.gohsp.latency.MeasuredLatency;
import io.gohsp.latency.MeasuredLatency.Alignment;
import io.gohsp.ort.Device;
import io.gohsp.phase.Recovered;
import io.gohsp.phase.TrainedPhase;
import io.gohsp.phase.Tune;
import io.gohsp.pipeline.PruningResult;
import io.gohsp.plan.BlockPlan;
import io.gohsp.plan.PruningPlan;
import io.gohsp.rank.HeadRanking;
import io.gohsp.rank.MarkovChain;
import io.gohsp.ranking.RankedBlock;
import io.gohsp.recover.RecoveredLayer;
import io.gohsp.soft.Remaining;
import io.gohsp.train.EpochReport;
import io.gohsp.train.Evaluation;
import io.gohsp.train.TrainingResult;
import io.gohsp.verify.Evidence;
import io.gohsp.verify.Tolerance;
import io.gohsp.verify.Verdict;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/** Reports with invented numbers, the same ones each time. */
final class Reports {
  private Reports() {}

  private static final Map<String, String> VERSIONS =
      Map.of("gohsp", "1.2.3"); // those of this machine would differ from the next one's

  static final Verdict PASSED =
      new Verdict(
          true,
          2.5e-6,
          7.1e-7,
          2,
          Device.CPU,
          Verdict.Mode.MASKED,
          Tolerance.STANDARD,
          "logits",
          null,
          Evidence.NONE);

  /** Everything that a report can show, of two blocks with four heads. */
  static PruningReport trained() {
    return trained(2, 4, 4);
  }

  /**
   * Everything, of a model of any size.
   *
   * @param epochs of each phase
   */
  static PruningReport trained(int blocks, int heads, int epochs) {
    return new PruningReport(
        new Run(
            "vit.onnx",
            "out/vit-small.onnx",
            "gohsp prune vit.onnx -o out/vit-small.onnx --data digits --report report.html",
            7L,
            "digits: 1437 training and 360 validation images, 10 classes",
            VERSIONS),
        plan(blocks, heads),
        "0123456789abcdef".repeat(4),
        new Cost(22_050_664, 4_608_338_304L, 88_202_656, List.of()),
        new Cost(13_230_184, 2_690_000_000L, 52_920_736, List.of()),
        PASSED,
        latency(),
        IntStream.range(0, blocks).mapToObj(block -> ranked(block, heads)).toList(),
        List.of(soft(epochs), tune(epochs)),
        new PruningResult.Outcome(
            new Evaluation(0.1213, 0.9694, 360),
            new Evaluation(0.2051, 0.9389, 360),
            new Recovered(
                List.of(
                    new RecoveredLayer("block 0", "attention", "proj_out", 2.5e-3, 8.1e-4, null),
                    new RecoveredLayer("block 0", "mlp", "fc2_out", 1.9e-3, 1.9e-3, "quantised")),
                new Evaluation(0.1702, 0.95, 360)),
            new Evaluation(0.1302, 0.9667, 360)));
  }

  /**
   * The same where only this was done.
   *
   * @param softened whether it was trained before the cut
   * @param tuned whether after it; null if that was tried and dropped
   * @param corrected whether layers were corrected
   */
  static PruningReport done(boolean softened, @Nullable Boolean tuned, boolean corrected) {
    PruningReport all = trained();
    List<TrainedPhase> phases = new ArrayList<>();
    if (softened) {
      phases.add(soft(1));
    }
    if (tuned == null) {
      TrainingResult dropped = training(1, 0.28, 0.93, List.of());
      phases.add(
          new TrainedPhase(
              Tune.NAME,
              new TrainingResult(dropped.epochs(), 0, null, null, dropped.steps(), 1, List.of()),
              Map.of()));
    } else if (tuned) {
      phases.add(tune(1));
    }
    PruningResult.Outcome outcome = all.outcome();
    return new PruningReport(
        all.run(),
        all.plan(),
        all.sourceSha256(),
        all.before(),
        all.after(),
        PASSED,
        null,
        List.of(),
        phases,
        new PruningResult.Outcome(
            outcome.dense(),
            outcome.atCut(),
            corrected ? outcome.recovered() : null,
            outcome.last()));
  }

  /** What a run without data knows, and that it was not verified. */
  static PruningReport dataFree() {
    return new PruningReport(
        new Run("vit.onnx", null, null, null, null, VERSIONS),
        plan(2, 4),
        null,
        new Cost(11_062, 386_592, 44_248, List.of()),
        new Cost(7_712, 254_808, 30_848, List.of()),
        null,
        null,
        List.of(),
        List.of(),
        null);
  }

  private static PruningPlan plan(int blocks, int heads) {
    List<BlockPlan> plans = new ArrayList<>();
    for (int i = 0; i < blocks; i++) {
      int block = i;
      List<Integer> kept =
          IntStream.range(0, heads).filter(h -> (h + block) % 3 != 2).boxed().toList();
      List<List<Integer>> columns =
          kept.stream()
              .map(head -> IntStream.range(head % 2, 16).boxed().limit(12).toList())
              .toList();
      plans.add(
          new BlockPlan(
              "block " + i,
              heads,
              16,
              16,
              96,
              kept,
              i % 2 == 0 ? columns : null,
              columns,
              IntStream.range(0, 96 - 6 * (i % 5 + 1)).boxed().toList()));
    }
    Map<String, String> asked = new LinkedHashMap<>();
    asked.put("method", "gohsp");
    asked.put("similarity", "attention");
    asked.put("seed", "7");
    asked.put("budget", "60% parameters");
    asked.put("allocation", "global");
    return new PruningPlan(plans, asked);
  }

  private static MeasuredLatency latency() {
    Latency dense =
        new Latency("vit", 1, 60, 28.8, 27.9, 1, new Range(28.7, 28.95), new Range(1, 1));
    Latency pruned =
        new Latency("vit", 1, 60, 17.2, 16.8, 0.597, new Range(17.1, 17.3), new Range(0.594, 0.6));
    return new MeasuredLatency(
        LatencyTarget.parse("--latency", "0.6"),
        dense,
        pruned,
        Device.CPU,
        2,
        8,
        List.of(new Alignment(1, null), new Alignment(8, pruned)),
        13);
  }

  private static RankedBlock ranked(int block, int heads) {
    double[][] s = new double[heads][heads];
    for (int i = 0; i < heads; i++) {
      for (int j = 0; j < heads; j++) {
        s[i][j] = i == j ? 1 : 0.9 - 0.35 * ((i * j + i + j + block) % 7) / 7;
      }
    }
    MarkovChain chain = MarkovChain.of(s, MarkovChain.Options.DEFAULT);
    return new RankedBlock(
        "block " + block,
        s,
        chain,
        HeadRanking.of(
            "block " + block, block, heads, s, chain, null, HeadRanking.Options.DEFAULT));
  }

  private static TrainedPhase soft(int epochs) {
    Map<Long, Remaining> remaining = new LinkedHashMap<>();
    for (int step = 0; step <= 90L * epochs; step += 30) {
      double left = StrictMath.exp(-0.07 * step * 4 / epochs);
      remaining.put((long) step, new Remaining(left, 0.7 * left, step == 0 ? 0.6 : 0.3 * left));
    }
    return new TrainedPhase("soft", training(epochs, 0.35, 0.9, List.of()), remaining);
  }

  private static TrainedPhase tune(int epochs) {
    return new TrainedPhase(
        "tune", training(epochs, 0.28, 0.93, List.of("train/9/1.png: no image")), Map.of());
  }

  private static TrainingResult training(
      int epochs, double loss, double accuracy, List<String> corrupt) {
    List<EpochReport> reports = new ArrayList<>();
    for (int i = 1; i <= epochs; i++) {
      double decay = StrictMath.exp(-2.0 * i / epochs);
      reports.add(
          new EpochReport(
              i,
              90L * i,
              1e-3 * decay,
              loss * (0.5 + decay),
              accuracy + 0.06 * (1 - decay),
              new Evaluation(loss * (0.4 + decay), accuracy + 0.04 * (1 - decay), 360),
              true));
    }
    Evaluation last = reports.get(epochs - 1).validation();
    return new TrainingResult(reports, epochs, null, last, 90L * epochs, 4, corrupt);
  }
}
