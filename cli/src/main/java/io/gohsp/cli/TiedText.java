package io.gohsp.cli;

import io.gohsp.autodiff.TiedParameters.Tied;
import java.io.IOException;
import java.util.List;
import java.util.stream.Collectors;

/** Parameters that layers share on purpose, for people and for programs. */
final class TiedText {
  /** So many are named. */
  private static final int NAMED = 3;

  private TiedText() {}

  /** One line. */
  static String of(List<Tied> tied) {
    String named =
        tied.stream()
            .limit(NAMED)
            .map(each -> "%s (read %d times)".formatted(each.name(), each.uses()))
            .collect(Collectors.joining(", "));
    int others = tied.size() - NAMED;
    return "tied: " + named + (others > 0 ? " and %d more".formatted(others) : "");
  }

  /** An array "tied". */
  static void write(Json json, List<Tied> tied) throws IOException {
    json.array(
        "tied",
        array -> {
          for (Tied each : tied) {
            array.element(
                object -> {
                  object.put("name", each.name());
                  object.put("uses", each.uses());
                });
          }
        });
  }
}
