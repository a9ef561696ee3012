package io.gohsp;

import io.gohsp.ir.Location;
import io.gohsp.ir.Model;
import io.gohsp.ir.ModelException;
import io.gohsp.plan.PlanJson;
import io.gohsp.plan.PruningPlan;
import io.gohsp.verify.Tolerance;
import io.gohsp.verify.Verdict;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What a pruned model says about itself in its metadata, so that it can be verified again with
 * nothing but the original at hand. Holds nothing that differs from run to run.
 *
 * @param plan what was removed
 * @param sourceSha256 the original's {@link Fingerprint}; null if it was made in memory
 * @param mode what the model must equal
 */
public record Provenance(PruningPlan plan, @Nullable String sourceSha256, Verdict.Mode mode) {
  /** The plan, as JSON on one line. */
  public static final String PLAN = "gohsp.plan";

  /** The original's {@link Fingerprint}. */
  public static final String SOURCE = "gohsp.source.sha256";

  /** The version of the program that pruned. */
  public static final String VERSION = "gohsp.version";

  /** The command line that pruned. */
  public static final String COMMAND = "gohsp.command";

  /** What the model was compared with before it was written, as JSON on one line. */
  public static final String VERIFICATION = "gohsp.verification";

  /** For how many updates its weights were trained after pruning; absent for none. */
  public static final String TRAINED = "gohsp.trained";

  /** Notes that a model was trained. Says nothing in one that was never pruned. */
  public static void addTraining(Model model, long steps) {
    if (model.metadata().containsKey(PLAN)) {
      String before = model.metadata().getOrDefault(TRAINED, "0");
      long already = before.matches("\\d{1,18}") ? Long.parseLong(before) : 0;
      model.metadata().put(TRAINED, Long.toString(already + steps));
    }
  }

  /** The version of this program. */
  public static String version() {
    String version = Provenance.class.getPackage().getImplementationVersion();
    return version == null ? "unpackaged" : version;
  }

  /**
   * What a model says about itself.
   *
   * @throws ModelException.BadPlan if it says nothing, or nothing that can be understood
   */
  public static Provenance of(Model model) {
    Map<String, String> metadata = model.metadata();
    String plan = metadata.get(PLAN);
    if (plan == null) {
      throw new ModelException.BadPlan(
          Location.of(model),
          "carries no plan in its metadata",
          "give the plan with --plan, or prune with gohsp");
    }
    boolean plain =
        metadata.getOrDefault(VERIFICATION, "").contains("\"mode\":\"" + name(Verdict.Mode.PLAIN));
    return new Provenance(
        PlanJson.parse(plan, new Location(model.source(), null, "metadata " + PLAN)),
        metadata.get(SOURCE),
        plain ? Verdict.Mode.PLAIN : Verdict.Mode.MASKED);
  }

  /** Writes this into a model's metadata, in place of what an earlier pruning left there. */
  void writeTo(Model pruned, @Nullable String command) {
    Map<String, String> metadata = pruned.metadata();
    metadata.keySet().removeIf(key -> key.startsWith("gohsp."));
    metadata.put(PLAN, PlanJson.compact(plan));
    if (sourceSha256 != null) {
      metadata.put(SOURCE, sourceSha256);
    }
    metadata.put(VERSION, version());
    if (command != null) {
      metadata.put(COMMAND, command);
    }
    metadata.put(VERIFICATION, "{\"mode\":\"%s\"}".formatted(name(mode)));
  }

  /**
   * Notes that the model passed. Measured errors are left out: other machines measure others, and
   * the same command shall write the same bytes.
   */
  static void writeVerification(
      Model pruned, Verification verification, Verdict.Mode mode, Tolerance tolerance) {
    pruned
        .metadata()
        .put(
            VERIFICATION,
            "{\"mode\":\"%s\",\"passed\":true,\"samples\":%d,\"seed\":%d,\"tolerance\":%s}"
                .formatted(
                    name(mode),
                    verification.samples(),
                    verification.seed(),
                    Double.toString(tolerance.relative())));
  }

  private static String name(Verdict.Mode mode) {
    return mode.name().toLowerCase(Locale.ROOT);
  }
}
