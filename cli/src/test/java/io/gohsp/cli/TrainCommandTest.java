package io.gohsp.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.gohsp.data.RecordedPreprocessing;
import io.gohsp.io.OnnxReader;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Random;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TrainCommandTest {
  @TempDir Path directory;

  private Path model;
  private Path out;

  @BeforeEach
  void createModel() {
    model = directory.resolve("untrained.onnx");
    out = directory.resolve("out.onnx");
    create(model, 10, 1);
  }

  private static void create(Path file, int classes, int channels) {
    Cli.succeeds(
        "create",
        "vit-small",
        "-o",
        file,
        "--image",
        8,
        "--patch",
        4,
        "--channels",
        channels,
        "--dim",
        16,
        "--depth",
        1,
        "--heads",
        2,
        "--mlp",
        16,
        "--classes",
        classes);
  }

  private Cli train(Path from, Object... more) {
    List<Object> arguments = new ArrayList<>(List.of("train", from, "-o", out, "--threads", 1));
    if (!List.of(more).contains("--epochs")) {
      arguments.addAll(List.of("--epochs", 1));
    }
    arguments.addAll(List.of(more));
    return Cli.run(arguments.toArray());
  }

  /**
   * Pictures of noise in folders called a and b; {@code classes} 1 for one folder without names.
   */
  private Path pictures(int classes, int count) throws IOException {
    Path folder = directory.resolve("pictures" + classes);
    Random random = new Random(1);
    for (int i = 0; i < count; i++) {
      BufferedImage image = new BufferedImage(8, 8, BufferedImage.TYPE_INT_RGB);
      for (int at = 0; at < 64; at++) {
        image.setRGB(at % 8, at / 8, random.nextInt(1 << 24));
      }
      Path in = classes == 1 ? folder : folder.resolve("train").resolve("ab".charAt(i % 2) + "");
      Files.createDirectories(in);
      ImageIO.write(image, "png", in.resolve("p" + i + ".png").toFile());
    }
    return folder;
  }

  @Test
  void saysInLinesHowItGoesAndInOneWhatCameOut() {
    Cli run = train(model, "--data", "digits", "--epochs", 2);

    assertThat(run.exitCode()).as(run.err()).isZero();
    assertThat(run.err().lines())
        .anyMatch(
            line ->
                line.startsWith("built-in digits digits: 1,797 samples, 10 classes, 8×8 grey; "))
        .anyMatch(
            line ->
                line.matches(
                    "epoch 2: loss \\d\\.\\d{4}, accuracy \\S+ %; validation loss \\d\\.\\d{4},"
                        + " accuracy \\S+ %( \\(best so far\\))?"));
    assertThat(run.out())
        .matches(
            "\\S+out\\.onnx: weights of epoch [12], validation loss \\S+, accuracy \\S+ %\n\\S+ k parameters trained\n");
    Map<String, String> metadata = OnnxReader.read(out).metadata();
    assertThat(metadata.remove(RecordedPreprocessing.KEY)).isNotNull();
    assertThat(metadata).isEqualTo(OnnxReader.read(model).metadata());
  }

  @Test
  void jsonHasTheDocumentedFields() throws IOException {
    Cli run = train(model, "--data", "digits", "--json");
    assertThat(run.exitCode()).as(run.err()).isZero();
    String documentation = Files.readString(Path.of("..", "docs", "json.md"));
    String section = documentation.substring(documentation.indexOf("## train"));
    String example = section.substring(section.indexOf("```json") + 7);
    JsonNode expected = new ObjectMapper().readTree(example.substring(0, example.indexOf("```")));
    assertThat(names(run.json())).isEqualTo(names(expected));
    assertThat(names(run.json().get("epochs").get(0)))
        .isEqualTo(names(expected.get("epochs").get(0)));
  }

  private static List<String> names(JsonNode node) {
    List<String> names = new ArrayList<>();
    for (Iterator<String> all = node.fieldNames(); all.hasNext(); ) {
      names.add(all.next());
    }
    return names;
  }

  @Test
  void quietSaysNothing() {
    Cli run = train(model, "--data", "digits", "-q");
    assertThat(run).isEqualTo(new Cli(0, "", ""));
  }

  @Test
  void labelsBeyondTheModelsClassesAreUnusable() {
    create(directory.resolve("five.onnx"), 5, 1);
    Cli run = train(directory.resolve("five.onnx"), "--data", "digits");
    assertThat(run.exitCode()).isEqualTo(6);
    assertThat(run.err()).contains("10 classes, but the model tells 5 apart");
    assertThat(out).doesNotExist();
  }

  @Test
  void arraysOfAnotherShapeAreUnusable() {
    Path npz = Path.of("..", "testdata", "data", "text.npz");
    Cli run = train(model, "--data", npz);
    assertThat(run.exitCode()).isEqualTo(6);
    assertThat(run.err()).startsWith("gohsp: ").contains("text.npz");
  }

  @Test
  void divergenceLeavesNoModel() {
    Cli run = train(model, "--data", "digits", "--lr", "1e9", "--work", directory.resolve("work"));
    assertThat(run.exitCode()).isEqualTo(1);
    assertThat(run.err()).containsPattern("is no finite number at step \\d+ \\(epoch 1\\)");
    assertThat(out).doesNotExist();
  }

  @Test
  void otherOptionsOnResumeAreUsage() {
    Path work = directory.resolve("work");
    train(model, "--data", "digits", "--work", work);
    Cli run = train(model, "--data", "digits", "--work", work, "--mean", 0.4);
    assertThat(run.exitCode()).isEqualTo(2);
    assertThat(run.err())
        .contains("checkpoint.zip is of another run; give another --work directory")
        .endsWith("what differs:\n  --mean: [0.4] now, [0.5] then\n");
  }

  /** Of the same size and time, under the same name. */
  @Test
  void anotherPictureOnResumeIsUsage() throws IOException {
    create(model, 2, 3);
    Path pictures = pictures(2, 40);
    Path work = directory.resolve("work");
    Object[] data = {"--data", pictures, "--work", work, "--batch", 8};
    assertThat(train(model, data).exitCode()).isZero();
    assertThat(train(model, data).exitCode()).isZero();
    Files.copy(
        pictures.resolve("train/a/p0.png"),
        pictures.resolve("train/a/p2.png"),
        StandardCopyOption.REPLACE_EXISTING);

    Cli run = train(model, data);

    assertThat(run.exitCode()).isEqualTo(2);
    assertThat(run.err())
        .containsPattern(
            "checkpoint.zip is of another run; give another --work .*; what differs:\n"
                + "  SHA-256 of the data: [0-9a-f]{64} now, [0-9a-f]{64} then\n$");
  }

  @Test
  void damagedCheckpointIsSaid() throws IOException {
    Path work = directory.resolve("work");
    train(model, "--data", "digits", "--work", work);
    Files.writeString(work.resolve("checkpoint.zip"), "rubbish");
    Cli run = train(model, "--data", "digits", "--work", work);
    assertThat(run.exitCode()).isEqualTo(6);
    assertThat(run.err()).contains("checkpoint.zip is damaged: ").contains("remove it to begin");
  }

  @Test
  void fixedBatchIsUsage() {
    Cli run = train(Cli.VIT, "--data", "digits");
    assertThat(run.exitCode()).isEqualTo(2);
    assertThat(run.err()).contains("the model takes batches of 2 only").contains("--batch 2");
  }

  @Test
  void corruptPicturesAreCountedAtTheEnd() throws IOException {
    Path pictures = pictures(2, 40);
    Files.writeString(pictures.resolve("train").resolve("a").resolve("p0.png"), "no picture");
    create(model.resolveSibling("rgb.onnx"), 2, 3);
    Cli run = train(model.resolveSibling("rgb.onnx"), "--data", pictures, "--batch", 4);
    assertThat(run.exitCode()).as(run.err()).isZero();
    assertThat(run.err())
        .contains("a sample could not be read and was left out: ")
        .contains("p0.png: ");
  }

  @Test
  void withoutLabelsATeacherIsNeeded() throws IOException {
    create(model.resolveSibling("rgb.onnx"), 2, 3);
    Cli run = train(model.resolveSibling("rgb.onnx"), "--data", pictures(1, 12), "--batch", 4);
    assertThat(run.exitCode()).isEqualTo(2);
    assertThat(run.err()).contains("--teacher MODEL");
  }

  @Test
  void withoutLabelsItLearnsFromTheTeacher() throws IOException {
    Path teacher = directory.resolve("teacher.onnx");
    create(teacher, 2, 3);
    Path student = directory.resolve("student.onnx");
    Cli.succeeds(
        "create",
        "vit-small",
        "-o",
        student,
        "--image",
        8,
        "--patch",
        4,
        "--dim",
        16,
        "--depth",
        1,
        "--heads",
        2,
        "--mlp",
        16,
        "--classes",
        2,
        "--seed",
        9);
    Cli run =
        train(
            student,
            "--data",
            pictures(1, 40),
            "--batch",
            4,
            "--teacher",
            teacher,
            "--epochs",
            6,
            "--lr",
            3e-3,
            "--json");
    assertThat(run.exitCode()).as(run.err()).isZero();
    JsonNode epochs = run.json().get("epochs");
    assertThat(epochs.get(5).get("loss").asDouble())
        .isLessThan(epochs.get(0).get("loss").asDouble());
  }

  /** Fine-tuned weights equal no original: to say "not equivalent" would be beside the point. */
  @Test
  void prunedAndTrainedModelSaysThatItWasTrained() {
    Path pruned = directory.resolve("pruned.onnx");
    Cli.succeeds("prune", model, "-o", pruned, "--neurons", 8);
    Cli run = train(pruned, "--data", "digits");
    assertThat(run.exitCode()).as(run.err()).isZero();
    assertThat(OnnxReader.read(out).metadata())
        .containsEntry("gohsp.trained", "25")
        .containsKeys("gohsp.plan", "gohsp.source.sha256");

    Cli verify = Cli.succeeds("verify", model, out);

    assertThat(verify.out())
        .contains("trained for 25 updates, so that it computes something else than its original");
  }
}
