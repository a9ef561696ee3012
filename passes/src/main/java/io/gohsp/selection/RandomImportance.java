package io.gohsp.selection;

import io.gohsp.vit.Block;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;

/** A choice by chance: the control that every method has to beat. */
public final class RandomImportance {
  private RandomImportance() {}

  /** Scores in [0, 1); the same for the same seed and the same sizes of blocks. */
  public static Importance of(List<Block> blocks, long seed) {
    SplittableRandom random = new SplittableRandom(seed);
    List<Importance.Scores> all = new ArrayList<>();
    for (Block block : blocks) {
      Importance.Scores scores = Importance.Scores.zeros(block);
      fill(scores.heads(), random);
      fill(scores.qk(), random);
      fill(scores.v(), random);
      fill(scores.neurons(), random);
      all.add(scores);
    }
    return new Importance(all);
  }

  private static void fill(double[][] rows, SplittableRandom random) {
    for (double[] row : rows) {
      fill(row, random);
    }
  }

  private static void fill(double[] scores, SplittableRandom random) {
    for (int i = 0; i < scores.length; i++) {
      scores[i] = random.nextDouble();
    }
  }
}
