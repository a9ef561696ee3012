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
 * @param branches which branches of conditions were taken, by the If's name
 * @param structure what the comparison with a fresh cut of the original says; null if there was
 *     none
 */
public record Evidence(
    Map<String, SortedSet<Long>> sizes,
    int streams,
    Map<String, Ids> ids,
    Map<String, Branches> branches,
    @Nullable String structure) {
  /** Nothing was looked at. */
  public static final Evidence NONE = new Evidence(Map.of(), 0, Map.of(), Map.of(), null);

  /**
   * Rows of a table.
   *
   * @param seen different rows asked for
   * @param rows that the table has
   */
  public record Ids(long seen, long rows) {}

  /** Which branches of an If were taken. */
  public record Branches(boolean taken, boolean otherwise) {
    Branches and(Branches other) {
      return new Branches(taken || other.taken, otherwise || other.otherwise);
    }
  }

  Evidence withStreams(int newStreams) {
    return new Evidence(sizes, newStreams, ids, branches, structure);
  }

  Evidence withBranches(Map<String, Branches> newBranches) {
    return new Evidence(sizes, streams, ids, newBranches, structure);
  }

  /** The same with what a fresh cut says. */
  public Evidence withStructure(String newStructure) {
    return new Evidence(sizes, streams, ids, branches, newStructure);
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
    if (!branches.isEmpty()) {
      long both = branches.values().stream().filter(b -> b.taken() && b.otherwise()).count();
      parts.add("both branches of %d of %d conditions".formatted(both, branches.size()));
    }
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
