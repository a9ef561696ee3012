package io.gohsp.rank;

import io.gohsp.plan.InvalidOption;
import java.util.Arrays;
import java.util.Locale;

/**
 * What makes two heads of a block similar. The method states only that heads are compared on a
 * batch of training images; the three formulas are our choice. All are symmetric, from 0 to 1, 1
 * for a head with itself, and averaged over images.
 */
public enum Similarity {
  /**
   * {@code 1 - JSD(A_i, A_j) / ln 2}: the Jensen-Shannon divergence of the attention maps, averaged
   * over their query rows.
   */
  ATTENTION("attention", "what the heads attend to"),

  /**
   * {@code max(0, cos(O_i, O_j))} of the heads' outputs {@code O_h = A_h V_h}. Not invariant: a
   * rotation of one head's value columns, undone in the output projection, changes it and computes
   * the same model.
   */
  OUTPUT("output", "what the heads return"),

  /** {@code max(0, cos(C_i, C_j))} of {@code C_h = O_h Wo[h]}: what the heads add to the stream. */
  CONTRIBUTION("contribution", "what the heads add to the stream");

  private final String id;
  private final String description;

  Similarity(String id, String description) {
    this.id = id;
    this.description = description;
  }

  /** What the command line calls it. */
  public String id() {
    return id;
  }

  /** A few words for people. */
  public String description() {
    return description;
  }

  /**
   * The similarity of that name.
   *
   * @throws InvalidOption if there is none
   */
  public static Similarity named(String name) {
    return Arrays.stream(values())
        .filter(similarity -> similarity.id.equals(name.toLowerCase(Locale.ROOT)))
        .findFirst()
        .orElseThrow(
            () ->
                new InvalidOption(
                    "--similarity \""
                        + name
                        + "\" is unknown; choose attention, output or contribution"));
  }
}
