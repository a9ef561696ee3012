package io.gohsp.zero;

import static org.assertj.core.api.Assertions.assertThat;

import io.gohsp.plan.BlockPlan;
import io.gohsp.vit.Block;
import io.gohsp.zero.DeadUnits.InBlock;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** Four heads of six columns, 42 neurons. */
class ZeroPlanTest {
  private static final List<Integer> NONE = List.of();
  private static final List<Integer> ALL = List.of(0, 1, 2, 3, 4, 5);
  private static final Block BLOCK = ZeroedModel.of("timm_vit_depth1").blocks.get(0);

  private static BlockPlan plan(
      List<Integer> heads, List<List<Integer>> qk, List<List<Integer>> v, List<Integer> neurons) {
    return ZeroPlan.of(
            new DeadUnits(List.of(new InBlock(BLOCK, heads, qk, v, neurons))), f -> false)
        .blocks()
        .get(0);
  }

  @Test
  void keepsAllWhereNothingIsDead() {
    BlockPlan plan =
        plan(NONE, List.of(NONE, NONE, NONE, NONE), List.of(NONE, NONE, NONE, NONE), NONE);

    assertThat(plan).isEqualTo(new BlockPlan("block 0", 4, 6, 6, 42, null, null, null, null));
  }

  @Test
  void theHeadWithTheMostAliveDecidesAndOthersKeepTheirFirstDeadColumns() {
    BlockPlan plan =
        plan(
            List.of(1),
            List.of(List.of(0, 5), NONE, List.of(0, 2, 4, 5), List.of(1, 2, 3)),
            List.of(List.of(2), ALL, List.of(0, 1), NONE),
            List.of(0, 41));

    assertThat(plan.headsKept()).containsExactly(0, 2, 3);
    assertThat(plan.qkKept())
        .containsExactly(List.of(1, 2, 3, 4), List.of(0, 1, 2, 3), List.of(0, 1, 4, 5));
    assertThat(plan.vKept()).isNull();
    assertThat(plan.neuronsKept()).isEqualTo(IntStream.range(1, 41).boxed().toList());
  }

  @Test
  void oneOfEverythingStays() {
    List<List<Integer>> all = List.of(ALL, ALL, ALL, ALL);

    BlockPlan plan = plan(List.of(0, 1, 2, 3), all, all, IntStream.range(0, 42).boxed().toList());

    assertThat(plan.headsKept()).containsExactly(0);
    assertThat(plan.qkKept()).containsExactly(List.of(0));
    assertThat(plan.vKept()).containsExactly(List.of(0));
    assertThat(plan.neuronsKept()).containsExactly(0);
  }
}
