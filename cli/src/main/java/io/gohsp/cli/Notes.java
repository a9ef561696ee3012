package io.gohsp.cli;

import io.gohsp.cost.Cost;
import io.gohsp.data.DataSource;
import io.gohsp.ir.Model;
import io.gohsp.ir.ModelException;
import io.gohsp.linear.TokenMask;
import io.gohsp.method.Synthetic;
import io.gohsp.plan.BlockPlan;
import io.gohsp.plan.PruningPlan;
import io.gohsp.report.Quantity;
import io.gohsp.selection.Budget;
import io.gohsp.selection.KeptWhole;
import io.gohsp.selection.Share;
import io.gohsp.study.Drafts;
import io.gohsp.train.Evaluation;
import io.gohsp.work.Fingerprint;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * What is done as it was said, but was perhaps not meant: lines on stderr, unless {@code --quiet}
 * was given.
 */
record Notes(ConsoleOptions console, PrintWriter err) {
  /** What chance comes to in all but one of fifty times. */
  private static final double DEVIATIONS = 2;

  /** So many samples that were left out are named. */
  private static final int NAMED = 5;

  private void add(String note) {
    if (!console.quiet()) {
      err.println("gohsp: note: " + note);
      err.flush();
    }
  }

  /**
   * A share that asks for more than layers have.
   *
   * @param option what the user wrote it behind
   * @param sizeOf how many a block has before pruning; null if it has no such part
   */
  void onShare(
      String option,
      @Nullable String text,
      PruningPlan plan,
      Function<BlockPlan, @Nullable Integer> sizeOf) {
    if (text == null) {
      return;
    }
    List<Integer> sizes = plan.blocks().stream().map(sizeOf).filter(Objects::nonNull).toList();
    if (sizes.isEmpty()) {
      add(option + " " + text + " has no effect: no block has any");
    }
    if (!(Share.parse(option, text) instanceof Share.Count share) || sizes.isEmpty()) {
      return;
    }
    long smaller = sizes.stream().filter(size -> size < share.count()).count();
    if (smaller == sizes.size()) {
      int most = sizes.stream().mapToInt(size -> size).max().orElseThrow();
      add("%s %s removes nothing: no block has more than %d".formatted(option, text, most));
    } else if (smaller > 0) {
      add(
          "%s %s removes nothing from %d of %d blocks, which have fewer"
              .formatted(option, text, smaller, sizes.size()));
    }
  }

  /** What a share or a wish asks of layers that cannot give it. */
  void onKept(KeptWhole kept) {
    String what =
        kept.wished()
            ? "a wish for %s %s".formatted(kept.asked(), kept.kind().label())
            : "--%s %s".formatted(kept.kind().name().toLowerCase(Locale.ROOT), kept.asked());
    List<String> blocks = kept.blocks();
    add(
        "%s removes nothing from %s%s: %s"
            .formatted(
                what,
                blocks.get(0),
                blocks.size() > 1 ? " and " + (blocks.size() - 1) + " more" : "",
                kept.reason()));
  }

  /**
   * Samples that could not be used.
   *
   * @param skipped their names, with the reasons
   */
  void onSkipped(List<String> skipped) {
    if (!skipped.isEmpty()) {
      add(
          "%s could not be read and %s left out: %s%s"
              .formatted(
                  skipped.size() == 1 ? "a sample" : skipped.size() + " samples",
                  skipped.size() == 1 ? "was" : "were",
                  String.join("; ", skipped.subList(0, Math.min(NAMED, skipped.size()))),
                  skipped.size() > NAMED ? "; ..." : ""));
    }
  }

  /** A budget above what the model has, perhaps with the wrong unit. */
  void onBudget(Budget budget, Cost dense) {
    for (Budget.Limit limit : budget.limits()) {
      if (limit.limit(dense) > limit.spent(dense)) {
        add(
            "a budget of %s is more than the model's %s: nothing has to go"
                .formatted(limit, Quantity.of(limit.spent(dense))));
      }
    }
  }

  /**
   * Texts of which nothing says what is padding.
   *
   * @param mask the input that was named to say so; null if none was
   * @throws io.gohsp.ir.ModelException.Unsupported if the model has no input of that name
   */
  void onMask(Model model, @Nullable String mask) {
    if (mask == null && !TokenMask.isAskedOf(model)) {
      return;
    }
    TokenMask found = TokenMask.of(model, mask);
    if (found == null) {
      add(
          "no input keeps a token from being looked at, so that all count; if some are padding, name"
              + " the input that says so (--mask INPUT)");
    } else if (!found.isOfTokens(model)) {
      add(
          "input \"%s\" keeps tokens out, but no layer reads as many rows of a sample as it has numbers on its last axis, as far as the model says, so that layers are measured on all rows; export the model with one name for both, and with a number for each token, class tokens included"
              .formatted(found.input()));
    }
  }

  /**
   * A model that does no better than chance on its data, which were perhaps prepared for another.
   */
  void onChance(Evaluation original, DataSource source) {
    onChance(original.accuracy(), original.samples(), source);
  }

  /**
   * The same.
   *
   * @param accuracy of the original; NaN if there are no class scores
   * @param samples it was measured on
   */
  void onChance(double accuracy, long samples, DataSource source) {
    if (!source.isLabelled() || Double.isNaN(accuracy)) {
      return;
    }
    long classes = source.labels();
    if (classes == 1) {
      add(
          "all samples have one label, so that accuracy says nothing; give the folder that holds a"
              + " folder for each class, or pictures in no class folder");
      return;
    }
    double chance = 1.0 / classes;
    double deviation = Math.sqrt(chance * (1 - chance) / samples);
    if (accuracy <= chance + DEVIATIONS * deviation) {
      add(
          String.format(
              Locale.ROOT,
              "the original has %.2f %% of %d samples right, no better than chance among %d classes: it is"
                  + " untrained, or pictures are prepared (--config, --mean, --std) or classes numbered"
                  + " (--classes) otherwise than in its training",
              100 * accuracy,
              samples,
              classes));
    }
  }

  /**
   * A cluster that waits for the batches of one update.
   *
   * @param batches of an update
   * @param executors of the cluster, each of which computes one batch at a time
   */
  void onIdle(int batches, int executors) {
    if (batches < executors) {
      add(
          "an update has %d of the %d batches that could be computed at once; --accumulate %d, with smaller batches, keeps all busy"
              .formatted(batches, executors, executors));
    }
  }

  /** Weights that decided where made-up samples were to. */
  void onMethod(PruningPlan plan) {
    String why = plan.provenance().get(Synthetic.INSTEAD);
    if (why != null) {
      add("what stays was chosen by weights alone (somp), not on made-up samples: " + why);
    }
  }

  /** A plan that was made for another file; that it fits is no proof that it is meant. */
  void onOrigin(Path planFile, PruningPlan plan, Model model) {
    String expected = plan.provenance().get("sha256");
    if (expected != null && !expected.equals(Fingerprint.of(model))) {
      add(
          planFile
              + " was made for another file (its SHA-256 is "
              + expected
              + "); the blocks have the same sizes, so it is applied");
    }
  }

  /** A plan that only says how many stay. */
  void onCounts(Path planFile, PruningPlan plan) {
    String how = plan.provenance().get(Drafts.PROVENANCE);
    if (how != null) {
      add(planFile + " says how many stay of something; which was chosen " + how);
    }
  }

  /**
   * A model that was written although an earlier state validated better.
   *
   * @param how in words; null if none did
   */
  void onWorse(Path file, @Nullable String how) {
    if (how != null) {
      add(file + ": " + how);
    }
  }

  /** A report without times. */
  void onUntimed(ModelException why) {
    add("the report does not say how long the models take: " + why.problem());
  }
}
