package io.gohsp.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.gohsp.calibration.Calibration;
import io.gohsp.calibration.Spread;
import io.gohsp.data.DataException;
import io.gohsp.data.LastBatch;
import io.gohsp.io.OnnxReader;
import io.gohsp.ir.Model;
import io.gohsp.ort.OrtOptions;
import io.gohsp.workers.LocalWorkers;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine.Model.CommandSpec;

/** Samples that other processes cannot read, as if each part were seen by one of its own. */
class ClusterSpreadTest {
  private static final Path MODEL = Cli.model("digits.onnx");
  private static final int PICTURES = 60;

  /** One at least is trained on alone. */
  private static final int CALIBRATED = PICTURES - 1;

  private static final int PARTS = 3;

  @TempDir Path directory;

  /** How many samples of a part can be read. */
  private record Readable() implements Spread.Sums {
    @Override
    public List<double[]> of(Calibration all, int part, int parts) {
      Model model = OnnxReader.read(MODEL);
      double[] readable = {0};
      int batches = all.batches(model);
      Spread.part(all, part, parts, batches, all.batch(model))
          .forEach(model, Set.of(), LastBatch.KEEP, batch -> readable[0] += batch.size());
      return List.of(readable);
    }
  }

  /** Every so-manieth picture is none. */
  private Path pictures(int damaged) throws IOException {
    Path folder = directory.resolve("every-" + damaged);
    for (String part : List.of("train", "val")) {
      for (int i = 0; i < PICTURES; i++) {
        Path file = folder.resolve(part).resolve("class" + i % 2).resolve(i + ".png");
        Files.createDirectories(file.getParent());
        ImageIO.write(new BufferedImage(8, 8, BufferedImage.TYPE_BYTE_GRAY), "png", file.toFile());
        if (part.equals("train") && i % damaged == 0) {
          Files.write(file, new byte[] {1, 2, 3});
        }
      }
    }
    return folder;
  }

  private static double readable(List<String> arguments, DataOptions data) {
    Calibration all =
        new Calibration(
            inputs -> {
              throw new AssertionError("seen here");
            },
            Calibration.BATCH,
            OrtOptions.DEFAULT,
            0);
    return new ClusterSpread(new LocalWorkers(1), arguments, data, false)
        .added(new Readable(), all, PARTS)
        .get(0)[0];
  }

  private static List<String> arguments(Path folder) {
    return List.of("sensitivity", MODEL.toString(), "--data", folder.toString(), "--threads", "1");
  }

  private static DataOptions data(List<String> arguments) {
    CommandSpec command =
        Main.commandLine().parseArgs(arguments.toArray(String[]::new)).subcommand().commandSpec();
    return Objects.requireNonNull(DataOptions.of(command));
  }

  @Test
  void samplesLeftOutElsewhereAreNamedHere() throws IOException {
    List<String> arguments = arguments(pictures(10));
    DataOptions data = data(arguments);

    assertThat(readable(arguments, data)).isEqualTo(CALIBRATED - 6);
    assertThat(data.skipped()).hasSize(6).anyMatch(sample -> sample.contains("class0/10.png: "));
  }

  @Test
  void asManyMayBeDamagedAsInOneProcess() throws IOException {
    List<String> arguments = arguments(pictures(5));
    assertThatThrownBy(() -> readable(arguments, data(arguments)))
        .isInstanceOf(DataException.class)
        .hasMessageContaining("more than 10 of %d samples cannot be read".formatted(CALIBRATED));
  }
}
