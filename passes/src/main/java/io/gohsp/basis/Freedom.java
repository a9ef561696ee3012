package io.gohsp.basis;

import io.gohsp.axis.Fixed;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Whether columns of a block's heads may be written in another basis.
 *
 * @param obstacle why not; null if they may
 * @param places the constants that change then; empty if they may not
 */
public record Freedom(@Nullable Fixed obstacle, List<Place> places) {
  public Freedom {
    places = List.copyOf(places);
  }

  static Freedom bound(Fixed obstacle) {
    return new Freedom(obstacle, List.of());
  }

  public boolean isFree() {
    return obstacle == null;
  }
}
