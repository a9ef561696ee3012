package io.gohsp.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.gohsp.PrunedModel;
import io.gohsp.Pruner;
import io.gohsp.equivalence.Verification;
import io.gohsp.io.OnnxReader;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

/** A pruned model that is wrong, which only a defect of ours could make. */
class WritingTest {
  @TempDir Path directory;

  @Test
  void neverWritesWhatIsNotEquivalent() throws Exception {
    Path right = directory.resolve("right.onnx");
    PrunedModel pruned = Pruner.read(Cli.VIT).heads("2").prune();
    pruned.write(right);
    Path wrong =
        Weights.changed(
            right,
            "blocks.1.attn.proj.bias",
            directory.resolve("wrong.onnx"),
            (i, value) -> i == 3 ? value + 1 : value);
    PrunedModel broken =
        new PrunedModel(
            pruned.original(),
            OnnxReader.read(wrong),
            pruned.plan(),
            pruned.before(),
            pruned.after(),
            pruned.mode(),
            null,
            phase -> {});
    var before = Cli.listing(directory);
    StringWriter out = new StringWriter();
    StringWriter err = new StringWriter();
    CommandLine program =
        Main.commandLine().setOut(new PrintWriter(out)).setErr(new PrintWriter(err));
    program.parseArgs("prune", "a", "-o", "b", "--json");
    CommandLine prune = program.getSubcommands().get("prune");
    ConsoleOptions console = ConsoleOptions.of(prune);

    Throwable thrown =
        catchThrowable(
            () ->
                new Writing(prune.getCommandSpec(), console, Verification.STANDARD)
                    .write(
                        broken,
                        directory.resolve("out.onnx"),
                        new Phases(console, prune.getErr())));

    assertThat(Cli.listing(directory)).isEqualTo(before);
    assertThat(ErrorReport.report(thrown, prune)).isEqualTo(ExitCodes.NOT_EQUIVALENT);
    assertThat(err.toString())
        .startsWith(
            "gohsp: nothing was written, the pruned model is NOT equivalent: output \"output\""
                + " differs by ")
        .endsWith("This is a defect of gohsp; please report it with the model.\n");
    JsonNode json = new ObjectMapper().readTree(out.toString());
    assertThat(json.get("output").isNull()).isTrue();
    assertThat(json.at("/verification/passed").booleanValue()).isFalse();
  }
}
