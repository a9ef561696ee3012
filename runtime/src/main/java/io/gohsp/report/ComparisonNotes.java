package io.gohsp.report;

import io.gohsp.compare.CellFailure;
import io.gohsp.compare.CellResult;
import io.gohsp.compare.Results;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;

/** What one has to know to read the numbers of a comparison. */
public final class ComparisonNotes {
  private ComparisonNotes() {}

  /** How it was measured, one thing a line. */
  public static List<String> of(Results results) {
    Results.Terms terms = results.terms();
    List<String> notes = new ArrayList<>();
    notes.add(
        "%s. Every run has %,d updates, those before the cut included; seeds %s."
            .formatted(
                terms.data(),
                terms.steps(),
                String.join(", ", terms.seeds().stream().map(String::valueOf).toList())));
    notes.add(
        "Means over seeds ± standard deviations (n−1). “Dense, trained” is the dense model, trained"
            + " for as many updates on the same terms; differences to it are taken seed by seed, in "
            + (results.hasAccuracy() ? "points of accuracy." : "loss."));
    if (!results.latencies().isEmpty()) {
      notes.add(
          "Relative latency is a run of the first seed's model by that of the dense one, in turns ("
              + results.latencies().get(0).conditions()
              + "): the median of the rounds' ratios.");
    }
    List<CellResult> worse = results.cells().stream().filter(CellResult::endsBelowStart).toList();
    if (!worse.isEmpty()) {
      notes.add(
          "Training made worse by validation what it began with: "
              + worse.stream().map(ComparisonNotes::fall).collect(Collectors.joining("; "))
              + ".");
    }
    if (results.missing() > 0) {
      notes.add("Not complete: " + results.missing() + " runs have not been made yet.");
    }
    return notes;
  }

  private static String fall(CellResult cell) {
    String name = cell.isControl() ? "dense" : cell.method() + ", " + cell.budget();
    // With equal accuracies the loss has decided.
    String from = Quantity.accuracy(cell.untuned().accuracy());
    String to = Quantity.accuracy(cell.last().accuracy());
    return Double.isFinite(cell.last().accuracy()) && !from.equals(to)
        ? "%s, seed %d (%s to %s)".formatted(name, cell.seed(), from, to)
        : "%s, seed %d (loss %s to %s)"
            .formatted(
                name,
                cell.seed(),
                Quantity.fixed(cell.untuned().loss(), 4),
                Quantity.fixed(cell.last().loss(), 4));
  }

  /** A failed cell in a line. */
  public static String of(CellFailure failure) {
    return "%s%s, seed %d: %s"
        .formatted(
            failure.method(),
            failure.budget() == null ? "" : ", " + failure.budget(),
            failure.seed(),
            failure.reason().lines().findFirst().orElse(""));
  }
}
