package io.gohsp.cost;

/**
 * The closed formulas for a plain Vision Transformer with biases everywhere: what counting its
 * graph must give.
 *
 * <p>D is the width of the residual stream, N the number of tokens. Of a block, a is the width of
 * all its queries together (and of the keys), b that of the values, m the number of hidden units;
 * dense, a = b = D.
 *
 * @param dim D
 * @param tokens N, class token included
 */
public record BlockFormulas(long dim, long tokens) {

  /** Parameters of one block: {@code 2(D+1)a + (D+1)b + Db + D + (2D+1)m + D + 4D}. */
  public long blockParams(long a, long b, long m) {
    long attention = 2 * (dim + 1) * a + (dim + 1) * b + dim * b + dim;
    long mlp = (2 * dim + 1) * m + dim;
    long norms = 4 * dim;
    return attention + mlp + norms;
  }

  /** Multiply-accumulates of one block: {@code ND(2a+b) + N²(a+b) + NbD + 2NDm}. */
  public long blockMacs(long a, long b, long m) {
    long projections = tokens * dim * (2 * a + b) + tokens * b * dim;
    long attention = tokens * tokens * (a + b);
    long mlp = 2 * tokens * dim * m;
    return projections + attention + mlp;
  }

  /**
   * Parameters outside the blocks: patch and position embedding, class token, last norm,
   * classifier.
   *
   * @param patchElements numbers in a patch, {@code C·p²}
   */
  public long outerParams(long patchElements, long classes) {
    long embeddings = patchElements * dim + dim + dim + tokens * dim;
    return embeddings + 2 * dim + (dim + 1) * classes;
  }

  /** Multiply-accumulates outside the blocks. */
  public long outerMacs(long patchElements, long classes) {
    return (tokens - 1) * patchElements * dim + dim * classes;
  }
}
