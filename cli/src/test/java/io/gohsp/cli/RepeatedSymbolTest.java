package io.gohsp.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * A text encoder whose inputs are declared {@code [batch, batch]}, run on 64 texts of 16 tokens.
 */
class RepeatedSymbolTest {
  private static final Path CASE = Path.of("../testdata/cases/repeated_symbol");
  private static final Path MODEL = CASE.resolve("model.onnx");
  private static final Path TEXT = CASE.resolve("text.npz");

  @TempDir private Path folder;

  /** One token alone would be some 14 thousand multiply-accumulates. */
  @Test
  void aSequenceIsCountedAtTheUsualLength() {
    JsonNode json = Cli.run("inspect", MODEL, "--json").json();
    assertThat(json.get("macs").asLong()).isGreaterThan(128L * 5_000);
  }

  @Test
  void prunesAndComparesOnData() {
    Path out = folder.resolve("out.onnx");
    Cli pruned =
        Cli.run(
            "prune",
            MODEL,
            "-o",
            out,
            "--data",
            TEXT,
            "--keep-params",
            0.8,
            "--calibration",
            8,
            "--soft-epochs",
            0,
            "--epochs",
            0);
    assertThat(pruned.exitCode()).as(pruned.err()).isEqualTo(ExitCodes.DONE);
    Cli verified = Cli.run("verify", MODEL, out, "--data", TEXT);
    assertThat(verified.exitCode()).as(verified.err()).isEqualTo(ExitCodes.DONE);
    Cli trained =
        Cli.run(
            "train",
            out,
            "-o",
            folder.resolve("trained.onnx"),
            "--data",
            TEXT,
            "--teacher",
            MODEL,
            "--epochs",
            1,
            "--batch",
            16);
    assertThat(trained.exitCode()).as(trained.err()).isEqualTo(ExitCodes.DONE);
  }
}
