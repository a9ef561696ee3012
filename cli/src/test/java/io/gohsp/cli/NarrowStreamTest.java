package io.gohsp.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.gohsp.io.OnnxReader;
import io.gohsp.io.OnnxWriter;
import io.gohsp.ir.Model;
import io.gohsp.ir.Value;
import io.gohsp.tensor.Tensor;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** {@code --width}: a residual stream of fewer channels, of a model that tells digits apart. */
class NarrowStreamTest {
  private static final Path DIGITS = Path.of("..", "testdata", "models", "digits.onnx");

  @TempDir private Path directory;

  private Cli prune(Object... more) {
    List<Object> arguments =
        new ArrayList<>(
            List.of("prune", DIGITS, "-o", directory.resolve("out.onnx"), "--threads", 1));
    arguments.addAll(List.of(more));
    return Cli.run(arguments.toArray());
  }

  private Cli pruned(String options) {
    Cli run = prune((Object[]) ("--data digits --soft-epochs 0 --epochs 0 " + options).split(" "));
    assertThat(run.exitCode()).as(run.err()).isZero();
    return run;
  }

  /** Half the channels lose three of 180 digits at most: all that is left is exact. */
  @Test
  void halfTheChannelsLoseNextToNothing() throws Exception {
    Path plan = directory.resolve("plan.json");
    Cli run = pruned("--width 50% --no-recover --plan-out " + plan);
    assertThat(run.out().lines()).contains("stream 0: 32 of 64 channels");

    Path out = directory.resolve("out.onnx");
    JsonNode verdict = Cli.run("verify", DIGITS, out, "--data", "digits", "--json").json();
    assertThat(verdict.at("/passed").asBoolean()).isTrue();
    double lost =
        verdict.requiredAt("/data/accuracy/original").asDouble()
            - verdict.requiredAt("/data/accuracy/pruned").asDouble();
    assertThat(lost).isLessThan(3.5 / 180);

    Path again = directory.resolve("again.onnx");
    assertThat(Cli.succeeds("apply", DIGITS, plan, "-o", again).out())
        .contains("stream 0: 32 of 64 channels");
    assertThat(OnnxReader.read(again).graph().initializers().size())
        .isEqualTo(OnnxReader.read(out).graph().initializers().size());
  }

  @Test
  void aBudgetWeighsWidthAgainstTheRest() throws Exception {
    JsonNode narrow = pruned("--keep-params 0.3 --json").json();
    JsonNode wide = pruned("--keep-params 0.3 --width keep --json").json();

    assertThat(narrow.requiredAt("/streams/0/kept").asInt()).isBetween(8, 63);
    assertThat(wide.has("streams")).isFalse();
    double most = 0.3 * narrow.requiredAt("/params/before").asDouble();
    assertThat(narrow.requiredAt("/params/after").asDouble()).isBetween(0.98 * most, most);
    assertThat(narrow.requiredAt("/evaluation/recovered/accuracy").asDouble())
        .isGreaterThanOrEqualTo(wide.requiredAt("/evaluation/recovered/accuracy").asDouble());
  }

  /** The table of positions has all channels of the stream. */
  @Test
  void whatIsExcludedStays() {
    assertThat(pruned("--heads 75% --width 50% --exclude pos_embed --no-recover").out())
        .doesNotContain("stream 0");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "--data digits --keep-params 0.6 --width wide | --width \"wide\" is unknown; choose keep, free",
        "--data digits --keep-params 0.6 --width 0 | a layer cannot keep 0",
        "--data digits --keep-params 0.6 --min-channels 0 | a stream keeps 1 channel or more",
        "--keep-params 0.6 --width free | --width free needs samples to measure on: give some (--data)",
      })
  void saysWhatIsWrong(String options, String message) {
    Cli run = prune((Object[]) options.split(" "));
    assertThat(run.exitCode()).isEqualTo(2);
    assertThat(run.err()).contains(message);
  }

  /** Channels that nothing writes: the method zeros finds them, and the result is the original. */
  @Test
  void deadChannelsGoForNothing() throws Exception {
    Model model = OnnxReader.read(DIGITS);
    Set<Integer> dead = Set.of(3, 10, 11, 40);
    for (Value value : model.graph().initializers()) {
      String name = value.name();
      boolean last = name.equals("cls_token") || name.equals("pos_embed");
      if (last || name.matches("(.*\\.attn\\.proj|.*\\.fc2|patch_embed\\.proj)\\..*")) {
        Tensor old = value.constant();
        float[] numbers = old.floats();
        int inner = last ? 1 : numbers.length / 64;
        for (int i = 0; i < numbers.length; i++) {
          numbers[i] = dead.contains(i / inner % 64) ? 0 : numbers[i];
        }
        value.setConstant(Tensor.ofFloats(old.type(), old.dims(), numbers));
      }
    }
    Path zeroed = directory.resolve("zeroed.onnx");
    Files.write(zeroed, OnnxWriter.toBytes(model));
    Path out = directory.resolve("small.onnx");

    String text = Cli.succeeds("prune", zeroed, "-o", out, "--method", "zeros").out();

    assertThat(text).contains("stream 0: 61 of 64 channels").contains("equivalent");
    assertThat(Arrays.asList(Cli.succeeds("verify", zeroed, out).out().split("\n")).get(0))
        .contains("equivalent");
  }
}
