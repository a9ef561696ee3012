package io.gohsp.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.gohsp.data.DataSource;
import io.gohsp.data.Datasets;
import io.gohsp.data.ImageDecoder;
import io.gohsp.data.Images;
import io.gohsp.data.Pixels;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The built-in digits as users have pictures: in folders of their own names, and as bytes. */
class OwnPicturesTest {
  private static final Path MODEL = Cli.model("digits.onnx");
  private static final int COUNT = 60;
  private static final List<String> NAMES =
      List.of("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine");
  private static final Pattern ACCURACY = Pattern.compile("accuracy ([0-9.]+) %");

  @TempDir Path directory;

  /** The first pictures and their classes. */
  private interface Each {
    void accept(int index, int label, Pixels pixels) throws IOException;
  }

  private static void digits(Each each) throws Exception {
    try (DataSource source = Datasets.open(Datasets.DIGITS);
        ImageDecoder decoder = new ImageDecoder()) {
      Images images = (Images) source.train();
      Pixels pixels = new Pixels();
      for (int i = 0; i < COUNT; i++) {
        images.read(i, decoder, pixels);
        each.accept(i, images.label(i), pixels);
      }
    }
  }

  private Path folders() throws Exception {
    Path folder = directory.resolve("pictures");
    digits(
        (index, label, pixels) -> {
          BufferedImage image = new BufferedImage(8, 8, BufferedImage.TYPE_BYTE_GRAY);
          image.getRaster().setDataElements(0, 0, 8, 8, java.util.Arrays.copyOf(pixels.data(), 64));
          for (String part : List.of("train", "val")) {
            Path file = folder.resolve(part).resolve(NAMES.get(label)).resolve(index + ".png");
            Files.createDirectories(file.getParent());
            ImageIO.write(image, "png", file.toFile());
          }
        });
    return folder;
  }

  private static double accuracy(Cli run) {
    Matcher matcher = ACCURACY.matcher(run.out());
    assertThat(matcher.find()).as(run.toString()).isTrue();
    return Double.parseDouble(matcher.group(1));
  }

  @Test
  void foldersAreNumberedAsAFileSays() throws Exception {
    Path folder = folders();
    Cli alphabetical = Cli.run("verify", MODEL, MODEL, "--data", folder);
    assertThat(accuracy(alphabetical)).isLessThan(20);
    assertThat(alphabetical.err())
        .containsPattern(
            "note: the original has [0-9.]+ % of 60 samples right, no better than chance among 10"
                + " classes");

    Path classes = Files.write(directory.resolve("classes.txt"), NAMES);
    Cli numbered = Cli.run("verify", MODEL, MODEL, "--data", folder, "--classes", classes);
    assertThat(accuracy(numbered)).isGreaterThan(95);
    assertThat(numbered.err())
        .contains("10 classes", "numbered by " + classes + ", which names 10 classes")
        .doesNotContain("note:");
    Cli unknown = Cli.run("verify", MODEL, MODEL, "--data", folder, "--classes", "imagenet");
    assertThat(unknown.exitCode()).isEqualTo(ExitCodes.DATA);
    assertThat(unknown.err()).contains("class folder eight is not in ImageNet");
  }

  /** Training that makes a trained model worse is not kept, or is told of in the last line. */
  @Test
  void trainingCountsWhatItBeginsWith() {
    Path out = directory.resolve("out.onnx");
    Object[] bad = {
      "train",
      MODEL,
      "-o",
      out,
      "--data",
      "digits",
      "--epochs",
      1,
      "--epoch-size",
      64,
      "--lr",
      1,
      "--warmup",
      0
    };
    String kept =
        out + ": the weights it began with, as no epoch validated better, validation loss ";
    assertThat(Cli.run(bad).out()).contains(kept).doesNotContain("worse");
    List<Object> last = new java.util.ArrayList<>(List.of(bad));
    last.addAll(List.of("--keep", "last"));
    assertThat(Cli.run(last.toArray()).out())
        .contains(out + ": weights of epoch 1, ")
        .containsPattern(
            "out\\.onnx: validates worse than before training: validation loss 0\\.1\\d+, accuracy 98\\.33 %,"
                + " and now validation loss \\S+, accuracy \\S+ %\n$");
  }

  /** What was compared is the cut; what is written was corrected since. */
  @Test
  void theVerdictIsOfTheCut() {
    Path out = directory.resolve("out.onnx");
    Path page = directory.resolve("page.html");
    Cli run =
        Cli.run(
            "prune",
            MODEL,
            "-o",
            out,
            "--data",
            "digits",
            "--keep-params",
            0.3,
            "--epochs",
            0,
            "--report",
            page);
    assertThat(run.out())
        .containsPattern(
            "out\\.onnx: corrected in \\d layers?, so that it computes something else than the original; the"
                + " cut itself was equivalent: max relative error \\S+ .*\n$");
    assertThat(page)
        .content()
        .contains("✓ cut equivalent", "out.onnx was corrected in ")
        .doesNotContain("accuracy not measured");
  }

  /** A plan is corrected and trained as what prune chooses itself, to the same weights. */
  @Test
  void aPlanIsCorrectedAndTrained() throws Exception {
    Path plan = directory.resolve("plan.json");
    Path pruned = directory.resolve("pruned.onnx");
    Path applied = directory.resolve("applied.onnx");
    Object[] how = {"--data", "digits", "--epochs", 0, "--threads", 1};
    List<Object> prune =
        new java.util.ArrayList<>(
            List.of("prune", MODEL, "-o", pruned, "--keep-params", 0.2, "--plan-out", plan));
    prune.addAll(List.of(how));
    Cli first = Cli.run(prune.toArray());
    List<Object> apply = new java.util.ArrayList<>(List.of("apply", MODEL, plan, "-o", applied));
    apply.addAll(List.of(how));
    Cli second = Cli.run(apply.toArray());
    assertThat(second.exitCode()).as(second.err()).isZero();
    assertThat(second.out().replace("applied", "pruned")).isEqualTo(first.out());
    assertThat(second.out()).containsPattern("recovered +0\\.\\d+ ");
    Cli missing = Cli.run("apply", MODEL, plan, "-o", applied, "--epochs", 1);
    assertThat(missing.exitCode()).isEqualTo(ExitCodes.USAGE);
    assertThat(missing.err()).contains("--epochs: correction and training need data");
  }

  /** Bytes are pixels from 0 to 255 and are never fed as they are. */
  @Test
  void bytesAreScaledAsPictures() throws Exception {
    byte[] rows = new byte[COUNT * 64];
    byte[] labels = new byte[COUNT];
    digits(
        (index, label, pixels) -> {
          System.arraycopy(pixels.data(), 0, rows, index * 64, 64);
          labels[index] = (byte) label;
        });
    for (String shape : List.of("60, 8, 8", "60, 1, 8, 8", "60, 8, 8, 1")) {
      Path file = directory.resolve("bytes.npz");
      Npz.writeBytes(
          file, Map.of("image", Map.entry(shape, rows), "labels", Map.entry("60,", labels)));
      Cli run = Cli.run("verify", MODEL, MODEL, "--data", file);
      assertThat(accuracy(run)).as(shape).isGreaterThan(80);
      assertThat(run.err())
          .contains("8×8 grey; image: 8×8 grey, resize shorter edge to 8", "scale 1/255");
    }
    Path wide = directory.resolve("wide.npz");
    ByteBuffer numbers = ByteBuffer.allocate(4 * rows.length).order(ByteOrder.LITTLE_ENDIAN);
    ByteBuffer floats = ByteBuffer.allocate(4 * rows.length).order(ByteOrder.LITTLE_ENDIAN);
    for (byte pixel : rows) {
      numbers.putInt(pixel & 0xFF);
      floats.putFloat(((pixel & 0xFF) / 255f - 0.5f) / 0.5f);
    }
    Map.Entry<String, byte[]> labelled = Map.entry("60,", labels);
    Npz.write(
        wide,
        "<i4",
        Map.of("image", Map.entry("60, 1, 8, 8", numbers.array()), "labels", labelled));
    Cli raw = Cli.run("verify", MODEL, MODEL, "--data", wide);
    assertThat(raw.exitCode()).isEqualTo(ExitCodes.DATA);
    assertThat(raw.err())
        .contains(
            wide
                + ": image INT32[1, 8, 8] would be fed to image, FLOAT[batch, 1, 8, 8], as the whole"
                + " numbers that they are (give pictures");
    Cli stated = Cli.run("verify", MODEL, MODEL, "--data", wide, "--mean", 0.5, "--std", 0.5);
    assertThat(accuracy(stated)).isGreaterThan(80);
    assertThat(stated.err()).contains("8×8 grey; image: 8×8 grey,", "(as stated)");
    Path prepared = directory.resolve("prepared.npz");
    Npz.write(
        prepared,
        "<f4",
        Map.of("image", Map.entry("60, 1, 8, 8", floats.array()), "labels", labelled));
    Cli asStored = Cli.run("verify", MODEL, MODEL, "--data", prepared);
    assertThat(accuracy(asStored)).isEqualTo(accuracy(stated));
    assertThat(asStored.err())
        .contains(
            "gohsp: arrays "
                + prepared
                + ": 60 samples, 10 classes, image FLOAT[1, 8, 8]; fed as"
                + " stored, without preparation\n");

    Path flat = directory.resolve("flat.npz");
    Npz.writeBytes(flat, Map.of("image", Map.entry("60, 64", rows)));
    Cli refused = Cli.run("verify", MODEL, MODEL, "--data", flat);
    assertThat(refused.exitCode()).isEqualTo(ExitCodes.DATA);
    assertThat(refused.err()).contains("rows of image UINT8[64] do not fit");
    // What is wrong is the shape, not that it is said how pictures are prepared.
    Cli alsoRefused = Cli.run("verify", MODEL, MODEL, "--data", flat, "--mean", 0.5, "--std", 0.5);
    assertThat(alsoRefused.err()).isEqualTo(refused.err());
  }
}
