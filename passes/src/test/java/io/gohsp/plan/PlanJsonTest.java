package io.gohsp.plan;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.gohsp.basis.Basis;
import io.gohsp.basis.Matrix;
import io.gohsp.ir.Location;
import io.gohsp.ir.ModelException;
import io.gohsp.stream.Directions;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class PlanJsonTest {
  private static final Location FILE = Location.of(Path.of("plan.json"));

  private static final String WHOLE =
      """
      {
        "format" : "gohsp-plan",
        "version" : 1,
        "provenance" : {
          "method" : "somp",
          "budget" : "60% of params"
        },
        "blocks" : [ {
          "name" : "block 0",
          "heads" : 3,
          "qkWidth" : 4,
          "vWidth" : 4,
          "neurons" : 5,
          "headsKept" : [ 0, 2 ],
          "qkKept" : [ [ 0, 1 ], [ 2, 3 ] ],
          "vKept" : [ [ 1 ], [ 3 ] ],
          "neuronsKept" : [ 0, 1, 4 ]
        }, {
          "name" : "block 1",
          "heads" : 3,
          "qkWidth" : 4,
          "vWidth" : 4
        } ]
      }
      """;

  private static PruningPlan plan() {
    Map<String, String> provenance = new LinkedHashMap<>();
    provenance.put("method", "somp");
    provenance.put("budget", "60% of params");
    return new PruningPlan(
        List.of(
            new BlockPlan(
                "block 0",
                3,
                4,
                4,
                5,
                List.of(0, 2),
                List.of(List.of(0, 1), List.of(2, 3)),
                List.of(List.of(1), List.of(3)),
                List.of(0, 1, 4)),
            new BlockPlan("block 1", 3, 4, 4, null, null, null, null, null)),
        provenance);
  }

  @Test
  void writesFieldsInOneOrder() {
    assertThat(PlanJson.pretty(plan())).isEqualTo(WHOLE);
    assertThat(PlanJson.compact(plan()))
        .startsWith("{\"format\":\"gohsp-plan\",\"version\":1,\"provenance\":{\"method\":\"somp\",")
        .doesNotContain("\n");
  }

  @Test
  void readsWhatItWrote() {
    assertThat(PlanJson.parse(WHOLE, FILE)).isEqualTo(plan());
    assertThat(PlanJson.parse(PlanJson.compact(plan()), FILE)).isEqualTo(plan());
  }

  /** What a file says of a block is of the block that it names, wherever it stands. */
  @Test
  void blocksAreToldByTheirNames() {
    String last = "{ \"name\" : \"block 1\", \"heads\" : 3, \"qkWidth\" : 4, \"vWidth\" : 4 },";
    int first = WHOLE.indexOf("{\n    \"name\" : \"block 0\"");
    int second = WHOLE.indexOf(", {\n    \"name\" : \"block 1\"");
    String turned = WHOLE.substring(0, first) + last + WHOLE.substring(first, second) + " ]\n}\n";

    assertThat(PlanJson.parse(turned, FILE)).isEqualTo(plan());
    assertThat(PlanReader.read(PlanJson.root(turned.replace("[ 0, 1, 4 ]", "2"), FILE)).counts())
        .extracting(PlanDraft.Counts::neurons)
        .containsExactly(2, null);
  }

  /** Two columns: (0.5, 1) and (-2, 0.25), as halves 3800 C000 3C00 3400 row by row. */
  private static PruningPlan turned() {
    Matrix basis = Matrix.of(2, 0.5, -2, 1, 0.25);
    BlockPlan block =
        new BlockPlan("block 0", 1, 4, 2, null, null, null, List.of(List.of(0)), null)
            .in(new Basis(null, List.of(basis)));
    return new PruningPlan(List.of(block), Map.of());
  }

  @Test
  void aBasisRaisesTheVersion() {
    String text = PlanJson.compact(turned());

    assertThat(text)
        .isEqualTo(
            "{\"format\":\"gohsp-plan\",\"version\":2,\"provenance\":{},\"blocks\":[{\"name\":\"block 0\","
                + "\"heads\":1,\"qkWidth\":4,\"vWidth\":2,\"vKept\":[[0]],"
                + "\"basis\":{\"v\":[\"ADgAwAA8ADQ=\"]}}]}");
    assertThat(PlanJson.parse(text, FILE)).isEqualTo(turned());
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "ADgAwAA8ADQ=|ADgAwAA8|blocks[0].basis.v[0]: is no basis of 2 columns: 6 bytes instead of 8, two for each element",
        "ADgAwAA8ADQ=|ADgAwAA8AHw=|blocks[0].basis.v[0]: is no basis of 2 columns: elements that are not finite",
        "\"v\":[\"ADgAwAA8ADQ=\"]|\"v\":[]|blocks[0].basis.v: lists a basis for 0 heads of 1 (list one for each head)",
        "\"v\":[\"|\"w\":[\"|blocks[0].basis: unknown field \"w\" (known are qk, v)",
        "\"vWidth\":2,\"vKept\":[[0]],||blocks[0].basis.v: needs \"heads\" and \"vWidth\", at most 512 (say how many there were)",
      })
  void saysWhatIsWrongWithABasis(String part, @Nullable String wrong, String message) {
    String text = PlanJson.compact(turned());
    assertThat(text).contains(part);
    assertBad(text.replace(part, wrong == null ? "" : wrong), message);
  }

  /** Two directions, (0.5, -2, 1) and (0.25, 1, 0), which take three channels with the mean. */
  private static PruningPlan narrowed() {
    Directions directions =
        Directions.of(3, List.of(new double[] {0.5, -2, 1}, new double[] {0.25, 1, 0}));
    BlockPlan block = new BlockPlan("block 0", null, null, null, 4, null, null, null, null);
    return new PruningPlan(List.of(block), Map.of())
        .narrowing(List.of(new StreamPlan("stream 0", 3, 3, directions)));
  }

  @Test
  void aNarrowStreamRaisesTheVersion() {
    String text = PlanJson.compact(narrowed());

    assertThat(text)
        .isEqualTo(
            "{\"format\":\"gohsp-plan\",\"version\":4,\"provenance\":{},\"blocks\":[{\"name\":\"block 0\","
                + "\"neurons\":4}],\"streams\":[{\"name\":\"stream 0\",\"width\":3,\"kept\":3,"
                + "\"directions\":[\"ADgAwAA8\",\"ADQAPAAA\"]}]}");
    assertThat(PlanJson.parse(text, FILE)).isEqualTo(narrowed());
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "ADgAwAA8|ADgA|streams[0].directions[0]: is no direction of 3 channels: 3 bytes instead of 6, two for each element",
        "[\"ADgAwAA8\",\"ADQAPAAA\"]|[]|streams[0].directions: nothing would stay (keep at least one; leave the stream out to keep all)",
        "\"kept\":3|\"kept\":4|streams[0].kept: expected a whole number from 1 to 3, found 4",
        "\"kept\":3,||streams[0]: field \"kept\" is missing",
        "\"kept\":3|\"kept\":3,\"x\":1|streams[0]: unknown field \"x\" (known are name, width, kept, directions)",
      })
  void saysWhatIsWrongWithAStream(String part, @Nullable String wrong, String message) {
    String text = PlanJson.compact(narrowed());
    assertThat(text).contains(part);
    assertBad(text.replace(part, wrong == null ? "" : wrong), message);
  }

  @Test
  void takesNullForAbsent() {
    String text = WHOLE.replace("\"vKept\" : [ [ 1 ], [ 3 ] ]", "\"vKept\" : null");

    assertThat(PlanJson.parse(text, FILE).blocks().get(0).vKept()).isNull();
  }

  @Property(tries = 200)
  void keepsAnyPlan(@ForAll @IntRange(min = 1, max = 6) int heads, @ForAll long bits) {
    List<Integer> kept =
        java.util.stream.IntStream.range(0, heads)
            .filter(i -> i == 0 || (bits >> i & 1) == 1)
            .boxed()
            .toList();
    BlockPlan block = new BlockPlan("block 0", heads, 9, null, null, kept, null, null, null);
    PruningPlan plan = new PruningPlan(List.of(block), Map.of("seed", Long.toString(bits)));

    assertThat(PlanJson.parse(PlanJson.pretty(plan), FILE)).isEqualTo(plan);
    assertThat(PlanJson.parse(PlanJson.compact(plan), FILE)).isEqualTo(plan);
  }

  @Test
  void goesThroughAFile(@TempDir Path folder) throws IOException {
    Path file = folder.resolve("plan.json");
    PlanJson.write(plan(), file);

    assertThat(PlanJson.read(file)).isEqualTo(plan());
    try (var files = Files.list(folder)) {
      assertThat(files).containsExactly(file);
    }
  }

  private static void assertBad(String text, String message) {
    assertThatThrownBy(() -> PlanJson.parse(text, FILE))
        .isInstanceOf(ModelException.BadPlan.class)
        .hasMessage("plan.json: " + message);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "\"heads\" : 3,|\"heads\" : \"3\",|blocks[0].heads: expected a whole number from 1 to 16777216, found \"3\"",
        "\"heads\" : 3,|\"heads\" : 3.0,|blocks[0].heads: expected a whole number from 1 to 16777216, found 3.0",
        "\"heads\" : 3,|\"heads\" : 0,|blocks[0].heads: expected a whole number from 1 to 16777216, found 0",
        "\"heads\" : 3,|\"heads\" : 4294967299,|blocks[0].heads: expected a whole number from 1 to 16777216, found 4294967299",
        "\"heads\" : 3,|\"heads\" : true,|blocks[0].heads: expected a whole number from 1 to 16777216, found true",
        "\"heads\" : 3,|`    `|blocks[0].headsKept: needs \"heads\", which is missing (say how many there were)",
        "\"neurons\" : 5,|`    `|blocks[0].neuronsKept: needs \"neurons\", which is missing (say how many there were)",
        "\"qkWidth\" : 4,|`    `|blocks[0].qkKept: needs \"qkWidth\", which is missing (say how many there were)",
        "\"heads\" : 3,|\"head\" : 3,|blocks[0]: unknown field \"head\" (known are name, heads, qkWidth, vWidth, neurons, headsKept, qkKept, vKept, neuronsKept, basis)",
        "[ 0, 2 ]|[ 0, 3 ]|blocks[0].headsKept[1]: expected a whole number from 0 to 2, found 3",
        "[ 0, 2 ]|[ -1, 2 ]|blocks[0].headsKept[0]: expected a whole number from 0 to 2, found -1",
        "[ 0, 2 ]|[ 0, 1.5 ]|blocks[0].headsKept[1]: expected a whole number from 0 to 2, found 1.5",
        "[ 0, 2 ]|[ 0, 0 ]|blocks[0].headsKept[1]: 0 after 0 (name each position once, in rising order)",
        "\"headsKept\" : [ 0, 2 ]|\"headsKept\" : [ ]|blocks[0].qkKept: lists columns where no head stays (leave the field out)",
        "[ 0, 2 ]|[ 0, 1, 2, 3 ]|blocks[0].headsKept: expected a list of at most 3, found 4",
        "[ 0, 2 ]|{ }|blocks[0].headsKept: expected a list, found {}",
        "[ 2, 3 ]|[ 3 ]|blocks[0].qkKept[1]: keeps 1 columns, the first head 2 (keep the same number in every head; they may be different ones)",
        ", [ 3 ]|` `|blocks[0].vKept: lists columns for 1 heads, but 2 stay (list them for every head that stays)",
        "[ 2, 3 ]|7|blocks[0].qkKept[1]: expected a list, found 7",
        "\"block 1\"|\"block 0\"|blocks[1].name: \"block 0\" is named twice (name each block once)",
        "\"block 1\"|1|blocks[1].name: expected text, found 1",
        "\"block 1\"|\"block 2\"|blocks[1].name: \"block 2\" is no block of a model of 2, which has \"block 0\" to \"block 1\" (list every block of the model once, by its name in gohsp inspect)",
        "\"block 0\"|\"attention 7\"|blocks[0].name: \"attention 7\" is no block of a model of 2, which has \"block 0\" to \"block 1\" (list every block of the model once, by its name in gohsp inspect)",
        "\"somp\"|[1]|provenance.method: expected text, found [1]",
        "\"version\" : 1|\"version\" : 5|version: expected at most 4, found 5 (use the gohsp that wrote the plan, or a later one)",
        "\"version\" : 1,|` `|field \"version\" is missing",
        "\"gohsp-plan\"|\"plan\"|is not a plan: expected \"format\": \"gohsp-plan\" (give a plan that gohsp wrote)",
        "\"version\" : 1,|\"version\" : 1, \"x\" : 0,|unknown field \"x\" (known are format, version, provenance, blocks, streams)",
      })
  void saysWhatIsWrongAndWhere(String part, String wrong, String message) {
    assertThat(WHOLE).contains(part);
    int at = WHOLE.indexOf(part);
    assertBad(WHOLE.substring(0, at) + wrong + WHOLE.substring(at + part.length()), message);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "{\"format\":\"gohsp-plan\"|line 1, column 23: the plan ends too early (it is cut off; write it again)",
        "{\"a\":1,\"a\":2}|line 1, column 11: not JSON: Duplicate field 'a' (mend it there, or write it again with --plan-out)",
        "{\"a\":NaN}|line 1, column 9: not JSON: Non-standard token 'NaN' (mend it there, or write it again with --plan-out)",
        "[1]|is not a plan: expected \"format\": \"gohsp-plan\" (give a plan that gohsp wrote)",
        "``|is not a plan: expected \"format\": \"gohsp-plan\" (give a plan that gohsp wrote)",
      })
  void saysWhereItIsNotJson(String text, String message) {
    assertBad(text == null ? "" : text, message);
  }

  @Test
  void refusesWhatComesAfterThePlan() {
    assertThatThrownBy(() -> PlanJson.parse(WHOLE + "{}", FILE))
        .isInstanceOf(ModelException.BadPlan.class)
        .hasMessageStartingWith("plan.json: line 25, column 1: not JSON: Trailing token");
  }

  @Test
  void refusesDepthAndLengthWithoutWork() {
    assertThatThrownBy(() -> PlanJson.parse("[".repeat(1_000_000), FILE))
        .isInstanceOf(ModelException.BadPlan.class)
        .hasMessageContaining("too large or too deep");
    assertThatThrownBy(() -> PlanJson.parse("{\"version\":" + "9".repeat(1_000_000) + "}", FILE))
        .isInstanceOf(ModelException.BadPlan.class);
  }

  @Test
  void refusesAFileThatIsNotText(@TempDir Path folder) throws IOException {
    Path file = folder.resolve("plan.json");
    Files.write(file, new byte[] {(byte) 0xff, (byte) 0xfe, 0});

    assertThatThrownBy(() -> PlanJson.read(file))
        .isInstanceOf(ModelException.BadPlan.class)
        .hasMessageEndingWith("plan.json: is not text in UTF-8 (give a plan that gohsp wrote)");
  }
}
