package io.gohsp.compare;

/**
 * What a comparison is going to take.
 *
 * @param cells in the whole grid, controls included
 * @param finished those that an earlier call finished
 * @param steps updates of each
 * @param stepSeconds of an update of the dense model, measured
 * @param seconds about how long the others take, if what is pruned is no faster than the dense
 *     model
 */
public record Outlook(int cells, int finished, long steps, double stepSeconds, double seconds) {
  /** Cells that are to be run. */
  public int left() {
    return cells - finished;
  }
}
