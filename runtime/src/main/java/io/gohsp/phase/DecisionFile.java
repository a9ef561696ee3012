package io.gohsp.phase;

import io.gohsp.bench.Latency;
import io.gohsp.io.AtomicFile;
import io.gohsp.ir.Location;
import io.gohsp.latency.MeasuredLatency;
import io.gohsp.ort.Device;
import io.gohsp.plan.InvalidOption;
import io.gohsp.plan.PlanJson;
import io.gohsp.plan.PruningPlan;
import io.gohsp.ranking.RankedBlock;
import io.gohsp.study.Goal;
import io.gohsp.train.Evaluation;
import io.gohsp.work.DamagedWork;
import io.gohsp.work.RunIdentity;
import io.gohsp.work.WorkFile;
import java.io.IOException;
import java.nio.charset.CharacterCodingException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * A decision in a work directory, so that a run that goes on neither ranks nor measures again:
 * rankings take long, and times are never the same twice.
 */
final class DecisionFile {
  private final Path file;
  private final Path plan;
  private final String identity;
  private final Goal goal;

  /** What the file contains; the plan is text, in the form that plans have everywhere. */
  private record Contents(
      String identity,
      String plan,
      List<RankedBlock> heads,
      @Nullable Timing timing,
      Evaluation dense) {}

  /** A latency without what the goal says. */
  private record Timing(
      Latency dense,
      Latency pruned,
      String device,
      int threads,
      int align,
      List<MeasuredLatency.Alignment> alignments,
      int candidates) {

    static Timing of(MeasuredLatency measured) {
      return new Timing(
          measured.dense(),
          measured.pruned(),
          measured.device().toString(),
          measured.threads(),
          measured.align(),
          measured.alignments(),
          measured.candidates());
    }

    MeasuredLatency towards(Goal goal) {
      return new MeasuredLatency(
          Objects.requireNonNull(goal.latency()),
          dense,
          pruned,
          Device.parse(device),
          threads,
          align,
          alignments,
          candidates);
    }
  }

  private DecisionFile(Path directory, String identity, Goal goal) {
    this.file = directory.resolve("decision.json");
    this.plan = directory.resolve("plan.json");
    this.identity = identity;
    this.goal = goal;
  }

  /**
   * A decision that may or may not be there.
   *
   * @param work its identity covers the goal
   * @return null if nothing is kept
   */
  static @Nullable DecisionFile in(Work work, Goal goal) {
    Path directory = work.directory();
    return directory == null ? null : new DecisionFile(directory, work.identity(), goal);
  }

  /**
   * Reads what was decided.
   *
   * @return null if nothing was
   * @throws InvalidOption if it belongs to another run
   * @throws DamagedWork if it is damaged, or the plan beside it is another
   */
  @Nullable Decision read() {
    Contents contents = WorkFile.read(file, Contents.class);
    if (contents == null) {
      return null;
    }
    RunIdentity.requireSame(file, contents.identity(), identity);
    PruningPlan decided = PlanJson.parse(contents.plan(), Location.of(file));
    requireUnchanged(decided);
    Timing timing = contents.timing();
    return new Decision(
        decided, contents.heads(), timing == null ? null : timing.towards(goal), contents.dense());
  }

  /** Nothing reads the copy for people; who edited it would take it for what is pruned by. */
  private void requireUnchanged(PruningPlan decided) {
    try {
      if (!Files.exists(plan)) {
        PlanJson.write(decided, plan);
      } else if (!Files.readString(plan).equals(PlanJson.pretty(decided))) {
        throw new DamagedWork(
            plan, "it is not the plan that this run decided on (gohsp apply takes edited copies)");
      }
    } catch (CharacterCodingException e) {
      throw new DamagedWork(plan, "it is no text", e);
    } catch (IOException e) {
      throw Work.unusable(directory(), e.getMessage());
    }
  }

  private Path directory() {
    return file.toAbsolutePath().getParent();
  }

  /**
   * Keeps a decision, and its plan as a file of its own for people and {@code gohsp apply}.
   *
   * @throws InvalidOption if the directory cannot be written to
   */
  void write(Decision decision) {
    MeasuredLatency latency = decision.latency();
    Contents contents =
        new Contents(
            identity,
            PlanJson.compact(decision.plan()),
            decision.heads(),
            latency == null ? null : Timing.of(latency),
            decision.dense());
    try {
      AtomicFile.removeLeftovers(plan);
      PlanJson.write(decision.plan(), plan);
    } catch (IOException e) {
      throw Work.unusable(directory(), e.getMessage());
    }
    WorkFile.write(file, contents);
  }
}
