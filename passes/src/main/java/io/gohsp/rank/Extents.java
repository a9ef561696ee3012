package io.gohsp.rank;

import io.gohsp.ir.Attribute;
import java.util.List;

/** Spelling of Shape for some axes only. */
final class Extents {
  private Extents() {}

  /** Attributes of a Shape that returns axes {@code start} to {@code end}. */
  static List<Attribute> between(long start, long end) {
    return List.of(Attribute.of("start", start), Attribute.of("end", end));
  }

  /** Attributes of a Shape that returns axes from {@code start} on; negative from the end. */
  static List<Attribute> from(long start) {
    return List.of(Attribute.of("start", start));
  }
}
