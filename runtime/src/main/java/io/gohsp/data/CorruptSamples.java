package io.gohsp.data;

import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;

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
  private final int of;
  private final Map<Integer, String> reasons = new TreeMap<>();

  /** With the usual limit: 1 %, but at least 10. */
  public CorruptSamples(Dataset dataset) {
    this(dataset, dataset.size());
  }

  /**
   * With the limit of more samples, of which these are some.
   *
   * @param of how many there are
   */
  public CorruptSamples(Dataset dataset, int of) {
    this.dataset = dataset;
    this.of = of;
  }

  /**
   * Counts a sample.
   *
   * @throws DataException if there are now more than allowed
   */
  synchronized void add(int index, String reason) {
    reasons.put(index, reason);
    requireFew(all(), of);
  }

  /** How many of so many samples may be corrupt. */
  public static int limit(int samples) {
    return (int) Math.max(AT_LEAST, samples * SHARE);
  }

  /**
   * Says that others have skipped too many.
   *
   * @param skipped names of samples with the reasons, each once
   * @param of how many there are
   * @throws DataException if they are more than allowed
   */
  public static void requireFew(Collection<String> skipped, int of) {
    if (skipped.size() > limit(of)) {
      throw new DataException(
          "data",
          "more than "
              + limit(of)
              + " of "
              + of
              + " samples cannot be read: "
              + skipped.stream().limit(NAMED).collect(Collectors.joining("; "))
              + (skipped.size() > NAMED ? "; …" : ""),
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
