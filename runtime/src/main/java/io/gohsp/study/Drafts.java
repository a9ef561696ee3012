package io.gohsp.study;

import io.gohsp.basis.Basis;
import io.gohsp.basis.BasisChange;
import io.gohsp.calibration.Calibration;
import io.gohsp.ir.Model;
import io.gohsp.ir.ModelException;
import io.gohsp.linalg.OpenBlas;
import io.gohsp.method.Gohsp;
import io.gohsp.normalize.WorkingModel;
import io.gohsp.plan.PlanDraft;
import io.gohsp.plan.PruningPlan;
import io.gohsp.selection.DraftSelector;
import io.gohsp.selection.MagnitudeImportance;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** Chooses what a {@link PlanDraft} leaves open: by weights, or by what samples say. */
public final class Drafts {
  /** Where a plan's provenance tells how was chosen what its draft counted. */
  public static final String PROVENANCE = "counted";

  private Drafts() {}

  /**
   * What has the largest weights stays.
   *
   * @throws ModelException.BadPlan if the draft does not fit the model
   */
  public static PruningPlan byWeights(Model original, PlanDraft draft) {
    if (draft.isSettled()) {
      return draft.plan();
    }
    WorkingModel working = WorkingModel.normalized(inBasis(original, draft));
    return saying(
        "by weights", DraftSelector.select(working, MagnitudeImportance.of(working), draft));
  }

  /**
   * What the loss depends on most stays, by the scores of a method.
   *
   * @param calibration samples to measure on
   * @param labelled whether they say which class they are of
   * @param progress is told what is being done
   * @throws ModelException.BadPlan if the draft does not fit the model
   * @throws io.gohsp.data.DataException if the samples cannot be used
   */
  public static PruningPlan measured(
      Model original,
      PlanDraft draft,
      Gohsp method,
      Calibration calibration,
      boolean labelled,
      Consumer<String> progress) {
    if (draft.isSettled()) {
      return draft.plan();
    }
    OpenBlas.useThreads(calibration.options().threads());
    var evidence = Study.evidence(inBasis(original, draft), calibration, labelled, progress);
    return saying(
        "by what costs the loss least",
        DraftSelector.select(evidence.working(), method.importance(evidence), draft));
  }

  private static PruningPlan saying(String how, PruningPlan plan) {
    Map<String, String> provenance = new LinkedHashMap<>(plan.provenance());
    provenance.put(PROVENANCE, how);
    return plan.from(provenance);
  }

  /** Columns are numbered in the plan's bases, whatever is chosen of them. */
  private static Model inBasis(Model original, PlanDraft draft) {
    List<@Nullable Basis> bases = draft.plan().bases();
    return bases.stream().allMatch(Objects::isNull) ? original : BasisChange.apply(original, bases);
  }
}
