package io.gohsp.basis;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * In which basis the columns of a block's heads are written before any of them goes; METHOD.md
 * section 9. With row vectors, queries become {@code q' = q A} and keys {@code k' = k A^-T}, so
 * that {@code q' k'^T = q k^T}; values become {@code v' = v A} and the output projection {@code
 * A^-1 O}. Heads that share keys share {@code A}. Columns of {@code A} come in order of worth, so
 * that the first are kept.
 *
 * @param qk for each head of the block {@code A}, as large as a head has query-key columns; null to
 *     leave them as they are
 * @param v likewise for value columns
 */
public record Basis(@Nullable List<Matrix> qk, @Nullable List<Matrix> v) {
  public Basis {
    qk = qk == null ? null : List.copyOf(qk);
    v = v == null ? null : List.copyOf(v);
  }

  /** Whether it changes nothing. */
  public boolean isEmpty() {
    return qk == null && v == null;
  }
}
