package io.gohsp.cli;

import io.gohsp.ir.Model;
import io.gohsp.ir.ModelException;
import io.gohsp.latency.LatencySettings;
import io.gohsp.latency.LatencySettings.Effort;
import io.gohsp.latency.MeasuredLatency;
import io.gohsp.verify.DataShapes;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** Whether a report says how long both models take, where no latency was asked for. */
final class TimingOptions {
  @Option(
      names = "--no-timing",
      description =
          "Leave out of the report how long both models take, which is measured for a second or two"
              + " otherwise: the same command writes the same report then.")
  private boolean untimed;

  /**
   * Times both models in turns.
   *
   * @param known what a search for a latency measured already; null if there was none
   * @param data how large inputs are in data
   * @return null where no report is wanted, or not with times, or a model does not run
   */
  @Nullable MeasuredLatency measure(
      ReportFile report,
      Model original,
      Model pruned,
      @Nullable MeasuredLatency known,
      ExecutionOptions how,
      DataShapes data,
      Phases phases,
      Notes notes) {
    if (known != null || untimed || !report.isWanted()) {
      return known;
    }
    phases.accept("timing");
    try {
      return MeasuredLatency.between(
          original,
          pruned,
          new LatencySettings(0, how.device(), how.threads(), how.sizes(), Effort.BRIEF, data));
    } catch (ModelException e) {
      notes.onUntimed(e);
      return null;
    }
  }
}
