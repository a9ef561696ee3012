package io.gohsp.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.gohsp.io.OnnxReader;
import io.gohsp.io.OnnxWriter;
import io.gohsp.ir.Model;
import io.gohsp.ir.Value;
import io.gohsp.tensor.Tensor;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * {@code --width} of embeddings that a norm in front of all blocks reads: a text encoder whose
 * tables hold four directions and nothing else, but for the row of padding, which nobody looks at.
 */
class NarrowEmbeddingsTest {
  private static final int CHANNELS = 24;
  private static final int DIRECTIONS = 4;

  @TempDir private Path directory;
  private Path model;
  private Path data;
  private Path out;

  @BeforeEach
  void write() throws IOException {
    Model bert = OnnxReader.read(Cli.fixture("hf_bert_eager_legacy"));
    Random random = new Random(3);
    double[][] basis = new double[DIRECTIONS][];
    for (int k = 0; k < DIRECTIONS; k++) {
      basis[k] = random.doubles(CHANNELS, -1, 1).toArray();
    }
    for (Value value : bert.graph().initializers()) {
      if (value.name().endsWith("_embeddings.weight")) {
        Tensor old = Objects.requireNonNull(value.constant());
        boolean padded = value.name().contains("word");
        value.setConstant(
            Tensor.ofFloats(old.type(), old.dims(), spanned(old.floats(), basis, padded, random)));
      }
    }
    model = directory.resolve("bert.onnx");
    Files.write(model, OnnxWriter.toBytes(bert));
    out = directory.resolve("out.onnx");
    data = directory.resolve("text.npz");
    int rows = 48;
    int columns = 12;
    long[] ids = new long[rows * columns];
    long[] mask = new long[rows * columns];
    for (int i = 0; i < ids.length; i++) {
      mask[i] = i % columns < 3 + i / columns % 5 ? 1 : 0;
      ids[i] = mask[i] == 0 ? 0 : 1L + random.nextInt(49);
    }
    Npz.write(data, rows, columns, Map.of("input_ids", ids, "attention_mask", mask));
  }

  private static float[] spanned(float[] table, double[][] basis, boolean padded, Random random) {
    for (int row = padded ? CHANNELS : 0; row < table.length; row += CHANNELS) {
      double[] sum = new double[CHANNELS];
      for (double[] direction : basis) {
        double times = random.nextGaussian();
        for (int i = 0; i < CHANNELS; i++) {
          sum[i] += times * direction[i];
        }
      }
      for (int i = 0; i < CHANNELS; i++) {
        table[row + i] = (float) sum[i];
      }
    }
    return table;
  }

  private JsonNode pruned(String options) {
    Object[] all =
        ("prune " + model + " -o " + out + " --data " + data + " --epochs 0 --json " + options)
            .split(" ");
    Cli run = Cli.run(all);
    assertThat(run.exitCode()).as(run.err()).isZero();
    return run.json();
  }

  /** What they need not hold goes, whatever the row of padding holds. */
  @Test
  void aBudgetTakesWhatTablesDoNotHold() {
    JsonNode json = pruned("--keep-params 0.9");

    JsonNode streams = json.requiredAt("/streams");
    assertThat(streams).hasSize(1);
    assertThat(streams.get(0).get("name").asText()).isEqualTo("embeddings");
    assertThat(streams.get(0).get("kept").asInt()).isBetween(DIRECTIONS + 1, CHANNELS - 1);
    assertThat(json.requiredAt("/evaluation/after/loss").asDouble()).isLessThan(1e-3);
    assertThat(Cli.succeeds("verify", model, out).out()).contains("equivalent");
  }

  @Test
  void whatIsExcludedStays() {
    JsonNode json = pruned("--width 50% --exclude embeddings --heads 75%");

    assertThat(json.requiredAt("/streams").findValuesAsText("name"))
        .containsExactly("stream 0", "stream 1", "stream 2", "stream 3");
  }

  /** A pattern may name streams and blocks, whether or not streams get narrower. */
  @Test
  void whatIsExcludedOfBlocksStaysToo() {
    JsonNode narrow =
        pruned("--width 50% --exclude /(embeddings|block.0)/ --heads 50% --no-recover");
    assertThat(narrow.at("/blocks/0/headsKept")).hasSize(4);
    assertThat(narrow.at("/blocks/1/headsKept")).hasSize(2);

    JsonNode wide = pruned("--width keep --exclude embeddings --heads 50% --no-recover");
    assertThat(wide.at("/blocks/0/headsKept")).hasSize(2);
  }

  @Test
  void inspectSaysWhyTheyStay() throws IOException {
    Model bert = OnnxReader.read(model);
    Value sum =
        bert.graph().nodes().stream()
            .filter(node -> node.is("LayerNormalization"))
            .findFirst()
            .orElseThrow()
            .input(0);
    sum.setType(bert.graph().outputs().get(0).type());
    bert.graph().addOutput(sum);
    Files.write(model, OnnxWriter.toBytes(bert));

    JsonNode stream = Cli.succeeds("inspect", model, "--json").json().at("/streams/0");

    assertThat(stream.get("name").asText()).isEqualTo("embeddings");
    assertThat(stream.get("free").asBoolean()).isFalse();
    assertThat(stream.get("reason").asText())
        .isEqualTo("is part of the model's output \"" + sum.name() + "\"");
  }
}
