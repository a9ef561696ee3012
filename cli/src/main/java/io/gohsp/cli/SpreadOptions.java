package io.gohsp.cli;

import io.gohsp.latency.LatencySettings;
import io.gohsp.plan.InvalidOption;
import io.gohsp.selection.Budget;
import io.gohsp.selection.Exclusion;
import io.gohsp.selection.SelectionOptions.Allocation;
import io.gohsp.selection.SelectionOptions.Floors;
import io.gohsp.selection.Width;
import io.gohsp.selection.Wishes;
import io.gohsp.study.Goal;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** How what is to stay is spread over the layers, and what stays in any case. */
final class SpreadOptions {
  @Option(
      names = "--allocation",
      paramLabel = "HOW",
      description = {
        "How a budget is spread: uniform, every layer and kind keeps the same part (default of somp and random);",
        "knapsack: what costs the loss least for its size goes, whatever its layer and kind, by tables of errors that are measured on calibration samples, or on samples that are made up (default otherwise);",
        "global: the method's scores decide about layers."
      })
  private @Nullable String allocation;

  @Option(
      names = "--non-embedding",
      description =
          "--keep-params counts parameters outside embedding tables alone (inspect tells how many"
              + " are inside).")
  private boolean nonEmbedding;

  @Option(
      names = "--align",
      paramLabel = "N",
      description =
          "What is cut keeps a multiple of N neurons or columns (default: 1; with --latency the"
              + " fastest of 1, 4, 8 and 16, measured).")
  private @Nullable Integer align;

  @Option(
      names = "--exclude",
      paramLabel = "PATTERN",
      description =
          "Leave a block (\"block 3\") or what shortens a weight (\"*.mlp.*\", /regex/) as it is;"
              + " repeatable.")
  private List<String> exclude = new ArrayList<>();

  @Option(
      names = "--wishes",
      paramLabel = "FILE",
      description =
          "What single blocks keep, as JSON: {\"block 0\": \"keep\", \"block *\": {\"heads\": 4, \"neurons\":"
              + " \"50%%\", \"minHeads\": 2, \"minWidth\": 8, \"minNeurons\": 16}}; 0 heads or"
              + " neurons drop the attention or MLP; of several for a block and a kind the first counts.")
  private @Nullable Path wishes;

  @Option(
      names = "--branches",
      paramLabel = "HOW",
      defaultValue = "keep",
      description = {
        "keep: every layer keeps something (default);",
        "free: where layers compete (--allocation knapsack or global), an attention or MLP that is worth nothing goes as a whole."
      })
  private String branches = "keep";

  @Option(
      names = "--width",
      paramLabel = "K",
      description = {
        "Channels of the residual stream, and of embeddings that a norm reads before any block, in the directions that vary most; needs --data.",
        "keep: as many as there are; free: what costs the loss least at the budget, weighed against heads, columns and neurons (default where --allocation knapsack spreads a budget by --data and the model allows it); or a count (64) or a percentage (50%%)."
      })
  private @Nullable String width;

  @Option(
      names = "--min-channels",
      paramLabel = "N",
      defaultValue = "1",
      description = "Channels the residual stream keeps at least with --width free.")
  private int minChannels = 1;

  @Option(
      names = "--min-heads",
      paramLabel = "N",
      description = "Heads every layer keeps at least (default: 1, or 0 with --branches free).")
  private @Nullable Integer minHeads;

  @Option(
      names = "--min-width",
      paramLabel = "N",
      defaultValue = "1",
      description = "Columns every head keeps at least.")
  private int minWidth = 1;

  @Option(
      names = "--min-neurons",
      paramLabel = "N",
      description = "Neurons every layer keeps at least (default: 1, or 0 with --branches free).")
  private @Nullable Integer minNeurons;

  /** Whether embedding tables count as parameters. */
  boolean embeddings() {
    return !nonEmbedding;
  }

  /**
   * @param given whether parameters are limited
   * @throws UsageError if it was said how to count what is not
   */
  void requireParams(boolean given) {
    if (nonEmbedding && !given) {
      throw new UsageError(
          "--non-embedding says how parameters are counted; give --keep-params too, or leave it out");
    }
  }

  /**
   * A goal that is a budget alone.
   *
   * @param standard how it is spread if nothing was said
   */
  Goal goal(Budget budget, Allocation standard) {
    return new Goal(
        null,
        null,
        null,
        null,
        budget,
        null,
        null,
        LatencySettings.STANDARD,
        allocation(standard),
        align(),
        exclude(),
        floors(),
        wishes().blocks(),
        width());
  }

  Width width() {
    return (width == null ? Width.STANDARD : Width.parse(width)).atLeast(minChannels);
  }

  @Nullable Integer align() {
    return align;
  }

  List<Exclusion> exclude() {
    return Stream.concat(exclude.stream().map(Exclusion::parse), wishes().exclude().stream())
        .toList();
  }

  /** What single blocks keep. */
  Wishes wishes() {
    if (wishes == null) {
      return Wishes.NONE;
    }
    try {
      return Wishes.read(wishes);
    } catch (IOException e) {
      throw new UsageError("--wishes " + wishes + " cannot be read: " + OutputError.reason(e));
    }
  }

  Floors floors() {
    int least =
        switch (branches.toLowerCase(Locale.ROOT)) {
          case "keep" -> 1;
          case "free" -> 0;
          default ->
              throw new InvalidOption(
                  "--branches \"" + branches + "\" is unknown; choose keep or free");
        };
    return new Floors(
        minHeads == null ? least : minHeads, minWidth, minNeurons == null ? least : minNeurons);
  }

  /**
   * @param standard what it is if nothing was said
   */
  Allocation allocation(Allocation standard) {
    if (allocation == null) {
      return standard;
    }
    return switch (allocation.toLowerCase(Locale.ROOT)) {
      case "uniform" -> Allocation.UNIFORM;
      case "knapsack" -> Allocation.KNAPSACK;
      case "global" -> Allocation.GLOBAL;
      default ->
          throw new InvalidOption(
              "--allocation \"" + allocation + "\" is unknown; choose uniform, knapsack or global");
    };
  }
}
