package io.gohsp.selection;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.gohsp.create.VitArchitecture;
import io.gohsp.plan.Analysed;
import io.gohsp.selection.Importance.Scores;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Tables against the scores and the architecture that they follow from. */
class LossTableTest {
  /** Two blocks of two heads of three columns, and five neurons. */
  private static final VitArchitecture TINY = new VitArchitecture(8, 1, 4, 6, 2, 2, 5, 3);

  private static final Analysed VIT = Analysed.vit(TINY);

  private static LossTable table(List<LossTable> tables, String block, GroupKind kind) {
    return tables.stream()
        .filter(table -> table.kind() == kind && table.blocks().equals(List.of(block)))
        .findFirst()
        .orElseThrow();
  }

  private static double lost(double[] scores, int kept) {
    return Arrays.stream(scores).sorted().limit(scores.length - kept).sum();
  }

  @Test
  void addsUpWhatGoesHeadByHead() {
    Importance losses = VIT.random(3);
    List<LossTable> tables = LossTable.of(VIT.working(), losses);
    assertThat(tables).hasSize(8);
    for (int block = 0; block < 2; block++) {
      Scores scores = losses.blocks().get(block);
      LossTable qk = table(tables, "block " + block, GroupKind.QK);
      LossTable neurons = table(tables, "block " + block, GroupKind.NEURONS);
      for (int kept = 1; kept <= 3; kept++) {
        assertThat(qk.at(kept))
            .isCloseTo(lost(scores.qk()[0], kept) + lost(scores.qk()[1], kept), within(1e-12));
      }
      for (int kept = 1; kept <= 5; kept++) {
        assertThat(neurons.at(kept)).isCloseTo(lost(scores.neurons(), kept), within(1e-12));
      }
      assertThat(qk.at(3)).isZero();
      assertThat(neurons.at(5)).isZero();
      assertThat(qk.within(qk.at(2))).isEqualTo(2);
      assertThat(qk.within(Double.POSITIVE_INFINITY)).isEqualTo(1);
    }
  }

  /** METHOD.md section 5. */
  @Test
  void unitsSaveWhatTheArchitectureSays() {
    List<LossTable> tables = LossTable.of(VIT.working(), VIT.random(0));
    long d = TINY.dim();
    long columns = 3;
    assertThat(table(tables, "block 1", GroupKind.NEURONS).unitParams()).isEqualTo(2 * d + 1);
    assertThat(table(tables, "block 1", GroupKind.QK).unitParams()).isEqualTo(2 * (d + 1) * 2);
    assertThat(table(tables, "block 1", GroupKind.V).unitParams()).isEqualTo((2 * d + 1) * 2);
    assertThat(table(tables, "block 1", GroupKind.HEADS).unitParams())
        .isEqualTo(columns * (4 * d + 3));
  }
}
