package io.gohsp.verify;

import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.SortedSet;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * What a verdict rests on, and what was not looked at.
 *
 * @param sizes which sizes the open dimensions had, by symbol
 * @param given samples that somebody had, beside the random ones
 * @param streams values inside both models that were compared besides the outputs
 * @param ids by input that picks rows of a table, how many different ones were asked for
 * @param branches by If node, which of its branches samples took
 * @param structure what the comparison with a fresh cut of the original says; null if there was
 *     none
 * @param whole whether that comparison looked at all constants
 * @param unread what else was not looked at, in words
 */
public record Evidence(
    Map<String, SortedSet<Long>> sizes,
    int given,
    int streams,
    Map<String, Ids> ids,
    Map<String, Taken> branches,
    @Nullable String structure,
    boolean whole,
    List<String> unread) {
  /** Nothing was looked at. */
  public static final Evidence NONE =
      new Evidence(Map.of(), 0, 0, Map.of(), Map.of(), null, false, List.of());

  /**
   * Rows of a table.
   *
   * @param seen different rows asked for
   * @param rows that the table has
   */
  public record Ids(long seen, long rows) {}

  /** Which branches of an If were taken. */
  public enum Taken {
    BOTH,
    THEN,
    ELSE;

    /** Lower case. */
    public String text() {
      return name().toLowerCase(Locale.ROOT);
    }
  }

  public Evidence {
    branches = Collections.unmodifiableMap(new LinkedHashMap<>(branches));
    unread = List.copyOf(unread);
  }

  static Evidence of(Map<String, SortedSet<Long>> sizes, Map<String, Ids> ids) {
    return new Evidence(sizes, 0, 0, ids, Map.of(), null, false, List.of());
  }

  Evidence withGiven(int newGiven) {
    return new Evidence(sizes, newGiven, streams, ids, branches, structure, whole, unread);
  }

  Evidence withStreams(int newStreams) {
    return new Evidence(sizes, given, newStreams, ids, branches, structure, whole, unread);
  }

  Evidence withBranches(Map<String, Taken> newBranches) {
    return new Evidence(sizes, given, streams, ids, newBranches, structure, whole, unread);
  }

  /**
   * The same with what a fresh cut says.
   *
   * @param newWhole whether all constants were compared
   */
  public Evidence withStructure(String newStructure, boolean newWhole) {
    return new Evidence(sizes, given, streams, ids, branches, newStructure, newWhole, unread);
  }

  /** The same, and what else was not looked at. */
  public Evidence withUnread(List<String> more) {
    List<String> all = new ArrayList<>(unread);
    all.addAll(more);
    return new Evidence(sizes, given, streams, ids, branches, structure, whole, all);
  }

  /** What was looked at, in a few words each. */
  public List<String> parts() {
    List<String> parts = new ArrayList<>();
    if (!sizes.isEmpty()) {
      parts.add(
          sizes.entrySet().stream()
              .map(e -> e.getKey() + " " + joined(e.getValue()))
              .collect(Collectors.joining(", ")));
    }
    if (given > 0) {
      parts.add(given == 1 ? "1 sample of the data" : given + " samples of the data");
    }
    ids.forEach(
        (input, seen) ->
            parts.add("%d of %d rows by \"%s\"".formatted(seen.seen(), seen.rows(), input)));
    if (streams > 0) {
      parts.add(streams + " values along the residual stream");
    }
    branches.forEach(
        (node, taken) ->
            parts.add(
                taken == Taken.BOTH
                    ? "both branches of " + node
                    : "the " + taken.text() + " branch of " + node));
    if (structure != null) {
      parts.add(structure);
    }
    return parts;
  }

  /** What was not looked at, in a few words each; empty if nothing was left out. */
  public List<String> unseen() {
    List<String> unseen = new ArrayList<>();
    branches.forEach(
        (node, taken) -> {
          if (taken != Taken.BOTH) {
            Taken other = taken == Taken.THEN ? Taken.ELSE : Taken.THEN;
            unseen.add(
                "the %s branch of %s, which no sample took%s"
                    .formatted(other.text(), node, whole ? " (its constants are the cut's)" : ""));
          }
        });
    ids.forEach(
        (input, seen) -> {
          if (!whole && seen.seen() < seen.rows()) {
            unseen.add(
                "%d of %d rows by \"%s\"".formatted(seen.rows() - seen.seen(), seen.rows(), input));
          }
        });
    unseen.addAll(unread);
    return unseen;
  }

  private static String joined(SortedSet<Long> sizes) {
    return sizes.stream().map(String::valueOf).collect(Collectors.joining("/"));
  }
}
