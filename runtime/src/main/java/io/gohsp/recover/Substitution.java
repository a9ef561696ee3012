package io.gohsp.recover;

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
    double[] moments = inputs.secondMoments(settings.ridge());
    double[] among = new double[stay.length * stay.length];
    double[] across = new double[stay.length * go.length];
    for (int i = 0; i < stay.length; i++) {
      for (int j = 0; j < stay.length; j++) {
        among[i * stay.length + j] = moments[stay[i] * n + stay[j]];
      }
      for (int j = 0; j < go.length; j++) {
        across[i * go.length + j] = moments[stay[i] * n + go[j]];
      }
    }
    double[] all = new double[n * n];
    Cholesky factor = go.length == 0 ? null : Cholesky.of(among, stay.length);
    if (factor != null) { // else nothing can be said
      double[] solved = factor.solve(across, go.length);
      for (int i = 0; i < stay.length; i++) {
        for (int j = 0; j < go.length; j++) {
          all[stay[i] * n + go[j]] = solved[i * go.length + j];
        }
      }
    }
    return all;
  }

  private static int[] indices(boolean[] goes, boolean which) {
    return IntStream.range(0, goes.length).filter(i -> goes[i] == which).toArray();
  }
}
