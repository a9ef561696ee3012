package io.gohsp.rank;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.Example;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;

/** Invariants of the chain, for similarities of every kind: dense, sparse, tiny, disconnected. */
class MarkovChainTest {
  /** What a step may change at the end, and what sums may be off by. */
  private static final double STATIONARY = 1e-9;

  @Provide
  Arbitrary<double[][]> graphs() {
    Arbitrary<Double> weight =
        Arbitraries.frequencyOf(
            net.jqwik.api.Tuple.of(3, Arbitraries.doubles().between(0, 1)),
            net.jqwik.api.Tuple.of(2, Arbitraries.just(0.0)),
            net.jqwik.api.Tuple.of(1, Arbitraries.of(1e-9, 1e-300, 1.0)));
    return Arbitraries.integers()
        .between(1, 8)
        .flatMap(
            heads ->
                weight
                    .list()
                    .ofSize(heads * heads)
                    .map(
                        numbers -> {
                          double[][] s = new double[heads][heads];
                          for (int i = 0; i < heads; i++) {
                            for (int j = 0; j <= i; j++) {
                              s[i][j] = numbers.get(i * heads + j);
                              s[j][i] = s[i][j];
                            }
                          }
                          return s;
                        }));
  }

  @Provide
  Arbitrary<MarkovChain.Options> options() {
    return Combinators.combine(Arbitraries.of(1.0, 0.85, 0.1), Arbitraries.of(true, false))
        .as(MarkovChain.Options::new);
  }

  @Property
  void isAStationaryDistribution(
      @ForAll("graphs") double[][] s, @ForAll("options") MarkovChain.Options options) {
    MarkovChain chain = MarkovChain.of(s, options);
    double[] pi = chain.stationary();
    for (double[] row : chain.transition()) {
      assertThat(Arrays.stream(row).min().orElseThrow()).isNotNegative();
      assertThat(Arrays.stream(row).sum()).isCloseTo(1, within(STATIONARY));
    }
    assertThat(Arrays.stream(pi).min().orElseThrow()).isNotNegative();
    assertThat(Arrays.stream(pi).sum()).isCloseTo(1, within(STATIONARY));
    double change = 0;
    for (int j = 0; j < pi.length; j++) {
      double next = 0;
      for (int i = 0; i < pi.length; i++) {
        next += pi[i] * chain.transition()[i][j];
      }
      change += Math.abs(next - pi[j]);
    }
    assertThat(change).isLessThan(STATIONARY);
  }

  @Property
  void permutingHeadsPermutesPi(
      @ForAll("graphs") double[][] s,
      @ForAll("options") MarkovChain.Options options,
      @ForAll long seed) {
    List<Integer> order = new ArrayList<>();
    for (int i = 0; i < s.length; i++) {
      order.add(i);
    }
    Collections.shuffle(order, new Random(seed));
    double[][] permuted = new double[s.length][s.length];
    for (int i = 0; i < s.length; i++) {
      for (int j = 0; j < s.length; j++) {
        permuted[i][j] = s[order.get(i)][order.get(j)];
      }
    }
    double[] pi = MarkovChain.of(s, options).stationary();
    double[] other = MarkovChain.of(permuted, options).stationary();
    for (int i = 0; i < s.length; i++) {
      // Sums in another order; hardly connected graphs amplify their rounding.
      assertThat(other[i]).isCloseTo(pi[order.get(i)], within(1e-6));
    }
  }

  /** The fact that METHOD.md states: with symmetric S and no damping, pi goes by degree. */
  @Property
  void goesByDegree(@ForAll("dense") double[][] s) {
    double[] degrees = Arrays.stream(s).mapToDouble(row -> Arrays.stream(row).sum()).toArray();
    double all = Arrays.stream(degrees).sum();
    double[] pi = MarkovChain.of(s, MarkovChain.Options.DEFAULT).stationary();
    for (int i = 0; i < s.length; i++) {
      assertThat(pi[i]).isCloseTo(degrees[i] / all, within(STATIONARY));
    }
  }

  @Provide
  Arbitrary<double[][]> dense() {
    return graphs()
        .map(
            s -> {
              for (double[] row : s) {
                for (int j = 0; j < row.length; j++) {
                  row[j] += 0.1;
                }
              }
              return s;
            });
  }

  @Example
  void identicalHeadsTie() {
    double[][] s = {{1, 1, 0.3, 0.2}, {1, 1, 0.3, 0.2}, {0.3, 0.3, 1, 0.7}, {0.2, 0.2, 0.7, 1}};
    double[] pi = MarkovChain.of(s, MarkovChain.Options.DEFAULT).stationary();
    assertThat(pi[0]).isCloseTo(pi[1], within(1e-15));
    assertThat(pi[2]).isNotCloseTo(pi[3], within(1e-3));
  }

  @Example
  void oneHeadHasEverything() {
    for (boolean loops : new boolean[] {true, false}) {
      MarkovChain.Options options = new MarkovChain.Options(1, loops);
      assertThat(MarkovChain.of(new double[][] {{0}}, options).stationary()).containsExactly(1);
      assertThat(MarkovChain.of(new double[][] {{1}}, options).stationary()).containsExactly(1);
    }
  }

  /** A star without self-similarity: the walk alternates between its centre and its points. */
  @Example
  void aPeriodicGraphTerminates() {
    double[][] star = {{0, 1, 1, 1}, {1, 0, 0, 0}, {1, 0, 0, 0}, {1, 0, 0, 0}};
    double sixth = 1.0 / 6;
    for (boolean loops : new boolean[] {true, false}) {
      double[] pi = MarkovChain.of(star, new MarkovChain.Options(1, loops)).stationary();
      assertThat(pi).containsExactly(new double[] {0.5, sixth, sixth, sixth}, within(1e-9));
    }
  }

  @Example
  void componentsKeepTheirShare() {
    double[][] s = {{1, 0.5, 0}, {0.5, 1, 0}, {0, 0, 1}};
    double third = 1.0 / 3;
    assertThat(MarkovChain.of(s, MarkovChain.Options.DEFAULT).stationary())
        .containsExactly(new double[] {third, third, third}, within(1e-12));
  }

  @Example
  void dampingPullsTowardsTheMean() {
    double[][] s = {{1, 0.9, 0.1}, {0.9, 1, 0.1}, {0.1, 0.1, 1}};
    double free = MarkovChain.of(s, MarkovChain.Options.DEFAULT).stationary()[2];
    double damped = MarkovChain.of(s, new MarkovChain.Options(0.5, true)).stationary()[2];
    assertThat(free).isLessThan(damped);
    assertThat(damped).isLessThan(1.0 / 3);
  }

  @Example
  void refusesWhatIsNoGraph() {
    for (double[][] s :
        List.of(
            new double[][] {{1, 0.5}, {0.4, 1}},
            new double[][] {{1, -0.1}, {-0.1, 1}},
            new double[][] {{Double.NaN}},
            new double[][] {{1, 1}},
            new double[0][])) {
      assertThatThrownBy(() -> MarkovChain.of(s, MarkovChain.Options.DEFAULT))
          .isInstanceOf(IllegalArgumentException.class);
    }
    assertThatThrownBy(() -> new MarkovChain.Options(0, true))
        .isInstanceOf(IllegalArgumentException.class);
  }
}
