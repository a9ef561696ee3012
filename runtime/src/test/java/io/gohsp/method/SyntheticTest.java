package io.gohsp.method;

import static org.assertj.core.api.Assertions.assertThat;

import io.gohsp.equivalence.Verification;
import io.gohsp.fixture.Fixture;
import io.gohsp.ir.Model;
import io.gohsp.normalize.WorkingModel;
import io.gohsp.plan.PruningPlan;
import io.gohsp.prune.Pruning;
import io.gohsp.selection.Budget;
import io.gohsp.selection.SelectionOptions;
import io.gohsp.selection.SelectionOptions.Allocation;
import io.gohsp.selection.Share;
import io.gohsp.verify.Verdict;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class SyntheticTest {
  /** One budget and one share each, over layouts of all kinds, with and without a basis. */
  @ParameterizedTest
  @ValueSource(
      strings = {
        "timm_vit_legacy_op17_unfused",
        "timm_vit__fused_vit",
        "hf_bert_eager_legacy",
        "nn_encdec_cross",
        "hf_detr_detection", // the values of its first queries are the same for all pictures
        "rep_mqa",
        "timm_vit__int8_qdq",
      })
  void whatIsCutEqualsWhatIsMasked(String name) {
    Model model = Fixture.of(name).model();
    WorkingModel working = WorkingModel.normalized(model);
    PruningMethod.Planner planner = Methods.SYNTHETIC.planner(working, 0);
    PruningPlan byBudget =
        planner.plan(SelectionOptions.of(Budget.params("0.8")).with(Allocation.KNAPSACK));
    SelectionOptions shares =
        SelectionOptions.of(
            null, Share.parse("qk", "50%"), Share.parse("v", "50%"), Share.parse("neurons", "75%"));
    for (PruningPlan plan : List.of(byBudget, planner.plan(shares))) {
      Verdict verdict =
          Verification.STANDARD.compare(
              model, plan, Verdict.Mode.MASKED, Pruning.prune(model, plan));
      assertThat(verdict.passed()).as(verdict.summary()).isTrue();
    }
  }
}
