package io.gohsp.study;

import io.gohsp.calibration.Calibration;
import io.gohsp.ir.Model;
import io.gohsp.ir.ModelException;
import io.gohsp.method.PruningMethod.Planner;
import io.gohsp.plan.PruningPlan;
import io.gohsp.plan.StreamPlan;
import io.gohsp.prune.Pruning;
import io.gohsp.rotation.StreamDirections;
import io.gohsp.selection.GoneLoss;
import io.gohsp.selection.Importance;
import io.gohsp.selection.SelectionOptions;
import io.gohsp.selection.Share;
import io.gohsp.selection.Width;
import io.gohsp.stream.Stream;
import io.gohsp.tables.OutputLoss;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.function.Consumer;
import java.util.function.Predicate;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * In how many channels a model's streams are written, and what that loses. Some widths are tried
 * for real: of each the loss is measured on the model's output, and what the budget then takes of
 * heads, columns and neurons is read off their tables, in the same unit; the least sum wins. That
 * weighs both exactly, since a channel of the stream costs the less the more of everything else is
 * gone.
 */
final class Widths {
  /** Of the channels of every stream, from all on. */
  private static final List<Double> SHARES =
      List.of(100.0, 87.5, 75.0, 62.5, 50.0, 43.75, 37.5, 31.25, 25.0, 18.75, 12.5);

  private final Model original;
  private final StreamDirections directions;
  private final Supplier<OutputLoss> dense;
  private @Nullable OutputLoss losses;
  private final Map<List<StreamPlan>, Double> known = new LinkedHashMap<>();
  private final Consumer<String> progress;

  private Widths(
      Model original,
      StreamDirections directions,
      Supplier<OutputLoss> dense,
      Consumer<String> progress) {
    this.original = original;
    this.directions = directions;
    this.dense = dense;
    this.progress = progress;
  }

  /**
   * Measures directions.
   *
   * @param enough some of the samples, which do for losses
   * @return null if no stream may be narrower
   * @throws io.gohsp.data.DataException if the samples cannot be used
   */
  static @Nullable Widths measure(
      Model original, Calibration calibration, Calibration enough, Consumer<String> progress) {
    progress.accept("measuring the residual stream");
    StreamDirections directions = StreamDirections.measure(original, calibration, enough);
    if (directions.falling().isEmpty()) {
      return null;
    }
    return new Widths(original, directions, () -> OutputLoss.of(original, enough), progress);
  }

  /**
   * Plans that narrow streams, too.
   *
   * @param planner makes plans for streams of given widths
   * @param tables what groups cost the loss; asked for only if widths are weighed
   */
  Planner planner(Width width, Planner planner, Supplier<Importance> tables) {
    return options -> {
      if (options == null) {
        return planner.plan(null);
      }
      Share share = width.share();
      if (share != null) {
        return plan(streams(stream -> true, share, options), options, planner);
      }
      return options.budget() == null
          ? planner.plan(options)
          : best(width.least(), options, planner, tables.get());
    };
  }

  private PruningPlan plan(List<StreamPlan> streams, SelectionOptions options, Planner planner) {
    Map<String, Integer> kept = new LinkedHashMap<>();
    streams.forEach(stream -> kept.put(stream.stream(), stream.kept()));
    return planner.plan(options.withStreams(kept)).narrowing(streams);
  }

  private PruningPlan best(
      int floor, SelectionOptions options, Planner planner, Importance tables) {
    PruningPlan best = null;
    double least = Double.POSITIVE_INFINITY;
    ModelException.NothingToPrune refusal = null;
    Set<List<StreamPlan>> tried = new HashSet<>();
    // A table's channels cost other parameters than a block's, so each kind has a share of its own.
    for (Predicate<Stream> kind :
        List.<Predicate<Stream>>of(s -> s.embeddings(), s -> !s.embeddings())) {
      List<StreamPlan> others = best == null ? List.of() : best.streams();
      double wider = loss(others, least);
      for (double share : SHARES) {
        List<StreamPlan> narrower = streams(kind, new Share.Percent(share), options);
        if (narrower.stream().anyMatch(stream -> stream.kept() < floor)) {
          break;
        }
        List<StreamPlan> streams = new ArrayList<>(others);
        streams.addAll(narrower);
        if (!tried.add(streams)) {
          continue;
        }
        PruningPlan plan;
        try {
          plan = plan(streams, options, planner);
        } catch (ModelException.NothingToPrune e) {
          refusal = refusal == null ? e : refusal;
          continue;
        }
        double gone = GoneLoss.of(plan, tables);
        if (wider + gone >= least) {
          continue; // even if it lost no more than those before
        }
        double narrowing = loss(streams, least);
        if (narrowing >= least) {
          break; // narrower ones lose more
        }
        wider = narrowing;
        if (narrowing + gone < least) {
          least = narrowing + gone;
          best = plan;
        }
      }
    }
    if (best == null) {
      throw Objects.requireNonNull(refusal, "all shares were tried");
    }
    return best;
  }

  /** Those that lose channels: none of which a weight is excluded. */
  private List<StreamPlan> streams(Predicate<Stream> which, Share share, SelectionOptions options) {
    List<StreamPlan> plans = new ArrayList<>();
    directions
        .falling()
        .forEach(
            (stream, falling) -> {
              if (!which.test(stream)) {
                return;
              }
              int wanted = share.of(stream.width());
              int kept = Math.max(stream.width(1), wanted / options.align() * options.align());
              boolean excluded =
                  options.exclude().stream()
                      .anyMatch(e -> directions.streams().isNamed(stream, e::matches));
              if (kept < stream.width() && !excluded) {
                plans.add(
                    new StreamPlan(
                        stream.name(),
                        stream.width(),
                        kept,
                        falling.first(stream.directions(kept))));
              }
            });
    return plans;
  }

  /**
   * @param least of what was found: how much more others lose, need not be known well
   */
  private double loss(List<StreamPlan> streams, double least) {
    if (streams.isEmpty()) {
      return 0;
    }
    @Nullable Double earlier = known.get(streams);
    if (earlier == null) {
      StreamPlan last = streams.get(streams.size() - 1);
      progress.accept(
          "measuring "
              + (isOfTables(last) ? "embeddings" : "a stream")
              + " of "
              + last.kept()
              + " channels");
      losses = losses == null ? dense.get() : losses; // a given width asks for none
      PruningPlan alone = new PruningPlan(List.of(), Map.of(), streams);
      earlier = losses.of(narrowed(alone), least);
      if (!OutputLoss.isRough(earlier, least)) {
        known.put(streams, earlier);
      }
    }
    return earlier;
  }

  /** The mask computes the same, and spares writing tables anew that only a cut needs. */
  private Model narrowed(PruningPlan alone) {
    return alone.streams().stream().anyMatch(this::isOfTables)
        ? Pruning.mask(original, alone)
        : Pruning.prepared(original, alone);
  }

  private boolean isOfTables(StreamPlan plan) {
    Stream stream = directions.streams().named(plan.stream());
    return stream != null && stream.embeddings();
  }
}
