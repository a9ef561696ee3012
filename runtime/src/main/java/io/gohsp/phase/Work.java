package io.gohsp.phase;

import io.gohsp.plan.InvalidOption;
import io.gohsp.plan.PlanJson;
import io.gohsp.plan.PruningPlan;
import io.gohsp.train.Trainer;
import io.gohsp.work.WorkFile;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Where phases keep what is not to be done twice: a decision as a file, training as checkpoints in
 * a directory of the phase's name. Each says what it belongs to: the run, and from the decision on
 * its plan, too.
 *
 * @param directory of the run; null to keep nothing
 * @param identity what must be the same for a run to be continued
 */
public record Work(@Nullable Path directory, String identity) {
  /** Keeps nothing. */
  public static final Work NONE = new Work(null, "");

  /**
   * Makes the directory, before anything that takes long.
   *
   * @throws InvalidOption if it cannot be written to
   */
  public void prepare() {
    if (directory == null) {
      return;
    }
    try {
      Files.createDirectories(directory);
    } catch (IOException e) {
      throw unusable(directory, e.getMessage());
    }
    if (!Files.isWritable(directory)) {
      throw unusable(directory, "no permission");
    }
  }

  static InvalidOption unusable(Path directory, @Nullable String why) {
    return new InvalidOption(
        "--work " + directory + " cannot be used as a directory to write to: " + why);
  }

  /**
   * Has a trainer keep checkpoints, and go on from the last.
   *
   * @param phase what the directory is called
   * @param decided the plan that everything after it follows from
   */
  Trainer resuming(Trainer trainer, String phase, PruningPlan decided) {
    if (directory == null) {
      return trainer;
    }
    byte[] plan = PlanJson.compact(decided).getBytes(StandardCharsets.UTF_8);
    return trainer.in(
        directory.resolve(phase),
        0,
        "%s of %s; plan %s".formatted(phase, identity, WorkFile.sha256(plan)));
  }

  /**
   * Removes the checkpoints of a run that is over and whose result is kept elsewhere. Decision,
   * plan and logs stay.
   *
   * @param directory of the run
   * @throws IOException if one cannot be removed
   */
  public static void removeCheckpoints(Path directory) throws IOException {
    for (Path phase : phases(directory)) {
      Trainer.removeCheckpoint(phase);
    }
  }

  private static List<Path> phases(Path directory) throws IOException {
    if (!Files.isDirectory(directory)) {
      return List.of();
    }
    try (Stream<Path> entries = Files.list(directory)) {
      return entries.filter(Files::isDirectory).toList();
    }
  }
}
