package io.gohsp.train;

import io.gohsp.data.Batch;
import io.gohsp.data.Batches;
import io.gohsp.data.CorruptSamples;
import io.gohsp.data.LastBatch;
import io.gohsp.data.ModelInputs;
import io.gohsp.data.Samples;
import io.gohsp.engine.Engine;
import io.gohsp.ir.Model;
import io.gohsp.ir.ModelException;
import io.gohsp.ir.Value;
import io.gohsp.ort.HostTensor;
import io.gohsp.verify.NoNumbers;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.LongConsumer;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/** Measures models on samples that they are not trained on. */
public final class Evaluator {
  /** Samples in a run where nobody says how many: more only take more memory. */
  private static final int BATCH = 16;

  private final Objective objective;
  private final Samples samples;
  private final int batch;
  private final CorruptSamples corrupt;
  private LongConsumer progress = samples -> {};

  /** What of the teacher's answers is remembered at most, in bytes. */
  private static final long REMEMBERED = 64L << 20;

  /** What the teacher says about the first batches, once it is known. */
  private final List<Map<String, HostTensor>> answers;

  /**
   * @param objective of the model, which says what is right where there are no labels
   * @param batch samples in a run
   */
  public Evaluator(Objective objective, Samples samples, int batch) {
    this(objective, samples, batch, new ArrayList<>());
  }

  private Evaluator(
      Objective objective, Samples samples, int batch, List<Map<String, HostTensor>> answers) {
    this.objective = objective;
    this.samples = samples;
    this.batch = batch;
    this.answers = answers;
    this.corrupt = new CorruptSamples(samples.dataset());
  }

  /**
   * Of another model, on the same samples and with the same teacher, which is not asked again what
   * is remembered.
   */
  public Evaluator with(Objective other) {
    return new Evaluator(other, samples, batch, answers);
  }

  /** Is told after each batch how many samples were measured on. */
  public Evaluator telling(LongConsumer samples) {
    progress = samples;
    return this;
  }

  /** The samples that were left out. */
  CorruptSamples corrupt() {
    return corrupt;
  }

  /**
   * Measures a model as it is.
   *
   * @throws ModelException.Unsupported if it answers NaN
   * @throws io.gohsp.data.DataException if there are labels that it has no score for, or the
   *     samples are ready for other inputs
   */
  public Evaluation evaluate(Model model, Engine engine) {
    ModelInputs.requireFit(model, samples);
    try (Engine.Executable program =
        engine.compile("the measured model", model, Map.of(), Map.of())) {
      return numbers(
          model,
          Objective.builtInBatch(model).isPresent()
              ? evaluate(program::run)
              : evaluate(program::run, Math.min(batch, BATCH), LastBatch.KEEP));
    }
  }

  /**
   * Measures the teacher itself. Without labels it is right by definition, and what it says is
   * remembered.
   *
   * @param model the teacher's
   * @throws ModelException.Unsupported if it answers NaN
   */
  public Evaluation evaluateTeacher(Model model, Engine engine) {
    if (objective.teacher() == null
        || samples.dataset().isLabelled()
        || Objective.builtInBatch(model).isPresent()) {
      return evaluate(model, engine);
    }
    return numbers(model, evaluate(null, Math.min(batch, BATCH), LastBatch.KEEP));
  }

  private static Evaluation numbers(Model model, Evaluation evaluation) {
    if (Double.isNaN(evaluation.loss())) {
      throw NoNumbers.of(model, "answers NaN on the data: its loss is no number");
    }
    return evaluation;
  }

  /**
   * Runs over all samples once.
   *
   * @param forward computes the model's outputs by name, valid until the next call
   */
  Evaluation evaluate(UnaryOperator<Map<String, HostTensor>> forward) {
    return evaluate(forward, batch, LastBatch.PAD);
  }

  /**
   * @param forward null for the teacher
   */
  private Evaluation evaluate(
      @Nullable UnaryOperator<Map<String, HostTensor>> forward, int size, LastBatch last) {
    objective.requireClasses(samples.dataset());
    Value logits = objective.logits();
    boolean labelled = samples.dataset().isLabelled();
    double loss = 0;
    int correct = 0;
    int count = 0;
    try (Batches batches = Batches.of(samples, size).last(last).countingCorrupt(corrupt).open()) {
      int number = 0;
      for (Batch next = batches.next(); next != null; next = batches.next()) {
        Map<String, HostTensor> taught = labelled ? Map.of() : taught(number++, next, logits);
        Map<String, HostTensor> outputs = forward == null ? taught : forward.apply(next.inputs());
        if (logits == null) {
          loss += squaredDifference(outputs, taught, next.size(), next.rows()) * next.size();
        } else {
          ClassScores scores = ClassScores.of(output(outputs, logits), next.rows());
          ClassScores target =
              labelled ? null : ClassScores.of(output(taught, logits), next.rows());
          for (int row = 0; row < next.size(); row++) {
            int right = target == null ? next.label(row) : target.highest(row);
            loss +=
                target == null ? scores.crossEntropy(row, right) : target.divergence(scores, row);
            correct += scores.highest(row) == right ? 1 : 0;
          }
        }
        count += next.size();
        progress.accept(count);
      }
    }
    return new Evaluation(
        loss / count, logits == null ? Double.NaN : (double) correct / count, count, labelled);
  }

  private Map<String, HostTensor> taught(int number, Batch batch, @Nullable Value logits) {
    if (number < answers.size()) {
      return answers.get(number);
    }
    Map<String, HostTensor> answer =
        Objects.requireNonNull(objective.teacher()).outputs(batch.inputs());
    Map<String, HostTensor> asked =
        logits == null ? answer : Map.of(logits.name(), output(answer, logits));
    if (number == answers.size() && size(answers) + size(List.of(asked)) <= REMEMBERED) {
      Map<String, HostTensor> own = new LinkedHashMap<>();
      asked.forEach((name, tensor) -> own.put(name, tensor.copy()));
      answers.add(own);
    }
    return asked;
  }

  private static long size(List<Map<String, HostTensor>> answers) {
    return answers.stream()
        .flatMap(answer -> answer.values().stream())
        .mapToLong(tensor -> tensor.bytes().capacity())
        .sum();
  }

  private static HostTensor output(Map<String, HostTensor> outputs, Value value) {
    return Objects.requireNonNull(outputs.get(value.name()));
  }

  /** Mean over outputs, samples and elements; what is NaN in the target does not count. */
  private static double squaredDifference(
      Map<String, HostTensor> outputs, Map<String, HostTensor> taught, int size, int rows) {
    double mean = 0;
    for (Map.Entry<String, HostTensor> output : outputs.entrySet()) {
      float[] own = output.getValue().floats();
      float[] target = Objects.requireNonNull(taught.get(output.getKey())).floats();
      int elements = own.length / rows * size; // rows that only pad come last
      double sum = 0;
      int counted = 0;
      for (int i = 0; i < elements; i++) {
        if (!Float.isNaN(target[i])) {
          double difference = own[i] - target[i];
          sum += difference * difference;
          counted++;
        }
      }
      mean += sum / Math.max(1, counted) / outputs.size();
    }
    return mean;
  }
}
