package io.gohsp.zero;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;

import io.gohsp.fixture.FixtureNames;
import io.gohsp.ir.Model;
import io.gohsp.ir.Traversal;
import io.gohsp.ir.Value;
import io.gohsp.normalize.WorkingModel;
import io.gohsp.plan.BlockPlan;
import io.gohsp.plan.PruningPlan;
import io.gohsp.prune.Pruning;
import io.gohsp.tensor.ElementType;
import io.gohsp.vit.PrunableAxis;
import io.gohsp.zero.OrtRun.Output;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** A model that other tools masked, stripped of its zeroes, computes what it computed before. */
class ZeroPruningTest {
  /** Sums of at most a hundred terms in another order, relative to the largest output. */
  private static final double FLOAT = 2e-5;

  /**
   * A sum that falls on the other side of a rounding boundary moves by 2⁻¹¹; a dozen lie behind one
   * another.
   */
  private static final double HALF = 1e-2;

  /** A float that moves by 1e-7 may round to the next of 255 steps; two blocks. */
  private static final double QUANTIZED = 1e-2;

  /** With blocks. */
  static Stream<String> fixtures() {
    return FixtureNames.sample("ZeroPruningTest").stream()
        .filter(fixture -> !fixture.startsWith("neg_"));
  }

  @ParameterizedTest
  @MethodSource("fixtures")
  void strippedModelEqualsTheOriginal(String fixture) throws Exception {
    ZeroedModel zeroed = ZeroedModel.of(fixture);
    ScatteredZeros.scatter(zeroed, !DeadUnitsTest.DYNAMIC_RANGES.contains(fixture), 4);
    Model original = zeroed.original();
    PruningPlan plan = ZeroPlan.of(original);

    Model stripped = Pruning.prune(original, plan);

    assertThat(plan.isEmpty()).isFalse();
    assertThat(bytes(stripped)).isLessThan(bytes(original));
    Path folder = ZeroedModel.folder(fixture);
    Map<String, Output> before = OrtRun.of(original, folder);
    Map<String, Output> after = OrtRun.of(stripped, folder);
    assertThat(after.keySet()).isEqualTo(before.keySet()).isNotEmpty();
    before.forEach(
        (name, output) ->
            assertThat(difference(output, after.get(name))).isLessThan(tolerance(original)));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"timm_vit_legacy_op17_unfused", "timm_vit__fp16_io16", "timm_vit__int8_qdq"})
  void strippingMoreThanIsDeadWouldBeNoticed(String fixture) throws Exception {
    ZeroedModel zeroed = ZeroedModel.of(fixture);
    ScatteredZeros.scatter(zeroed, true, 4);
    Model original = zeroed.original();
    BlockPlan dead = ZeroPlan.of(original).blocks().get(0);
    BlockPlan rest = ZeroPlan.of(original).blocks().get(1);
    BlockPlan more =
        new BlockPlan(
            dead.block(),
            dead.heads(),
            dead.qkWidth(),
            dead.vWidth(),
            dead.neurons(),
            dead.headsKept().subList(1, 3),
            dead.qkKept().subList(1, 3),
            dead.vKept().subList(1, 3),
            dead.neuronsKept());

    Model stripped = Pruning.prune(original, new PruningPlan(List.of(more, rest), Map.of()));

    Path folder = ZeroedModel.folder(fixture);
    Output before = OrtRun.of(original, folder).values().iterator().next();
    Output after = OrtRun.of(stripped, folder).values().iterator().next();
    assertThat(difference(before, after)).isGreaterThan(5 * tolerance(original));
  }

  @Test
  void strippingWhatIsNotThereChangesNothing() {
    Model original = ZeroedModel.of("timm_vit_legacy_op17_unfused").original();

    PruningPlan plan = ZeroPlan.of(original);

    assertThat(plan.isEmpty()).isTrue();
    assertThat(plan.provenance()).containsEntry("method", "zeros");
    assertThat(bytes(Pruning.prune(original, plan))).isEqualTo(bytes(original));
  }

  @Test
  void deadBranchesGoAsAWhole() throws Exception {
    String fixture = "timm_vit_legacy_op17_unfused";
    ZeroedModel zeroed = ZeroedModel.of(fixture);
    PrunableAxis heads = zeroed.blocks.get(0).attention().heads();
    PrunableAxis neurons = zeroed.blocks.get(1).mlp().neurons();
    for (PrunableAxis axis : List.of(heads, neurons)) {
      Set<Integer> all = IntStream.range(0, axis.units()).boxed().collect(Collectors.toSet());
      zeroed.zero(axis.factor(), List.of(), Map.of(0, all), ZeroedModel.Side.CONSUMERS);
    }
    Model original = zeroed.original();

    PruningPlan plan = ZeroPlan.of(original);
    Model stripped = Pruning.prune(original, plan);

    assertThat(plan.blocks().get(0).dropsAttention()).isTrue();
    assertThat(plan.blocks().get(1).dropsMlp()).isTrue();
    assertThat(WorkingModel.normalized(stripped).blocks())
        .extracting(block -> block.attention() != null, block -> block.mlp() != null)
        .containsExactly(tuple(false, true), tuple(true, false));
    Path folder = ZeroedModel.folder(fixture);
    Output before = OrtRun.of(original, folder).values().iterator().next();
    Output after = OrtRun.of(stripped, folder).values().iterator().next();
    assertThat(difference(before, after)).isLessThan(FLOAT);
  }

  private static double tolerance(Model model) {
    if (Traversal.allNodes(model).anyMatch(node -> node.op().type().contains("Quantize"))) {
      return QUANTIZED;
    }
    boolean half =
        Traversal.initializersWithin(model.graph())
            .anyMatch(
                value ->
                    value.constant() != null && value.constant().type() == ElementType.FLOAT16);
    return half ? HALF : FLOAT;
  }

  private static double difference(Output before, Output after) {
    assertThat(after.dims()).isEqualTo(before.dims());
    double largest = 0;
    double apart = 0;
    for (int i = 0; i < before.values().length; i++) {
      largest = Math.max(largest, Math.abs(before.values()[i]));
      apart = Math.max(apart, Math.abs((double) before.values()[i] - after.values()[i]));
    }
    return apart / largest;
  }

  private static long bytes(Model model) {
    return Traversal.initializersWithin(model.graph())
            .map(Value::constant)
            .mapToLong(tensor -> tensor.data().byteSize())
            .sum()
        + Traversal.nodesWithin(model.graph())
            .filter(node -> node.is("Constant"))
            .mapToLong(node -> ZeroedModel.contents(node.output()).data().byteSize())
            .sum();
  }
}
