package io.gohsp.ranking;

import java.util.Locale;

/**
 * Similarities of the heads of one block as shades. The scale is the range that occurs off the
 * diagonal: similarities of real models lie close together, and those of one block closer still.
 *
 * @param least the palest, 0 to 1
 * @param most the darkest, 0 to 1
 */
record SimilarityScale(double least, double most) {
  /** More decimals than differ would be noise. */
  private static final int MOST_DIGITS = 5;

  static SimilarityScale of(double[][] similarity) {
    double low = 1;
    double high = 0;
    for (int i = 0; i < similarity.length; i++) {
      for (int j = 0; j < i; j++) {
        low = Math.min(low, similarity[i][j]);
        high = Math.max(high, similarity[i][j]);
      }
    }
    return new SimilarityScale(Math.min(low, high), Math.max(low, high));
  }

  /** Where a similarity lies in the range, 0 to 1. */
  double share(double similarity) {
    return most > least ? Math.max(0, Math.min(1, (similarity - least) / (most - least))) : 0.5;
  }

  /** How much of the ink shows, so that the palest is still seen on paper of any colour. */
  double opacity(double similarity) {
    return 0.1 + 0.9 * share(similarity);
  }

  /**
   * What a number on such a shade is drawn in, so that it stands out from it by 4.5 to 1 at least
   * on light and on dark paper: black between the two, else what is farther from the shade.
   */
  String tone(double similarity) {
    double share = share(similarity);
    return share < 0.48 ? "hg-pale" : share < 0.63 ? "hg-middle" : "hg-deep";
  }

  /** Decimals that tell a twentieth of the range apart, at least 2. */
  int digits() {
    double step = (most - least) / 20;
    int digits = step > 0 ? (int) Math.ceil(-Math.log10(step)) : 2;
    return Math.max(2, Math.min(MOST_DIGITS, digits));
  }

  String text(double similarity) {
    return String.format(Locale.ROOT, "%." + digits() + "f", similarity);
  }

  /** The same without the zero in front, for where there is little room. */
  String cell(double similarity) {
    return text(similarity).replaceFirst("^0", "");
  }

  /** How far above the least, in units of the last of the {@link #digits}. */
  long steps(double similarity) {
    return Math.round((similarity - least) * Math.pow(10, digits()));
  }
}
