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
import io.gohsp.workers.Shards;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.LongConsumer;
import java.util.function.UnaryOperator;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/** Measures models on samples that they are not trained on. */
public final class Evaluator {
  /** Samples in a run where nobody says how many: more only take more memory. */
  private static final int BATCH = 16;

  /** Sums over samples, by their places. */
  private static final int LOSS = 0;

  private static final int CORRECT = 1;
  private static final int COUNT = 2;
  private static final int SUMS = 3;

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
   * @throws io.gohsp.data.DataException if there are labels that it has no score for, the samples
   *     are ready for other inputs, or none can be read
   */
  public Evaluation evaluate(Model model, Engine engine) {
    return evaluate(model, engine, Shards.HERE);
  }

  /**
   * The same, wherever samples are looked at.
   *
   * @param shards of which others than this process may compute some, by {@link #summing}
   */
  public Evaluation evaluate(Model model, Engine engine, Shards shards) {
    ModelInputs.requireFit(model, samples);
    return numbers(model, evaluation(shards, size(model), summing(model, engine)));
  }

  /** What is added up of a model as it is. */
  public Shards.Summing summing(Model model, Engine engine) {
    LastBatch last = Objective.builtInBatch(model).isPresent() ? LastBatch.PAD : LastBatch.KEEP;
    return (from, to) -> {
      try (Engine.Executable program =
          engine.compile("the measured model", model, Map.of(), Map.of())) {
        return sums(program::run, size(model), last, from, to);
      }
    };
  }

  private int size(Model model) {
    return Objective.builtInBatch(model).isPresent() ? batch : Math.min(batch, BATCH);
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
    Shards.Summing own = (from, to) -> sums(null, size(model), LastBatch.KEEP, from, to);
    return numbers(model, evaluation(Shards.HERE, size(model), own));
  }

  private static Evaluation numbers(Model model, Evaluation evaluation) {
    if (Double.isNaN(evaluation.loss())) {
      throw NoNumbers.of(model, "answers NaN on the data: its loss is no number");
    }
    return evaluation;
  }

  /**
   * Runs over all samples once, wherever that is.
   *
   * @param forward computes the model's outputs by name, valid until the next call
   */
  Evaluation evaluate(UnaryOperator<Map<String, HostTensor>> forward, Shards shards) {
    return evaluation(shards, batch, summing(forward));
  }

  /** What is added up of a model in training. */
  Shards.Summing summing(UnaryOperator<Map<String, HostTensor>> forward) {
    return (from, to) -> sums(forward, batch, LastBatch.PAD, from, to);
  }

  /** Shards that others have added up. */
  List<double[]> joined(List<ValidationSums> parts) {
    parts.forEach(part -> corrupt.addAll(part.corrupt(), 0));
    return parts.stream().flatMap(part -> part.shards().stream()).toList();
  }

  private Evaluation evaluation(Shards shards, int size, Shards.Summing summing) {
    double[] total = shards.total(Shards.count(samples.dataset().size(), size), summing);
    int count = (int) total[COUNT];
    corrupt.requireSome(count);
    progress.accept(count);
    return new Evaluation(
        total[LOSS] / count,
        objective.logits() == null ? Double.NaN : total[CORRECT] / count,
        count,
        samples.dataset().isLabelled());
  }

  /**
   * @param forward null for the teacher
   */
  private List<double[]> sums(
      @Nullable UnaryOperator<Map<String, HostTensor>> forward,
      int size,
      LastBatch last,
      int from,
      int to) {
    objective.requireClasses(samples.dataset());
    Value logits = objective.logits();
    boolean labelled = samples.dataset().isLabelled();
    int all = samples.dataset().size();
    int first = Shards.first(from, size);
    List<double[]> shards = IntStream.range(from, to).mapToObj(shard -> new double[SUMS]).toList();
    Samples some = range(first, Shards.end(to - 1, all, size));
    CorruptSamples skipped = new CorruptSamples(some.dataset(), all);
    try (Batches batches = Batches.of(some, size).last(last).countingCorrupt(skipped).open()) {
      int number = 0;
      int count = 0;
      for (Batch next = batches.next(); next != null; next = batches.next()) {
        int shard = Shards.of(first + next.position().step() * size, all, size);
        double[] sums = shards.get(shard - from);
        Map<String, HostTensor> taught = labelled ? Map.of() : taught(number++, next, logits);
        Map<String, HostTensor> outputs = forward == null ? taught : forward.apply(next.inputs());
        if (logits == null) {
          sums[LOSS] += squaredDifference(outputs, taught, next.size(), next.rows()) * next.size();
        } else {
          ClassScores scores = ClassScores.of(output(outputs, logits), next.rows());
          ClassScores target =
              labelled ? null : ClassScores.of(output(taught, logits), next.rows());
          for (int row = 0; row < next.size(); row++) {
            int right = target == null ? next.label(row) : target.highest(row);
            sums[LOSS] +=
                target == null ? scores.crossEntropy(row, right) : target.divergence(scores, row);
            sums[CORRECT] += scores.highest(row) == right ? 1 : 0;
          }
        }
        sums[COUNT] += next.size();
        count += next.size();
        progress.accept(count);
      }
    }
    corrupt.addAll(skipped.reasons(), first);
    return shards;
  }

  /** The samples from {@code first} to before {@code end}. */
  private Samples range(int first, int end) {
    return first == 0 && end == samples.dataset().size()
        ? samples
        : samples.subset(IntStream.range(first, end).toArray());
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
