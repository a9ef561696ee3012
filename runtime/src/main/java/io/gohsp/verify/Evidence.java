package io.gohsp.verify;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.SortedSet;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * What a verdict rests on.
 *
 * @param sizes which sizes the open dimensions had, by symbol
 * @param streams values inside both models that were compared besides the outputs
 * @param ids by input that picks rows of a table, how many different ones were asked for
 * @param structure what the comparison with a fresh cut of the original says; null if there was
 *     none
 */
public record Evidence(
    Map<String, SortedSet<Long>> sizes,
    int streams,
    Map<String, Ids> ids,
    @Nullable String structure) {
  /** Nothing was looked at. */
  public static final Evidence NONE = new Evidence(Map.of(), 0, Map.of(), null);

  /**
   * Rows of a table.
   *
   * @param seen different rows asked for
   * @param rows that the table has
   */
  public record Ids(long seen, long rows) {}

  Evidence withStreams(int newStreams) {
    return new Evidence(sizes, newStreams, ids, structure);
  }

  /** The same with what a fresh cut says. */
  public Evidence withStructure(String newStructure) {
    return new Evidence(sizes, streams, ids, newStructure);
  }

  /** In a few words each. */
  public List<String> parts() {
    List<String> parts = new ArrayList<>();
    if (!sizes.isEmpty()) {
      parts.add(
          sizes.entrySet().stream()
              .map(e -> e.getKey() + " " + joined(e.getValue()))
              .collect(Collectors.joining(", ")));
    }
    ids.forEach(
        (input, seen) ->
            parts.add("%d of %d rows by \"%s\"".formatted(seen.seen(), seen.rows(), input)));
    if (streams > 0) {
      parts.add(streams + " values along the residual stream");
    }
    if (structure != null) {
      parts.add(structure);
    }
    return parts;
  }

  private static String joined(SortedSet<Long> sizes) {
    return sizes.stream().map(String::valueOf).collect(Collectors.joining("/"));
  }
}
