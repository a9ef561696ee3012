package io.gohsp;

import com.fasterxml.jackson.databind.ObjectMapper;
import io.gohsp.bench.Latency;
import io.gohsp.io.AtomicFile;
import io.gohsp.ir.Location;
import io.gohsp.latency.MeasuredLatency;
import io.gohsp.ort.Device;
import io.gohsp.plan.InvalidOption;
import io.gohsp.plan.PlanJson;
import io.gohsp.ranking.RankedBlock;
import io.gohsp.train.Evaluation;
import io.gohsp.train.RunIdentity;
import io.gohsp.train.TrainingException;
import java.io.IOException;
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
  private static final ObjectMapper JSON = new ObjectMapper();

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

  /**
   * A decision that may or may not be there.
   *
   * @param identity what must be the same for a run to be continued; covers the goal
   */
  DecisionFile(Path directory, String identity, Goal goal) {
    this.file = directory.resolve("decision.json");
    this.plan = directory.resolve("plan.json");
    this.identity = identity;
    this.goal = goal;
  }

  /**
   * Makes a work directory, before anything that takes long.
   *
   * @throws InvalidOption if it cannot be written to
   */
  static void requireDirectory(Path work) {
    try {
      Files.createDirectories(work);
    } catch (IOException e) {
      throw unusable(work, e.getMessage());
    }
    if (!Files.isWritable(work)) {
      throw unusable(work, "no permission");
    }
  }

  private static InvalidOption unusable(Path work, String why) {
    return new InvalidOption(
        "--work " + work + " cannot be used as a directory to write to: " + why);
  }

  /**
   * Reads what was decided.
   *
   * @return null if nothing was
   * @throws InvalidOption if it belongs to another run
   * @throws TrainingException if it is damaged
   */
  @Nullable Decision read() {
    try {
      if (!Files.exists(file)) {
        return null;
      }
      Contents contents = JSON.readValue(file.toFile(), Contents.class);
      RunIdentity.requireSame(file, contents.identity(), identity);
      Timing timing = contents.timing();
      return new Decision(
          PlanJson.parse(contents.plan(), Location.of(file)),
          contents.heads(),
          timing == null ? null : timing.towards(goal),
          contents.dense());
    } catch (IOException e) {
      throw new TrainingException(
          file + " is damaged: " + e.getMessage() + "; remove it to begin again", e);
    }
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
      AtomicFile.removeLeftovers(file);
      PlanJson.write(decision.plan(), plan);
      AtomicFile.write(file, out -> out.write(JSON.writeValueAsBytes(contents)));
    } catch (IOException e) {
      throw unusable(file.toAbsolutePath().getParent(), e.getMessage());
    }
  }
}
