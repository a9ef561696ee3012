package io.gohsp.selection;

import io.gohsp.ir.ModelException;
import io.gohsp.normalize.WorkingModel;
import io.gohsp.plan.BlockPlan;
import io.gohsp.plan.Keep;
import io.gohsp.plan.Keeps;
import io.gohsp.plan.PlanDraft;
import io.gohsp.plan.PlanResolver;
import io.gohsp.plan.PruningPlan;
import io.gohsp.vit.Block;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Makes a plan of a draft: what it lists stays, and of what it counts, what scores highest. */
public final class DraftSelector {
  /** Far above all scores, so that what a draft lists is what scores highest. */
  private static final double LISTED = 1e100;

  private final List<Block> blocks;
  private final PlanDraft draft;
  private final Keeps listed;
  private final Choices choices;

  private DraftSelector(WorkingModel working, Importance importance, PlanDraft draft) {
    this.blocks = working.blocks();
    this.draft = draft;
    this.listed = PlanResolver.resolvePart(draft.plan(), blocks, draft.from());
    this.choices = Choices.of(working.analysis(), blocks, listedFirst(importance));
  }

  /**
   * Chooses what the draft leaves open. What blocks share is chosen for all of them.
   *
   * @param working the model in the draft's bases
   * @param importance scores of its blocks
   * @throws ModelException.BadPlan if the draft does not fit the model, counts what cannot go, or
   *     says of one axis different numbers in blocks that share it
   */
  public static PruningPlan select(WorkingModel working, Importance importance, PlanDraft draft) {
    return new DraftSelector(working, importance, draft).plan();
  }

  private PruningPlan plan() {
    Map<Choice, Integer> counts = new LinkedHashMap<>();
    choices.all().forEach(choice -> counts.put(choice, count(choice)));
    requireChoices();
    PruningPlan plan = draft.plan();
    List<BlockPlan> chosen = ChosenPlan.of(choices, counts, plan.provenance()).blocks();
    List<BlockPlan> all = new ArrayList<>();
    for (int i = 0; i < blocks.size(); i++) {
      BlockPlan own = plan.blocks().get(i);
      BlockPlan other = chosen.get(i);
      all.add(
          own.keeping(
              either(own.headsKept(), other.headsKept()),
              either(own.qkKept(), other.qkKept()),
              either(own.vKept(), other.vKept()),
              either(own.neuronsKept(), other.neuronsKept())));
    }
    PruningPlan whole = plan.with(all);
    return whole.in(whole.bases());
  }

  private static <T> @Nullable T either(@Nullable T said, @Nullable T chosen) {
    return said == null ? chosen : said;
  }

  private ModelException.BadPlan bad(String problem, @Nullable String hint) {
    return new ModelException.BadPlan(draft.from(), problem, hint);
  }

  // ---- how many

  /** Units that stay of a choice. */
  private int count(Choice choice) {
    Keep keep = listed.byFactor().get(choice.factor());
    int all = keep == null ? choice.units() : keep.count();
    boolean said = keep != null;
    for (Choice.Member member : choice.members()) {
      Integer counted = counted(member.block(), member.kind());
      if (counted == null) {
        continue;
      }
      String what = member.kind().label() + " of " + blocks.get(member.block()).name();
      int per = member.axis().positionsPerUnit();
      if (counted % per != 0) {
        throw bad(
            what + " go in groups of " + per + ", and " + counted + " is no number of groups",
            "keep a multiple of " + per);
      }
      if (choice.reasonToKeep() != null) {
        throw bad(
            what + " cannot be removed: they " + choice.reasonToKeep(),
            "leave the number out; gohsp inspect says why");
      }
      int units = counted / per;
      if (said && units != all) {
        throw bad(
            what
                + " are shared with another part, of which the plan keeps "
                + all * per
                + " and not "
                + counted,
            "keep as many in both, or say it of one");
      }
      all = units;
      said = true;
    }
    return all;
  }

  private @Nullable Integer counted(int block, GroupKind kind) {
    PlanDraft.Counts counts = draft.counts().get(block);
    return switch (kind) {
      case HEADS -> counts.heads();
      case QK -> counts.qk();
      case V -> counts.v();
      case NEURONS -> counts.neurons();
    };
  }

  /** What is counted must be something to choose of. */
  private void requireChoices() {
    for (int i = 0; i < blocks.size(); i++) {
      Block block = blocks.get(i);
      for (GroupKind kind : GroupKind.values()) {
        if (counted(i, kind) != null && choices.of(kind.axis(block)) == null) {
          throw bad(
              kind.label() + " of " + block.name() + " cannot be told from the rest of the model",
              "leave the number out; gohsp inspect says why");
        }
      }
    }
  }

  // ---- which

  private Importance listedFirst(Importance importance) {
    List<Importance.Scores> all = new ArrayList<>();
    for (int i = 0; i < blocks.size(); i++) {
      Importance.Scores scores = importance.blocks().get(i);
      BlockPlan plan = draft.plan().blocks().get(i);
      all.add(
          new Importance.Scores(
              first(plan.headsKept(), scores.heads()),
              first(plan, plan.qkKept(), scores.qk()),
              first(plan, plan.vKept(), scores.v()),
              first(plan.neuronsKept(), scores.neurons())));
    }
    return new Importance(all);
  }

  private static double[] first(@Nullable List<Integer> kept, double[] scores) {
    if (kept == null) {
      return scores;
    }
    double[] first = new double[scores.length];
    Arrays.fill(first, -LISTED);
    kept.forEach(position -> first[position] = LISTED);
    return first;
  }

  private static double[][] first(
      BlockPlan plan, @Nullable List<List<Integer>> kept, double[][] scores) {
    if (kept == null) {
      return scores;
    }
    double[][] first = scores.clone();
    List<Integer> heads = plan.headsKept();
    for (int row = 0; row < kept.size(); row++) {
      int head = heads == null ? row : heads.get(row);
      first[head] = first(kept.get(row), scores[head]);
    }
    return first;
  }
}
