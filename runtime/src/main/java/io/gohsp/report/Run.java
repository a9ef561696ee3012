package io.gohsp.report;

import io.gohsp.equivalence.Provenance;
import io.gohsp.ort.OrtVersion;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What a run was, as far as whoever started it can tell. Nothing here is a time of day: the same
 * run makes the same report.
 *
 * @param model what the original is called, its file's name as a rule
 * @param output where the result went; null if it went nowhere
 * @param command as one could type it again; null if there was none
 * @param seed of everything random
 * @param data what was trained and measured on, in a line; null if no data was used
 * @param versions of what took part, by name
 */
public record Run(
    String model,
    @Nullable String output,
    @Nullable String command,
    @Nullable Long seed,
    @Nullable String data,
    Map<String, String> versions) {
  public Run {
    versions = Collections.unmodifiableMap(new LinkedHashMap<>(versions));
  }

  /** A run of this program on this machine. */
  public static Run of(
      String model,
      @Nullable String output,
      @Nullable String command,
      @Nullable Long seed,
      @Nullable String data) {
    return new Run(model, output, command, seed, data, installed());
  }

  private static Map<String, String> installed() {
    Map<String, String> versions = new LinkedHashMap<>();
    versions.put("gohsp", Provenance.version());
    String ort = OrtVersion.installed();
    if (ort != null) {
      versions.put("ONNX Runtime", ort);
    }
    versions.put("Java", Runtime.version().toString());
    versions.put("system", System.getProperty("os.name") + " " + System.getProperty("os.arch"));
    return versions;
  }
}
