package io.gohsp.rank;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.gohsp.selection.Importance;
import io.gohsp.vit.Block;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class HeadRankingTest {
  /** Heads 0 and 1 are duplicates; 2 is between; 3 is unlike any other. */
  private static final double[][] S = {
    {1, 1, 0.6, 0.1},
    {1, 1, 0.6, 0.1},
    {0.6, 0.6, 1, 0.2},
    {0.1, 0.1, 0.2, 1}
  };

  private static final MarkovChain CHAIN = MarkovChain.of(S, MarkovChain.Options.DEFAULT);

  private static HeadRanking rank(
      HeadOrder by, boolean highest, double beta, double @Nullable [] scores) {
    return HeadRanking.of(
        "block 0", 0, 4, S, CHAIN, scores, new HeadRanking.Options(by, highest, beta, 7));
  }

  @Test
  void removingTheLowestKeepsDuplicates() {
    assertThat(rank(HeadOrder.GRAPH, false, 1, null).order()).containsExactly(0, 1, 2, 3);
  }

  @Test
  void removingTheHighestKeepsWhatIsDistinct() {
    assertThat(rank(HeadOrder.GRAPH, true, 1, null).order()).containsExactly(3, 2, 0, 1);
  }

  @Test
  void marginalRelevancePutsDuplicatesLast() {
    double[] equal = {1, 1, 1, 1};
    assertThat(rank(HeadOrder.MMR, false, 1, equal).order()).containsExactly(0, 3, 2, 1);
    double[] scores = {2, 4, 1, 1};
    assertThat(rank(HeadOrder.MMR, false, 0, scores).order())
        .as("by score alone")
        .containsExactly(1, 0, 2, 3);
    assertThat(rank(HeadOrder.MMR, false, 1, scores).order()).containsExactly(1, 3, 0, 2);
  }

  @Test
  void scoresFromElsewhere() {
    double[] scores = {1, 5, 2, 4};
    assertThat(rank(HeadOrder.MAGNITUDE, false, 1, scores).order()).containsExactly(1, 3, 2, 0);
    assertThat(rank(HeadOrder.TAYLOR, true, 1, scores).order()).containsExactly(0, 2, 3, 1);
  }

  @Test
  void chanceDependsOnSeedAndBlockOnly() {
    HeadRanking.Options options = new HeadRanking.Options(HeadOrder.RANDOM, false, 1, 7);
    List<Integer> order = HeadRanking.of("a", 0, 16, null, null, null, options).order();
    assertThat(HeadRanking.of("b", 0, 16, null, null, null, options).order()).isEqualTo(order);
    assertThat(HeadRanking.of("a", 1, 16, null, null, null, options).order()).isNotEqualTo(order);
  }

  @Test
  void scoresFollowTheOrderAndHaveMeanOne() {
    for (HeadOrder by : HeadOrder.values()) {
      for (boolean highest : new boolean[] {true, false}) {
        HeadRanking ranking = rank(by, highest, 1, new double[] {3, 1, 4, 1.5});
        assertThat(Arrays.stream(ranking.scores()).average().orElseThrow())
            .isCloseTo(1, within(1e-12));
        double last = Double.POSITIVE_INFINITY;
        for (int head : ranking.order()) {
          assertThat(ranking.scores()[head]).isBetween(0.0, last);
          last = ranking.scores()[head];
        }
      }
    }
  }

  @Test
  void saysWhatIsMissing() {
    assertThatThrownBy(() -> rank(HeadOrder.MMR, false, 1, null))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("this ranking needs scores");
  }

  @Test
  void takesTheHeadsPlaceInAnImportance() {
    Importance base =
        new Importance(
            List.of(
                new Importance.Scores(
                    new double[4], new double[4][2], new double[4][2], new double[] {5, 6})));
    List<Block> blocks = List.of(new Block("block 0", null, null));
    HeadRanking ranking = rank(HeadOrder.GRAPH, false, 1, null);
    Importance applied = HeadRanking.applied(base, blocks, List.of(ranking));
    assertThat(applied.blocks().get(0).heads()).isEqualTo(ranking.scores());
    assertThat(applied.blocks().get(0).neurons()).containsExactly(5, 6);
    HeadRanking stranger =
        HeadRanking.of("block 9", 0, 4, S, CHAIN, null, HeadRanking.Options.DEFAULT);
    assertThatThrownBy(() -> HeadRanking.applied(base, blocks, List.of(stranger)))
        .hasMessage("no such block: [block 9]");
  }
}
