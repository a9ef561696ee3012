package io.gohsp.data;

import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * Samples that had to be skipped, each counted once, and how many may be. Share one between the
 * sequences of batches over one dataset. Safe for use by several threads.
 */
public final class CorruptSamples {
  /** Share of the samples that may be corrupt. */
  public static final double SHARE = 0.01;

  /** So many may be corrupt however few samples there are. */
  public static final int AT_LEAST = 10;

  private static final int NAMED = 5;

  private final Dataset dataset;
  private final int limit;
  private final Map<Integer, String> reasons = new TreeMap<>();

  /** With the usual limit: 1 %, but at least 10. */
  public CorruptSamples(Dataset dataset) {
    this(dataset, (int) Math.max(AT_LEAST, dataset.size() * SHARE));
  }

  /**
   * With a limit.
   *
   * @param limit so many samples may be corrupt
   */
  public CorruptSamples(Dataset dataset, int limit) {
    this.dataset = dataset;
    this.limit = limit;
  }

  /**
   * Counts a sample.
   *
   * @throws DataException if there are now more than allowed
   */
  synchronized void add(int index, String reason) {
    reasons.put(index, reason);
    if (reasons.size() > limit) {
      throw new DataException(
          "data",
          "more than "
              + limit
              + " of "
              + dataset.size()
              + " samples cannot be read: "
              + String.join("; ", names())
              + (reasons.size() > NAMED ? "; …" : ""),
          "repair or remove them");
    }
  }

  /**
   * Counts what was skipped elsewhere.
   *
   * @param others reasons by indices, as of {@link #reasons}
   * @param first the index here of what is the first sample there
   * @throws DataException if there are now more than allowed
   */
  public void addAll(Map<Integer, String> others, int first) {
    others.forEach((index, reason) -> add(first + index, reason));
  }

  /**
   * Says that nothing is left.
   *
   * @param seen how many samples were not skipped
   * @throws DataException if that is none
   */
  public void requireSome(int seen) {
    if (seen == 0) {
      List<String> names = names(); // of others' samples not even these are known
      throw new DataException(
          "data",
          "no sample could be read" + (names.isEmpty() ? "" : ": " + String.join("; ", names)),
          "repair the files");
    }
  }

  /** All of them by their indices. */
  public synchronized Map<Integer, String> reasons() {
    return new TreeMap<>(reasons);
  }

  /** How many different samples were skipped. */
  public synchronized int count() {
    return reasons.size();
  }

  /** The first few, with the reason. */
  public List<String> names() {
    return all().stream().limit(NAMED).toList();
  }

  /** All of them, with the reason. */
  public synchronized List<String> all() {
    return reasons.entrySet().stream()
        .map(entry -> dataset.name(entry.getKey()) + ": " + entry.getValue())
        .toList();
  }
}
