package io.gohsp.recover;

import io.gohsp.linalg.Cholesky;
import io.gohsp.linalg.Matrix;
import java.util.stream.IntStream;

/**
 * What some inputs of a layer say about the others: the ridge regression {@code (C_KK + μI)⁻¹ C_KG}
 * of those that go on those that stay.
 */
public final class Substitution {
  private Substitution() {}

  /**
   * Computes it.
   *
   * @param inputs of the layer
   * @param goes by input
   * @param settings of the ridge
   * @return [inputs, inputs] row by row: in the row of an input that stays and the column of one
   *     that goes, how much of the latter's weights the former takes over; all else is zero
   */
  public static double[] of(LayerInputs inputs, boolean[] goes, RecoverySettings settings) {
    int n = goes.length;
    int[] stay = indices(goes, false);
    int[] go = indices(goes, true);
    double[] all = new double[n * n];
    if (go.length == 0 || stay.length == 0) {
      return all;
    }
    Matrix moments = inputs.secondMoments(settings.ridge());
    Cholesky factor = Cholesky.of(moments.part(stay, stay));
    if (factor != null) { // else nothing can be said
      Matrix solved = factor.solve(moments.part(stay, go));
      for (int i = 0; i < stay.length; i++) {
        for (int j = 0; j < go.length; j++) {
          all[stay[i] * n + go[j]] = solved.at(i, j);
        }
      }
    }
    return all;
  }

  private static int[] indices(boolean[] goes, boolean which) {
    return IntStream.range(0, goes.length).filter(i -> goes[i] == which).toArray();
  }
}
