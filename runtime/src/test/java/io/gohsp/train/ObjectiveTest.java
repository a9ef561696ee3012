package io.gohsp.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.gohsp.autodiff.Loss;
import io.gohsp.create.VitArchitecture;
import io.gohsp.create.VitBuilder;
import io.gohsp.data.Augmentation;
import io.gohsp.data.DataSource;
import io.gohsp.data.Datasets;
import io.gohsp.data.Samples;
import io.gohsp.fixture.Fixture;
import io.gohsp.ir.Model;
import io.gohsp.ir.ModelException;
import io.gohsp.ir.Value;
import io.gohsp.plan.InvalidOption;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Random;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ObjectiveTest {
  private static final Objective.Distillation HALF = new Objective.Distillation(2, 0.5);

  @TempDir Path directory;

  private static List<String> taught(String fixture) {
    return Objective.taught(Fixture.of(fixture).model()).stream().map(Value::name).toList();
  }

  @Test
  void classScoresOrWhateverAnEncoderReturns() {
    assertThat(taught("timm_vit_legacy_op17_unfused")).containsExactly("output");
    assertThat(taught("hf_deit_legacy")).containsExactly("logits");
    assertThat(taught("hf_distilbert_dynamo")).containsExactly("last_hidden_state");
    // The pooled vector has the shape of class scores, but is none.
    assertThat(taught("hf_bert_eager_legacy"))
        .containsExactly("last_hidden_state", "pooler_output");
  }

  @Test
  void labelsNeedClassScores() {
    Model bert = Fixture.of("hf_bert_eager_legacy").model();
    assertThatThrownBy(() -> Objective.of(bert, true, false, 0, null, HALF))
        .isInstanceOf(ModelException.Unsupported.class);
  }

  @Test
  void neitherLabelsNorTeacherIsNothingToLearnFrom() {
    assertThatThrownBy(() -> Objective.of(Runs.tiny(), false, false, 0, null, HALF))
        .isInstanceOf(InvalidOption.class)
        .hasMessageContaining("--teacher");
  }

  @Test
  void lossesFollowWhatThereIs() {
    Model model = Runs.tiny();
    try (Teacher teacher = Teacher.of(Runs.tiny(), model, Objective.taught(model), Runs.engine())) {
      assertThat(losses(model, true, null, 0.5)).containsExactly("CrossEntropy 1.0");
      assertThat(losses(model, true, teacher, 0.25))
          .containsExactly("CrossEntropy 0.75", "Distillation 0.25");
      assertThat(losses(model, true, teacher, 0)).containsExactly("CrossEntropy 1.0");
      assertThat(losses(model, true, teacher, 1)).containsExactly("Distillation 1.0");
      assertThat(losses(model, false, teacher, 0.25)).containsExactly("Distillation 1.0");
    }
  }

  @Test
  void teacherMustFitItsStudent() {
    Model student = Runs.tiny();
    assertThatThrownBy(() -> teach(new VitArchitecture(16, 1, 4, 16, 1, 2, 16, 10), student))
        .isInstanceOf(ModelException.Unsupported.class)
        .hasMessageContainingAll("the teacher's input", "16, 16]", "the student's", "8, 8]");
    assertThatThrownBy(() -> teach(new VitArchitecture(8, 1, 4, 16, 1, 2, 16, 5), student))
        .isInstanceOf(ModelException.Unsupported.class)
        .hasMessageContainingAll("the teacher's output \"logits\"", ", 5]", ", 10]");
    Model other = Fixture.of("hf_bert_eager_legacy").model();
    assertThatThrownBy(() -> Teacher.of(other, student, Objective.taught(student), Runs.engine()))
        .isInstanceOf(ModelException.Unsupported.class)
        .hasMessageContaining("the teacher has no output \"logits\"");
  }

  private static void teach(VitArchitecture architecture, Model student) {
    Model teacher = VitBuilder.build(architecture, 1);
    Teacher.of(teacher, student, Objective.taught(student), Runs.engine()).close();
  }

  private static List<String> losses(
      Model model, boolean labelled, @org.jspecify.annotations.Nullable Teacher teacher, double w) {
    List<String> names = new ArrayList<>();
    Objective.Distillation distillation = new Objective.Distillation(2, w);
    for (Loss loss : Objective.of(model, labelled, false, 0, teacher, distillation).losses()) {
      names.add(loss.getClass().getSimpleName() + " " + loss.weight());
    }
    return names;
  }

  /** An encoder whose weights were disturbed finds back to what it was, without any label. */
  @Test
  void encoderLearnsFromItsTeacher() throws IOException {
    Path npz = sentences(32, 9);
    Model student = Fixture.of("hf_bert_eager_legacy").model();
    Model dense = Fixture.of("hf_bert_eager_legacy").model();
    try (DataSource source = Datasets.open(npz);
        Teacher teacher = Teacher.of(dense, student, Objective.taught(student), Runs.engine())) {
      Samples samples = Samples.of(source.train(), Runs.inputs(student), null, Augmentation.NONE);
      Objective objective = Objective.of(student, false, false, 0, teacher, HALF);
      try (TrainableModel trainable = TrainableModel.of(student, objective, Runs.engine())) {
        Random random = new Random(1);
        var weights = trainable.store().weights().floats();
        for (int i = 0; i < weights.limit(); i++) {
          weights.put(i, weights.get(i) + (float) random.nextGaussian() * 0.05f);
        }
        TrainingResult result =
            Trainer.of(trainable, samples, Recipe.STANDARD.withEpochs(5).withBatch(8))
                .validating(samples)
                .train();
        Evaluation first = Objects.requireNonNull(result.epochs().get(0).validation());
        Evaluation last = Objects.requireNonNull(result.epochs().get(4).validation());
        assertThat(first.accuracy()).isNaN();
        assertThat(last.loss()).isLessThan(0.8 * first.loss());
        assertThat(result.evaluation()).isEqualTo(last);
      }
    }
  }

  /** Made-up words, all of full length. */
  private Path sentences(int rows, int length) throws IOException {
    byte[] words = new byte[rows * length * Long.BYTES]; // little-endian
    byte[] mask = new byte[words.length];
    Random random = new Random(2);
    for (int i = 0; i < words.length; i += Long.BYTES) {
      words[i] = (byte) random.nextInt(20);
      mask[i] = 1;
    }
    Path file = directory.resolve("sentences.npz");
    try (ZipOutputStream zip = new ZipOutputStream(Files.newOutputStream(file))) {
      write(zip, "input_ids", rows, length, words);
      write(zip, "attention_mask", rows, length, mask);
    }
    return file;
  }

  private static void write(ZipOutputStream zip, String name, int rows, int length, byte[] values)
      throws IOException {
    String header =
        "{'descr': '<i8', 'fortran_order': False, 'shape': (%d, %d), }\n".formatted(rows, length);
    zip.putNextEntry(new ZipEntry(name + ".npy"));
    zip.write(new byte[] {(byte) 0x93, 'N', 'U', 'M', 'P', 'Y', 1, 0});
    zip.write(new byte[] {(byte) header.length(), 0});
    zip.write(header.getBytes(StandardCharsets.US_ASCII));
    zip.write(values);
  }
}
