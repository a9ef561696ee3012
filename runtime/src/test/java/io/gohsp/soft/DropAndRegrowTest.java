package io.gohsp.soft;

import static org.assertj.core.api.Assertions.assertThat;

import io.gohsp.engine.FlatVector;
import io.gohsp.fixture.Cuts;
import io.gohsp.normalize.WorkingModel;
import io.gohsp.plan.BlockPlan;
import io.gohsp.plan.PruningPlan;
import io.gohsp.selection.GroupKind;
import io.gohsp.train.ParameterStore;
import io.gohsp.train.StepRule;
import io.gohsp.train.TrainingListener;
import java.util.Arrays;
import java.util.Collection;
import java.util.EnumSet;
import java.util.List;
import java.util.Objects;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** METHOD.md section 8, invariant 7. */
class DropAndRegrowTest {
  private static final int DIM = 16;
  private static final int HEADS = 4;
  private static final int NEURONS = 24;
  private static final int UPDATES = 20;
  private static final int ROUNDS = 5;

  private final WorkingModel working = WorkingModel.normalized(Digits.model());
  private final PruningPlan first =
      Cuts.halves(working.blocks(), EnumSet.allOf(Cuts.Part.class), 3);

  /** Looks before and after each update. */
  private final class Watcher implements StepRule {
    private final ParameterStore store;
    private final DropAndRegrow rule;
    private Collection<FlatVector> moments = List.of();
    private float[] gradients = {};
    private int trades;
    private int headTrades;

    Watcher(ParameterStore store) {
      this.store = store;
      this.rule = new DropAndRegrow(working, store, first, UPDATES, ROUNDS, 0.5, 0.005);
    }

    @Override
    public void moments(Collection<FlatVector> vectors) {
      moments = vectors;
      rule.moments(vectors);
    }

    @Override
    public void beforeUpdate(long step) {
      gradients = Digits.numbers(store.gradients());
      rule.beforeUpdate(step);
    }

    @Override
    public void afterUpdate(long step, double rate) {
      PruningPlan before = rule.plan();
      float[] updated = Digits.numbers(store.weights());
      rule.afterUpdate(step, rate);
      boolean due = (step + 1) % (UPDATES / ROUNDS) == 0 && step + 1 < UPDATES;
      assertThat(rule.plan().equals(before)).isEqualTo(!due);
      for (int block = 0; block < 2; block++) {
        BlockPlan was = before.blocks().get(block);
        BlockPlan is = rule.plan().blocks().get(block);
        checkCounts(is);
        checkZero(block, is);
        if (due) {
          checkNeurons(block, was.neuronsKept(), is.neuronsKept(), updated);
          checkHeads(block, was, is);
        }
      }
      trades += due ? 1 : 0;
    }

    private void checkCounts(BlockPlan plan) {
      assertThat(plan.headsKept()).hasSize(HEADS / 2);
      assertThat(plan.neuronsKept()).hasSize(NEURONS / 2);
      assertThat(plan.qkKept()).hasSize(HEADS / 2).allSatisfy(c -> assertThat(c).hasSize(2));
      assertThat(plan.vKept()).hasSize(HEADS / 2).allSatisfy(c -> assertThat(c).hasSize(2));
    }

    private float[] weights(int block, String layer) {
      return Digits.numbers(store, "blocks." + block + "." + layer, store.weights());
    }

    /** What reads inactive groups out is zero, with all that is remembered of it. */
    private void checkZero(int block, BlockPlan plan) {
      float[] second = weights(block, "mlp.fc2.weight"); // (D, M)
      float[] projection = weights(block, "attn.proj.weight"); // (D, H d)
      float[] firstLayer = weights(block, "mlp.fc1.weight"); // (M, D)
      for (int neuron = 0; neuron < NEURONS; neuron++) {
        if (!plan.neuronsKept().contains(neuron)) {
          assertThat(norm(column(second, NEURONS, neuron))).isZero();
          assertThat(norm(Arrays.copyOfRange(firstLayer, neuron * DIM, (neuron + 1) * DIM)))
              .isPositive();
          for (FlatVector moment : moments) {
            float[] own = Digits.numbers(store, "blocks." + block + ".mlp.fc2.weight", moment);
            assertThat(norm(column(own, NEURONS, neuron))).isZero();
          }
        }
      }
      for (int column = 0; column < DIM; column++) {
        int at = plan.headsKept().indexOf(column / 4);
        if (at < 0 || !plan.vKept().get(at).contains(column % 4)) {
          assertThat(norm(column(projection, DIM, column))).isZero();
        }
      }
      float[] packed = weights(block, "attn.qkv.weight"); // (3 H d, D)
      for (int i = 0; i < plan.headsKept().size(); i++) {
        for (int column = 0; column < 4; column++) {
          int query = (plan.headsKept().get(i) * 4 + column) * DIM;
          int key = query + DIM * DIM;
          boolean stays = plan.qkKept().get(i).contains(column);
          assertThat(norm(Arrays.copyOfRange(packed, query, query + DIM)) > 0).isEqualTo(stays);
          assertThat(norm(Arrays.copyOfRange(packed, key, key + DIM)) > 0).isEqualTo(stays);
        }
      }
    }

    /** Smallest l1 norms go, largest gradients come, from zero. */
    private void checkNeurons(int block, List<Integer> was, List<Integer> is, float[] updated) {
      FlatVector old = store.vector();
      old.floats().put(updated);
      FlatVector slopes = store.vector();
      slopes.floats().put(gradients);
      String prefix = "blocks." + block + ".mlp.";
      float[] rows = Digits.numbers(store, prefix + "fc1.weight", old);
      float[] columns = Digits.numbers(store, prefix + "fc2.weight", old);
      float[] slope = Digits.numbers(store, prefix + "fc2.weight", slopes);
      double[] sizes = new double[NEURONS];
      double[] gains = new double[NEURONS];
      for (int neuron = 0; neuron < NEURONS; neuron++) {
        for (int i = 0; i < DIM; i++) {
          sizes[neuron] += Math.abs(rows[neuron * DIM + i]);
          sizes[neuron] += Math.abs(columns[i * NEURONS + neuron]);
        }
        gains[neuron] = norm(column(slope, NEURONS, neuron));
      }
      int[] dropped = without(was, is);
      int[] back = without(is, was);
      assertThat(dropped.length).isPositive().isEqualTo(back.length);
      assertThat(Arrays.stream(dropped).mapToDouble(n -> sizes[n]).max().orElseThrow())
          .isLessThan(
              was.stream().filter(is::contains).mapToDouble(n -> sizes[n]).min().orElseThrow());
      double least = Arrays.stream(back).mapToDouble(n -> gains[n]).min().orElseThrow();
      assertThat(least).isPositive();
      IntStream.range(0, NEURONS)
          .filter(n -> !was.contains(n) && !is.contains(n))
          .forEach(n -> assertThat(gains[n]).isLessThan(least));
      for (int neuron : back) {
        assertThat(norm(column(weights(block, "mlp.fc2.weight"), NEURONS, neuron))).isZero();
      }
    }

    /** The head that comes back has the largest gradient of those that were inactive. */
    private void checkHeads(int block, BlockPlan was, BlockPlan is) {
      FlatVector slopes = store.vector();
      slopes.floats().put(gradients);
      float[] slope = Digits.numbers(store, "blocks." + block + ".attn.proj.weight", slopes);
      double[] gains = new double[HEADS];
      for (int column = 0; column < DIM; column++) {
        gains[column / 4] += Math.pow(norm(column(slope, DIM, column)), 2);
      }
      int[] back = without(is.headsKept(), was.headsKept());
      assertThat(back).hasSize(1);
      assertThat(without(was.headsKept(), is.headsKept())).hasSize(1);
      IntStream.range(0, HEADS)
          .filter(h -> !was.headsKept().contains(h))
          .forEach(h -> assertThat(gains[h]).isLessThanOrEqualTo(gains[back[0]]));
      headTrades++;
      int stays = is.headsKept().stream().filter(was.headsKept()::contains).findFirst().get();
      assertThat(is.qkKept().get(is.headsKept().indexOf(stays)))
          .isEqualTo(was.qkKept().get(was.headsKept().indexOf(stays)));
    }
  }

  private static int[] without(List<Integer> some, List<Integer> others) {
    return some.stream().filter(i -> !others.contains(i)).mapToInt(i -> i).toArray();
  }

  private static float[] column(float[] matrix, int columns, int column) {
    float[] numbers = new float[matrix.length / columns];
    for (int i = 0; i < numbers.length; i++) {
      numbers[i] = matrix[i * columns + column];
    }
    return numbers;
  }

  private static double norm(float[] numbers) {
    double squares = 0;
    for (float number : numbers) {
      squares += (double) number * number;
    }
    return Math.sqrt(squares);
  }

  @Test
  void densityIsConstantAndGroupsAreTraded() {
    Watcher[] watcher = new Watcher[1];
    Digits.train(
        Digits.model(),
        UPDATES,
        store -> {
          watcher[0] = new Watcher(store);
          return watcher[0];
        },
        TrainingListener.NONE);
    assertThat(Objects.requireNonNull(watcher[0]).trades).isEqualTo(ROUNDS - 1);
    assertThat(watcher[0].headTrades).isEqualTo(2 * (ROUNDS - 1));
    assertThat(watcher[0].moments).hasSize(2);
  }

  @ParameterizedTest
  @CsvSource({
    "NEURONS,24,12,0.5,6",
    "NEURONS,24,20,0.5,4",
    "NEURONS,24,12,0.005,1",
    "HEADS,4,1,0.5,0",
    "V,4,4,0.5,0",
    "QK,4,2,0.5,0"
  })
  void neverMoreThanThereAreOthersNorAllAtOnce(
      GroupKind kind, int all, int kept, double part, int traded) {
    assertThat(DropAndRegrow.traded(kind, all, kept, part)).isEqualTo(traded);
  }
}
