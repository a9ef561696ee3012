package io.gohsp.report;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import io.gohsp.PrunedModel;
import io.gohsp.Pruner;
import io.gohsp.VerifiedModel;
import io.gohsp.equivalence.Verification;
import io.gohsp.fixture.Fixture;
import io.gohsp.golden.GoldenFile;
import io.gohsp.ort.Device;
import io.gohsp.phase.TrainedPhase;
import io.gohsp.pipeline.PruningResult;
import io.gohsp.pipeline.PruningSettings;
import io.gohsp.soft.Remaining;
import io.gohsp.text.Printable;
import io.gohsp.train.Evaluation;
import io.gohsp.verify.Evidence;
import io.gohsp.verify.Verdict;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class HtmlReportTest {
  private static final Fixture VIT = Fixture.of("timm_vit_legacy_op17_unfused");

  private static final List<String> ALWAYS =
      List.of("sizes", "outcome", "equivalence", "heads", "widths", "run");

  @TempDir Path directory;

  @Test
  void looksAsItDid() {
    GoldenFile.check("testdata/report/trained.html", HtmlReport.html(Reports.trained()));
  }

  @Test
  void showsEverythingThatIsKnown() {
    ParsedReport page = ParsedReport.of(Reports.trained());

    assertThat(page.sections())
        .containsExactly(
            "sizes",
            "outcome",
            "latency",
            "equivalence",
            "heads",
            "widths",
            "training",
            "sparsity",
            "graphs",
            "run");
  }

  @Test
  void leavesOutWhatIsNot() {
    ParsedReport page = ParsedReport.of(Reports.dataFree());

    assertThat(page.sections()).containsExactlyElementsOf(ALWAYS);
    assertThat(page.text()).contains("not verified").doesNotContain("null", "NaN");
  }

  @Test
  void refersToNothingOutsideAndRunsNothing() {
    // The names of namespaces look like addresses.
    String html = HtmlReport.html(Reports.trained()).replaceAll(" xmlns=\"[^\"]*\"", "");

    assertThat(html)
        .doesNotContain(
            "http:", "https:", "url(", "@import", " src=", " href=", "javascript", "onload")
        .containsOnlyOnce("<script")
        .contains("<script type=\"application/json\"");
  }

  @Test
  void namesAreText() {
    String evil =
        "</script><script>alert('x')</script>&amp; \"q\" \u0000\u001b\u202e\u2028\u2029\u0085<b>";
    PruningReport plain = Reports.trained();
    Run run = new Run(evil, evil, evil, 1L, evil, Map.of(evil, evil));
    PruningReport report =
        new PruningReport(
            run,
            plain.plan(),
            evil,
            plain.before(),
            plain.after(),
            plain.verdict(),
            plain.latency(),
            plain.rankings(),
            plain.phases(),
            plain.outcome());

    ParsedReport page = ParsedReport.of(report);

    assertThat(page.all("script")).hasSize(1);
    assertThat(page.all("b")).isEmpty();
    assertThat(page.all("h1").get(0).getTextContent()).isEqualTo(Printable.of(evil));
    assertThat(HtmlReport.html(report))
        .contains("\\u202e\\u2028\\u2029\\u0085\\u003cb\\u003e")
        .doesNotContain("\u001b", "\u202e", "\u2028", "\u2029", "\u0085");
    assertThat(page.numbers().at("/run/command").textValue()).isEqualTo(evil);
  }

  @Test
  void tablesHoldTheNumbersOfTheJson() {
    ParsedReport page = ParsedReport.of(Reports.trained());
    JsonNode numbers = page.numbers();

    List<List<String>> sizes = page.values("sizes");
    int row = 0;
    for (String quantity : List.of("params", "macs", "bytes")) {
      JsonNode size = numbers.get(quantity);
      assertThat(sizes.get(row).subList(0, 2))
          .containsExactly(size.get("before").asText(), size.get("after").asText());
      assertThat(Double.parseDouble(sizes.get(row++).get(2)))
          .isEqualTo(size.get("after").doubleValue() / size.get("before").doubleValue());
    }
    List<List<String>> outcome = page.values("outcome");
    assertThat(outcome.subList(0, 4))
        .containsExactly(
            pair(numbers.at("/evaluation/before")),
            pair(numbers.at("/evaluation/atCut")),
            pair(numbers.at("/evaluation/recovered")),
            pair(numbers.at("/evaluation/after")));
    assertThat(page.values("equivalence").get(0))
        .containsExactly(
            numbers.at("/verification/maxRelError").asText(),
            numbers.at("/verification/tolerance").asText());
    List<List<String>> widths = page.values("widths");
    List<List<String>> heads = page.values("heads");
    for (int i = 0; i < numbers.get("blocks").size(); i++) {
      JsonNode block = numbers.get("blocks").get(i);
      assertThat(widths.get(i))
          .containsExactly(
              count(block.get("headsKept")),
              count(block.get("qkKept").get(0)),
              count(block.get("vKept").get(0)),
              count(block.get("neuronsKept")));
      assertThat(heads.get(i).get(0)).isEqualTo(count(block.get("headsKept")));
    }
    assertThat(Double.parseDouble(page.values("latency").get(1).get(0)))
        .isEqualTo(numbers.at("/latency/medianMs/after").doubleValue(), within(0.0005));
  }

  private static List<String> pair(JsonNode evaluation) {
    return List.of(evaluation.get("accuracy").asText(), evaluation.get("loss").asText());
  }

  private static String count(JsonNode array) {
    return Integer.toString(array.size());
  }

  @Test
  void curvesHoldTheNumbersOfTheJson() {
    ParsedReport page = ParsedReport.of(Reports.trained());
    JsonNode numbers = page.numbers();

    List<List<String>> training = page.values("training");
    int row = 0;
    long before = 0;
    for (JsonNode phase : numbers.get("phases")) {
      for (JsonNode epoch : phase.get("epochs")) {
        assertThat(training.get(row++))
            .containsExactly(
                Long.toString(before + epoch.get("step").longValue()),
                epoch.get("rate").asText(),
                epoch.get("trainLoss").asText(),
                epoch.get("trainAccuracy").asText(),
                epoch.get("loss").asText(),
                epoch.get("accuracy").asText());
      }
      before += phase.get("steps").longValue();
    }
    assertThat(training).hasSize(row);
    JsonNode remaining = numbers.at("/phases/0/remaining");
    List<List<String>> sparsity = page.values("sparsity");
    assertThat(sparsity).hasSize(remaining.size());
    for (int i = 0; i < sparsity.size(); i++) {
      JsonNode left = remaining.get(i);
      assertThat(sparsity.get(i))
          .containsExactly(
              left.get("heads").asText(),
              left.get("columns").asText(),
              left.get("neurons").asText());
    }
    List<List<String>> graphs = page.values("graphs");
    int head = 0;
    for (JsonNode block : numbers.get("heads")) {
      for (JsonNode pi : block.get("stationary")) {
        assertThat(graphs.get(head++).get(0)).isEqualTo(pi.asText());
      }
    }
    assertThat(graphs).hasSize(head);
  }

  @Test
  void everyPictureHasATextForThoseWhoDoNotSeeIt() {
    ParsedReport page = ParsedReport.of(Reports.trained());

    assertThat(page.all("svg"))
        .allSatisfy(
            svg ->
                assertThat(
                        svg.getAttribute("aria-hidden").equals("true")
                            || (svg.getAttribute("role").equals("img")
                                && svg.getElementsByTagName("title").getLength() > 0))
                    .isTrue());
    assertThat(page.ids()).doesNotHaveDuplicates();
  }

  @Test
  void showsWhatAModelWithoutLabelsHas() {
    PruningReport plain = Reports.trained();
    Evaluation none = new Evaluation(0.5, Double.NaN, 10);
    PruningReport report =
        new PruningReport(
            plain.run(),
            plain.plan(),
            null,
            plain.before(),
            plain.after(),
            plain.verdict(),
            null,
            List.of(),
            List.of(),
            new PruningResult.Outcome(none, none, null, none));

    ParsedReport page = ParsedReport.of(report);

    assertThat(page.text()).doesNotContain("NaN").contains("Validation loss");
    assertThat(page.numbers().at("/evaluation/after/accuracy").isNull()).isTrue();
  }

  @Test
  void comesFromAPrunedModel() throws IOException {
    PrunedModel pruned = Pruner.of(VIT.model()).heads("3").neurons("21").prune();
    VerifiedModel verified = pruned.verify(Verification.STANDARD);
    Run run = Run.of("model.onnx", null, "gohsp prune", 0L, null);
    PruningReport report = PruningReport.of(pruned, verified.verdict(), run);
    Path file = directory.resolve("report.html");

    HtmlReport.write(report, file);

    ParsedReport page = ParsedReport.parse(Files.readString(file));
    assertThat(page.sections()).containsExactlyElementsOf(ALWAYS);
    assertThat(page.numbers().at("/params/after").longValue()).isEqualTo(pruned.after().params());
    assertThat(page.numbers().at("/run/sha256").textValue()).hasSize(64);
    assertThat(page.text())
        .contains(
            "✓ equivalent",
            "accuracy not measured",
            "3 of 4",
            "21 of 42",
            // As the terminal says it.
            "on " + verified.verdict().inputs() + ",");
    assertThat(directory).isDirectoryNotContaining("glob:**.tmp");
  }

  @Test
  void comesFromARunThatTrained() {
    PrunedModel pruned = Pruner.of(VIT.model()).heads("3").prune();
    PruningReport invented = Reports.trained();
    PruningResult result =
        new PruningResult(
            pruned.original(),
            pruned.model(),
            pruned.before(),
            pruned.after(),
            new PruningResult.Choice(pruned.plan(), invented.rankings(), invented.latency()),
            Reports.PASSED,
            invented.phases(),
            invented.outcome(),
            new PruningSettings.Origin("gohsp prune", 7, "digits"));

    PruningReport report = PruningReport.of(result, invented.run());

    assertThat(report.before().params()).isEqualTo(pruned.before().params());
    assertThat(report.after().macs()).isEqualTo(pruned.after().macs());
    assertThat(ParsedReport.of(report).sections()).isEqualTo(ParsedReport.of(invented).sections());
    assertThat(ParsedReport.of(report).numbers().get("phases"))
        .isEqualTo(ParsedReport.of(invented).numbers().get("phases"));
  }

  @Test
  void drawsWhatCanBeDrawn() {
    PruningReport plain = Reports.trained(1, 1, 1);
    Map<Long, Remaining> remaining = new LinkedHashMap<>();
    remaining.put(0L, new Remaining(1, 0.5, 0));
    remaining.put(90L, new Remaining(0, Double.POSITIVE_INFINITY, 0));
    TrainedPhase soft = plain.phases().get(0);
    PruningReport report =
        new PruningReport(
            plain.run(),
            plain.plan(),
            null,
            plain.before(),
            plain.after(),
            null,
            null,
            plain.rankings(),
            List.of(new TrainedPhase("soft", soft.training(), remaining)),
            null);

    ParsedReport page = ParsedReport.of(report);

    assertThat(page.text())
        .contains("Not drawn, being zero or not finite: 1 of heads, 1 of columns, 2 of neurons.")
        .doesNotContain("NaN", "Infinity");
    assertThat(page.all("polyline")).as("a line has two ends").isEmpty();
    assertThat(page.numbers().at("/phases/0/remaining/1/columns").isNull()).isTrue();
  }

  @Test
  void saysThatNothingWasRemoved() {
    PrunedModel copy = Pruner.of(VIT.model()).heads("4").prune();
    Verdict identical =
        new Verdict(
            true,
            0,
            0,
            0,
            Device.CPU,
            Verdict.Mode.PLAIN,
            Reports.PASSED.tolerance(),
            null,
            null,
            Evidence.NONE);

    ParsedReport page =
        ParsedReport.of(
            PruningReport.of(copy, identical, Run.of("model.onnx", null, null, null, null)));

    assertThat(page.text()).contains("Nothing is removed");
    assertThat(page.numbers().get("copy").booleanValue()).isTrue();
  }

  /** Which model the comparison is true of, and what else was done to it. */
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      nullValues = "dropped",
      value = {
        "false | false   | false | Pruned by gohsp.                       | the original     |",
        "false | false   | true  | Pruned by gohsp.                       | the original     | corrected in 1 layer",
        "false | true    | false | , cut and fine-tuned.                  | the original     | trained for 90 updates",
        "false | true    | true  | , cut and fine-tuned.                  | the original     | corrected in 1 layer and trained for 90 updates",
        "true  | false   | false | , trained and cut.                     | the trained model at the moment of the cut, | trained for 90 updates",
        "true  | true    | true  | , trained, cut and fine-tuned.         | the trained model at the moment of the cut, | corrected in 1 layer and trained for 180 updates",
        "false | dropped | true  | ; no epoch of fine-tuning validated    | the original     | corrected in 1 layer",
        "true  | dropped | false | , trained and cut; no epoch of fine-tuning | the trained model at the moment of the cut, | trained for 90 updates",
        "false | dropped | false | ; no epoch of fine-tuning validated    | the original     |",
      })
  void saysWhatTheComparisonIsTrueOf(
      boolean softened,
      @Nullable Boolean tuned,
      boolean corrected,
      String lead,
      String reference,
      @Nullable String changes) {
    String text = ParsedReport.of(Reports.done(softened, tuned, corrected)).text();
    assertThat(text)
        .contains(lead, "against " + reference + " with the removed parts switched off");
    if (changes == null) {
      assertThat(text).contains("✓ equivalent").doesNotContain("something else");
    } else {
      assertThat(text)
          .contains("✓ cut equivalent", changes + ", so that", "has been " + changes + " since");
    }
  }

  @Test
  void saysThatModelsDiffer() {
    PruningReport plain = Reports.trained();
    Verdict failed =
        new Verdict(
            false,
            Double.POSITIVE_INFINITY,
            Double.POSITIVE_INFINITY,
            2,
            plain.verdict().device(),
            Verdict.Mode.MASKED,
            plain.verdict().tolerance(),
            "logits",
            "output logits is <not> finite",
            Evidence.NONE);
    PruningReport report =
        new PruningReport(
            plain.run(),
            plain.plan(),
            null,
            plain.before(),
            plain.after(),
            failed,
            null,
            List.of(),
            List.of(),
            null);

    ParsedReport page = ParsedReport.of(report);

    assertThat(page.text()).contains("✗ not equivalent", "output logits is <not> finite");
    assertThat(page.numbers().at("/verification/maxRelError").isNull()).isTrue();
  }
}
