package io.gohsp.method;

import static org.assertj.core.api.Assertions.assertThat;

import io.gohsp.Verification;
import io.gohsp.fixture.Fixture;
import io.gohsp.ir.Model;
import io.gohsp.normalize.WorkingModel;
import io.gohsp.plan.Budget;
import io.gohsp.plan.PruningPlan;
import io.gohsp.plan.SelectionOptions;
import io.gohsp.plan.Share;
import io.gohsp.prune.Pruning;
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
        "timm_vit__fp16_keepio",
        "hf_vit__ms_mha",
        "hf_bert_eager_legacy",
        "nn_encdec_cross",
        "rep_mqa",
        "rep_einsum",
        "hf_llama_gqa_dynamo_op23",
        "timm_vit_qknorm",
        "timm_vit__int8_qdq",
        "timm_vit_onehead",
      })
  void whatIsCutEqualsWhatIsMasked(String name) {
    Model model = Fixture.of(name).model();
    WorkingModel working = WorkingModel.normalized(model);
    PruningPlan byBudget =
        Methods.SYNTHETIC.plan(working, SelectionOptions.of(Budget.params("0.8")), 0);
    SelectionOptions shares =
        SelectionOptions.of(
            null, Share.parse("qk", "50%"), Share.parse("v", "50%"), Share.parse("neurons", "75%"));
    for (PruningPlan plan : List.of(byBudget, Methods.SYNTHETIC.plan(working, shares, 0))) {
      Verdict verdict =
          Verification.STANDARD.compare(
              model, plan, Verdict.Mode.MASKED, Pruning.prune(model, plan));
      assertThat(verdict.passed()).as(verdict.summary()).isTrue();
    }
  }
}
