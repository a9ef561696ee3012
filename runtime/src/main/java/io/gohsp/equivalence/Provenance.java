package io.gohsp.equivalence;

import io.gohsp.data.RecordedPreprocessing;
import io.gohsp.ir.Location;
import io.gohsp.ir.Model;
import io.gohsp.ir.ModelException;
import io.gohsp.plan.PlanJson;
import io.gohsp.plan.PruningPlan;
import io.gohsp.verify.Tolerance;
import io.gohsp.verify.Verdict;
import io.gohsp.work.Fingerprint;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What a pruned model says about itself in its metadata, so that it can be verified again with
 * nothing but the original at hand. Holds nothing that differs from run to run.
 *
 * @param plan what was removed
 * @param sourceSha256 the original's {@link Fingerprint}; null if it was made in memory
 * @param mode what the model must equal, as long as it is not trained
 * @param trained updates by which its weights differ from the original's
 * @param corrected layers whose weights were corrected in closed form
 * @param recorded what was found when the model was cut; null if that was not recorded
 */
public record Provenance(
    PruningPlan plan,
    @Nullable String sourceSha256,
    Verdict.Mode mode,
    long trained,
    long corrected,
    @Nullable RecordedVerdict recorded) {
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

  /**
   * For how many updates its weights were trained since they were the original's, before the cut or
   * after it; absent for none. What such a model computes cannot be compared with the original.
   */
  public static final String TRAINED = "gohsp.trained";

  /** In how many layers weights were corrected in closed form after the cut; absent for none. */
  public static final String RECOVERED = "gohsp.recovered";

  /** What a model says that was not trained. */
  public Provenance(PruningPlan plan, @Nullable String sourceSha256, Verdict.Mode mode) {
    this(plan, sourceSha256, mode, 0, 0, null);
  }

  /** Notes that a model was trained. Says nothing in one that was never pruned. */
  public static void addTraining(Model model, long steps) {
    if (model.metadata().containsKey(PLAN)) {
      model.metadata().put(TRAINED, Long.toString(trained(model) + steps));
    }
  }

  /**
   * In words, why a model is no longer its original with parts switched off; empty if it still is.
   *
   * @param corrected layers with other weights since it was cut
   * @param trained updates that its weights have gone through
   */
  public static String changes(long corrected, long trained) {
    String correction = corrected == 0 ? "" : "corrected in " + count(corrected, "layer");
    String training = trained == 0 ? "" : "trained for " + count(trained, "update");
    return correction + (corrected > 0 && trained > 0 ? " and " : "") + training;
  }

  private static String count(long number, String what) {
    return number + " " + what + (number == 1 ? "" : "s");
  }

  /** Whether its weights still are the original's. */
  public boolean isFaithful() {
    return trained == 0 && corrected == 0;
  }

  private static long trained(Model model) {
    return count(model, TRAINED);
  }

  private static long count(Model model, String key) {
    String number = model.metadata().getOrDefault(key, "0");
    return number.matches("\\d{1,18}") ? Long.parseLong(number) : 0;
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
    RecordedVerdict recorded = RecordedVerdict.parse(metadata.get(VERIFICATION));
    return new Provenance(
        PlanJson.parse(plan, new Location(model.source(), null, "metadata " + PLAN)),
        metadata.get(SOURCE),
        recorded == null ? Verdict.Mode.MASKED : recorded.mode(),
        trained(model),
        count(model, RECOVERED),
        recorded != null && recorded.passed() ? recorded : null);
  }

  /** What a model says about itself, but for a plan from elsewhere. */
  public static Provenance withPlan(PruningPlan plan, Model model) {
    RecordedVerdict recorded = RecordedVerdict.parse(model.metadata().get(VERIFICATION));
    return new Provenance(
        plan, null, Verdict.Mode.MASKED, trained(model), count(model, RECOVERED), recorded);
  }

  /** Writes this into a model's metadata, in place of what an earlier pruning left there. */
  public void writeTo(Model pruned, @Nullable String command) {
    Map<String, String> metadata = pruned.metadata();
    metadata
        .keySet()
        .removeIf(key -> key.startsWith("gohsp.") && !key.equals(RecordedPreprocessing.KEY));
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
  public static void writeVerification(
      Model pruned, Verification verification, Verdict.Mode mode, Tolerance tolerance) {
    RecordedVerdict recorded =
        new RecordedVerdict(
            mode,
            true,
            verification.samples(),
            verification.seed(),
            tolerance.relative(),
            null,
            null);
    pruned.metadata().put(VERIFICATION, recorded.json());
  }

  private static String name(Verdict.Mode mode) {
    return mode.name().toLowerCase(Locale.ROOT);
  }
}
