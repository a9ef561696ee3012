package io.gohsp.data;

/**
 * A place in the sequence of batches; what a checkpoint keeps.
 *
 * @param epoch from 0
 * @param step batch within the epoch, from 0
 */
public record Position(int epoch, int step) {
  public static final Position START = new Position(0, 0);

  public Position {
    if (epoch < 0 || step < 0) {
      throw new IllegalArgumentException("epoch " + epoch + ", step " + step);
    }
  }
}
