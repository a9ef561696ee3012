package io.gohsp.equivalence;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.gohsp.verify.Verdict;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * What was found when a model was cut, as its metadata keep it.
 *
 * @param mode what it was compared with
 * @param passed whether they agreed
 * @param samples random inputs
 * @param seed of these
 * @param tolerance what the relative error might be
 * @param maxAbsError the largest difference of two elements; null if it is not kept
 * @param maxRelError that difference by the scale of its output; likewise
 */
public record RecordedVerdict(
    Verdict.Mode mode,
    boolean passed,
    int samples,
    long seed,
    double tolerance,
    @Nullable Double maxAbsError,
    @Nullable Double maxRelError) {
  /** Apart, for it takes long to load and writing does without. */
  private static final class Reading {
    static final ObjectMapper JSON =
        new ObjectMapper().disable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES);
  }

  public static RecordedVerdict of(Verdict verdict, Verification settings) {
    return new RecordedVerdict(
        verdict.mode(),
        verdict.passed(),
        verdict.samples(),
        settings.seed(),
        verdict.tolerance().relative(),
        verdict.maxAbsError(),
        verdict.maxRelError());
  }

  /** On one line. */
  public String json() {
    return "{\"mode\":\"%s\",\"passed\":%s,\"samples\":%d,\"seed\":%d,\"tolerance\":%s%s}"
        .formatted(
            mode.name().toLowerCase(Locale.ROOT),
            passed,
            samples,
            seed,
            Double.toString(tolerance),
            maxAbsError == null || maxRelError == null
                ? ""
                : ",\"maxAbsError\":%s,\"maxRelError\":%s".formatted(maxAbsError, maxRelError));
  }

  /** What was kept; null if nothing was, or nothing that can be understood. */
  static @Nullable RecordedVerdict parse(@Nullable String text) {
    if (text == null) {
      return null;
    }
    try {
      if (Reading.JSON.readTree(text) instanceof ObjectNode fields) {
        JsonNode mode = fields.path("mode");
        fields.put("mode", mode.asText().toUpperCase(Locale.ROOT));
        return Reading.JSON.treeToValue(fields, RecordedVerdict.class);
      }
      return null;
    } catch (JsonProcessingException e) {
      return null; // someone else's
    }
  }
}
