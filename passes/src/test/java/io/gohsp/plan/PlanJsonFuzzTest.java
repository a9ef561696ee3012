package io.gohsp.plan;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import io.gohsp.ir.Location;
import io.gohsp.ir.ModelException;
import java.nio.charset.StandardCharsets;

/** Whatever is read either is a plan, which then survives writing, or is refused as a bad one. */
class PlanJsonFuzzTest {
  @FuzzTest(maxDuration = "60s")
  void readsAPlanOrRefusesIt(byte[] bytes) {
    String text = new String(bytes, StandardCharsets.UTF_8);
    PruningPlan plan;
    try {
      plan = PlanJson.parse(text, Location.UNKNOWN);
    } catch (ModelException.BadPlan refused) {
      assertThat(refused).hasMessageNotContaining("\n");
      return;
    }
    assertThat(PlanJson.parse(PlanJson.compact(plan), Location.UNKNOWN)).isEqualTo(plan);
    assertThat(PlanJson.parse(PlanJson.pretty(plan), Location.UNKNOWN)).isEqualTo(plan);
  }
}
