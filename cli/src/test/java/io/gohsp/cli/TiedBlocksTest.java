package io.gohsp.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Blocks with the same weights: whatever is said of an axis is said of each of them. */
class TiedBlocksTest {
  private static final Path TIED_MLP = Cli.fixture("timm_vit_tied_mlp");

  @TempDir private Path folder;

  private Path plan(Path model) throws IOException {
    Path plan = folder.resolve("plan.json");
    Cli.succeeds(
        "prune", model, "-o", folder.resolve("pruned.onnx"), "--plan-out", plan, "--neurons", 21);
    return plan;
  }

  private static JsonNode read(Path json) throws IOException {
    return new ObjectMapper().readTree(json.toFile());
  }

  private Path write(JsonNode json) throws IOException {
    Path file = folder.resolve("other.json");
    Files.writeString(file, json.toString());
    return file;
  }

  @Test
  void inspectNamesTheAxisInBothBlocks() {
    assertThat(Cli.succeeds("inspect", TIED_MLP).out())
        .contains(
            "One axis, so that what goes of one block goes of all:",
            "  neurons of block 0 .. 1" + System.lineSeparator());
    JsonNode json = Cli.succeeds("inspect", TIED_MLP, "--json").json();
    assertThat(json.get("blocks")).hasSize(2);
    assertThat(json.at("/blocks/1/neurons").asInt()).isEqualTo(42);
    assertThat(json.get("shared"))
        .hasToString(
            "[{\"parts\":[{\"block\":\"block 0\",\"part\":\"neurons\"},"
                + "{\"block\":\"block 1\",\"part\":\"neurons\"}]}]");
    int attention = 4 * 24 * 24 + 3 * 24;
    assertThat(json.at("/blocks/0/params").asInt()).isEqualTo(attention + 2 * 24 * 42 + 42);
    assertThat(json.at("/blocks/1/params").asInt()).as("counted once").isEqualTo(attention);
    assertThat(json.at("/blocks/1/macs")).isEqualTo(json.at("/blocks/0/macs"));
  }

  @ParameterizedTest
  @CsvSource({"timm_vit_tied_mlp", "timm_vit_tied_blocks", "hf_albert_tied"})
  void planAndTableNameBothBlocks(String name) throws IOException {
    Path plan = folder.resolve("plan.json");
    Cli pruned =
        Cli.succeeds(
            "prune",
            Cli.fixture(name),
            "-o",
            folder.resolve("pruned.onnx"),
            "--plan-out",
            plan,
            "--neurons",
            21);
    assertThat(pruned.out()).containsPattern("block 0 \\.\\. 1 .* 21 of 42");
    assertThat(pruned.out()).as("all of the plan is read twice").doesNotContain("did not look at");
    JsonNode blocks = read(plan).get("blocks");
    assertThat(blocks).hasSize(2);
    assertThat(blocks.at("/0/neuronsKept")).hasSize(21);
    assertThat(blocks.at("/1/neuronsKept")).isEqualTo(blocks.at("/0/neuronsKept"));
  }

  @ParameterizedTest
  @CsvSource({"0, 1", "1, 0"})
  void aPlanThatNamesOneOfThemIsCompleted(int left, int named) throws IOException {
    Path plan = plan(TIED_MLP);
    JsonNode incomplete = read(plan);
    ((ObjectNode) incomplete.get("blocks").get(left)).remove("neuronsKept");
    Path again = folder.resolve("again.onnx");
    JsonNode json =
        Cli.succeeds("apply", TIED_MLP, write(incomplete), "-o", again, "--json").json();
    assertThat(json.get("completed").asText()).isEqualTo("neurons of block " + left);
    assertThat(json.at("/blocks/" + left + "/neuronsKept"))
        .isEqualTo(read(plan).at("/blocks/" + named + "/neuronsKept"));
    assertThat(Cli.succeeds("verify", TIED_MLP, again).out()).contains("equivalent");
  }

  @Test
  void aPlanInWhichTheyDisagreeIsRefused() throws IOException {
    JsonNode other = read(plan(TIED_MLP));
    ((ObjectNode) other.get("blocks").get(1)).putArray("neuronsKept").add(0).add(1);
    Cli run = Cli.run("apply", TIED_MLP, write(other), "-o", folder.resolve("again.onnx"));
    assertThat(run.exitCode()).isEqualTo(ExitCodes.UNSUPPORTED);
    assertThat(run.err())
        .contains(
            "neurons of block 1 are shared with another block, but the plan keeps others there",
            "keep the same in both");
  }
}
