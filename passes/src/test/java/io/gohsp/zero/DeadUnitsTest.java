package io.gohsp.zero;

import static org.assertj.core.api.Assertions.assertThat;

import io.gohsp.fixture.FixtureNames;
import io.gohsp.vit.Block;
import io.gohsp.zero.DeadUnits.InBlock;
import io.gohsp.zero.ZeroedModel.Side;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * What is found in the models of real exporters, in every precision, after zeroing scattered units.
 */
class DeadUnitsTest {
  /** Ranges of activations are taken at run time. */
  static final Set<String> DYNAMIC_RANGES = Set.of("hf_vit__int8_dynamic_perchannel");

  /**
   * What carries a head's or column's number into the result does not compute what is averaged: all
   * heads share one set of values, or attention runs over channels.
   */
  static final Set<String> OTHER_PRODUCERS = Set.of("rep_mqa", "timm_xcit");

  static Stream<String> fixtures() {
    return FixtureNames.sample("DeadUnitsTest").stream();
  }

  @ParameterizedTest
  @MethodSource("fixtures")
  void findsNothingInWhatNobodyZeroed(String fixture) {
    assertThat(ZeroedModel.of(fixture).dead().isEmpty()).isTrue();
  }

  static Stream<String> withConsumers() {
    return fixtures().filter(fixture -> !DYNAMIC_RANGES.contains(fixture));
  }

  @ParameterizedTest
  @MethodSource("withConsumers")
  void findsExactlyTheUnitsWhoseProducersOrConsumersAreZero(String fixture) {
    ZeroedModel model = ZeroedModel.of(fixture);
    List<InBlock> expected = ScatteredZeros.scatter(model, true, 1);

    assertThat(model.dead().blocks()).isEqualTo(expected);
  }

  static Stream<String> withProducers() {
    return fixtures().filter(fixture -> !OTHER_PRODUCERS.contains(fixture));
  }

  @ParameterizedTest
  @MethodSource("withProducers")
  void findsExactlyTheUnitsWhoseProducersAreZero(String fixture) {
    ZeroedModel model = ZeroedModel.of(fixture);
    List<InBlock> expected = ScatteredZeros.scatter(model, false, 2);

    assertThat(model.dead().blocks()).isEqualTo(expected);
  }

  @Test
  void aNeuronThatIsReadByNobodyStaysWhereItMayBeTheEndOfARange() {
    ZeroedModel model = ZeroedModel.of("hf_vit__int8_dynamic_perchannel");
    Block block = model.blocks.get(1);
    model.zero(block.mlp().neurons().factor(), List.of(), Map.of(0, Set.of(7, 30)), Side.CONSUMERS);

    assertThat(model.dead().isEmpty()).isTrue();

    model.zero(block.mlp().neurons().factor(), List.of(), Map.of(0, Set.of(30)), Side.PRODUCERS);

    assertThat(model.dead().blocks().get(1).neurons()).containsExactly(30);
  }

  @Test
  void aHeadWithoutQueriesIsAliveAndOneWithoutValuesIsNot() {
    ZeroedModel model = ZeroedModel.of("timm_vit_legacy_op17_unfused");
    var attention = model.blocks.get(0).attention();
    var heads = attention.heads().factor();
    Set<Integer> all = Set.of(0, 1, 2, 3, 4, 5);
    model.zero(attention.qk().factor(), List.of(heads), Map.of(1, all), Side.PRODUCERS);
    model.zero(attention.v().factor(), List.of(heads), Map.of(2, all), Side.PRODUCERS);

    InBlock dead = model.dead().blocks().get(0);

    assertThat(dead.heads()).containsExactly(2);
    assertThat(dead.qk())
        .containsExactly(List.of(), List.of(0, 1, 2, 3, 4, 5), List.of(), List.of());
    assertThat(dead.v())
        .containsExactly(List.of(), List.of(), List.of(0, 1, 2, 3, 4, 5), List.of());
  }
}
