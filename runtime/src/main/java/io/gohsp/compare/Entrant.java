package io.gohsp.compare;

import io.gohsp.method.OneShot;
import io.gohsp.method.TrainedMethod;
import java.util.function.LongFunction;

/**
 * A method that takes part.
 *
 * @param name what tables call it; also names directories
 * @param bySeed the method with whatever is random in it
 */
public record Entrant(String name, LongFunction<TrainedMethod> bySeed) {
  TrainedMethod method(long seed) {
    return bySeed.apply(seed);
  }

  /** What of it has a part in results. */
  String identity(long seed) {
    TrainedMethod method = method(seed);
    return method instanceof OneShot ? name : name + "; options: " + method;
  }
}
