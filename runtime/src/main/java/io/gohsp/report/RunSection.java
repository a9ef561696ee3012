package io.gohsp.report;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** What was done, so that it can be done again. */
final class RunSection {
  /** So many samples that could not be read are named. */
  private static final int NAMED = 5;

  private RunSection() {}

  static void render(PruningReport report, Markup page) {
    Run run = report.run();
    Section.open(page, "run", "The run");
    if (run.command() != null) {
      page.open("pre").element("code", run.command()).close("pre");
    }
    Map<String, String> facts = new LinkedHashMap<>();
    facts.put("model", run.model());
    put(facts, "SHA-256 of the model", report.sourceSha256());
    put(facts, "result", run.output());
    put(facts, "data", run.data());
    put(facts, "seed", run.seed());
    report
        .plan()
        .provenance()
        .forEach(
            (key, value) -> {
              if (!key.equals("sha256") && !(key.equals("seed") && run.seed() != null)) {
                facts.put("plan: " + key, value);
              }
            });
    facts.putAll(run.versions());
    page.open("dl", "class", "facts");
    facts.forEach((key, value) -> page.element("dt", key).element("dd", value));
    page.close("dl");
    corrupt(report, page);
    Section.close(page);
  }

  private static void put(Map<String, String> facts, String key, @Nullable Object value) {
    if (value != null) {
      facts.put(key, value.toString());
    }
  }

  private static void corrupt(PruningReport report, Markup page) {
    List<String> corrupt = new ArrayList<>();
    report.phases().forEach(phase -> corrupt.addAll(phase.training().corrupt()));
    List<String> samples = corrupt.stream().distinct().toList();
    if (samples.isEmpty()) {
      return;
    }
    page.element("p", "Samples that could not be read and were left out: " + samples.size());
    page.open("ul");
    samples.stream().limit(NAMED).forEach(sample -> page.element("li", sample));
    if (samples.size() > NAMED) {
      page.element("li", "and " + (samples.size() - NAMED) + " more");
    }
    page.close("ul");
  }
}
