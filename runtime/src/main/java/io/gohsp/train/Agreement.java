package io.gohsp.train;

import io.gohsp.data.Batch;
import io.gohsp.data.Batches;
import io.gohsp.data.CorruptSamples;
import io.gohsp.data.LastBatch;
import io.gohsp.data.ModelInputs;
import io.gohsp.data.ModelOutputs;
import io.gohsp.data.Samples;
import io.gohsp.engine.Engine;
import io.gohsp.ir.Model;
import io.gohsp.ir.ModelException;
import io.gohsp.ir.Value;
import io.gohsp.linear.TokenMask;
import io.gohsp.ort.HostTensor;
import io.gohsp.verify.NoNumbers;
import io.gohsp.workers.Shards;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * How far two models say the same about samples. Of models without class scores only {@code
 * relativeError} is a number, of others all but that and, without labels, the accuracies.
 *
 * @param samples how many it was measured on
 * @param sameClass share of samples for which both give the highest score to one class
 * @param divergence mean Kullback-Leibler divergence of the second's distribution from the first's
 * @param firstAccuracy share of samples that the first tells right
 * @param secondAccuracy likewise the second
 * @param relativeError norm of the difference of all outputs by the norm of the first's; padding
 *     does not count
 */
public record Agreement(
    int samples,
    double sameClass,
    double divergence,
    double firstAccuracy,
    double secondAccuracy,
    double relativeError) {

  /** Sums over samples, by their places. */
  private static final int SAMPLES = 0;

  private static final int SAME = 1;
  private static final int DIVERGENCE = 2;
  private static final int FIRST_RIGHT = 3;
  private static final int SECOND_RIGHT = 4;
  private static final int DIFFERENCE = 5;
  private static final int SQUARE = 6;
  private static final int SUMS = 7;

  /** What the first says about each batch. */
  @FunctionalInterface
  private interface Expected {
    Map<String, HostTensor> of(Batch batch, int number);
  }

  /**
   * The class scores of the first of many comparisons, batch by batch, once it has told them. Safe
   * for use by several threads.
   */
  public static final class Scores {
    private volatile List<Map<String, HostTensor>> batches = List.of();

    /** None yet. */
    public Scores() {}
  }

  /** The first of many comparisons on the same samples, whose class scores are remembered. */
  public static final class First {
    private final Model model;
    private final Samples samples;
    private final int batch;
    private final Engine engine;
    private final @Nullable String mask;
    private final Scores remembered;

    /**
     * @param samples made ready for the model
     * @param batch samples in a run
     * @param mask the input that says which tokens count; null to find it
     */
    public First(Model model, Samples samples, int batch, Engine engine, @Nullable String mask) {
      this(model, samples, batch, engine, mask, new Scores());
    }

    /**
     * Likewise.
     *
     * @param remembered of the same model on the same samples in the same batches
     */
    public First(
        Model model,
        Samples samples,
        int batch,
        Engine engine,
        @Nullable String mask,
        Scores remembered) {
      this.remembered = remembered;
      this.model = model;
      this.samples = samples;
      this.batch = batch;
      this.engine = engine;
      this.mask = mask;
    }

    /**
     * Compares another with it, over all samples.
     *
     * @throws ModelException.ExecutionFailed if one of them does not run
     */
    public Agreement with(Model second) {
      return with(second, Shards.HERE);
    }

    /**
     * The same, wherever samples are looked at.
     *
     * @param shards of which others than this process may compute some, by {@link
     *     Agreement#summing}
     */
    public Agreement with(Model second, Shards shards) {
      int count = Shards.count(samples.dataset().size(), batch);
      return means(shards.total(count, summing(second)), second);
    }

    private Shards.Summing summing(Model second) {
      return (from, to) -> {
        List<Map<String, HostTensor>> known = remembered.batches;
        if (!known.isEmpty()) {
          return sums((next, number) -> known.get(number), second, from, to);
        }
        List<Map<String, HostTensor>> told = new ArrayList<>();
        Value logits = ModelOutputs.logits(model);
        try (Engine.Executable one = engine.compile("the original", model, Map.of(), Map.of())) {
          Expected runs =
              (next, number) -> {
                Map<String, HostTensor> outputs = one.run(fitting(next, model));
                if (logits != null) {
                  told.add(Map.of(logits.name(), copy(output(outputs, logits))));
                }
                return outputs;
              };
          List<double[]> sums = sums(runs, second, from, to);
          remembered.batches = told;
          return sums;
        }
      };
    }

    private List<double[]> sums(Expected expects, Model second, int from, int to) {
      Objective.given(model).requireClasses(samples.dataset());
      ModelInputs.requireFit(model, samples);
      ModelInputs.requireFit(second, samples);
      TokenMask tokens = ModelOutputs.logits(model) == null ? TokenMask.of(model, mask) : null;
      List<double[]> all = new ArrayList<>();
      CorruptSamples corrupt = new CorruptSamples(samples.dataset());
      int number = 0;
      try (Engine.Executable other =
              engine.compile("the pruned model", second, Map.of(), Map.of());
          Padding padding = new Padding(tokens, engine)) {
        for (int shard = from; shard < to; shard++) {
          double[] sums = new double[SUMS];
          all.add(sums);
          int[] indices = Shards.samples(shard, samples.dataset().size(), batch);
          Samples some = samples.subset(indices);
          try (Batches batches =
              Batches.of(some, batch)
                  .last(LastBatch.PAD)
                  .countingCorrupt(new CorruptSamples(some.dataset(), samples.dataset().size()))
                  .open()) {
            for (Batch next = batches.next(); next != null; next = batches.next()) {
              Map<String, HostTensor> expected = expects.of(next, number++);
              add(sums, expected, other.run(fitting(next, second)), second, next, padding);
            }
            corrupt.addAll(batches.corrupt().reasons(), Shards.first(shard, batch));
          }
        }
      }
      return all;
    }

    private void add(
        double[] sums,
        Map<String, HostTensor> expected,
        Map<String, HostTensor> actual,
        Model second,
        Batch next,
        Padding padding) {
      Value logits = ModelOutputs.logits(model);
      if (logits == null) {
        Map<String, HostTensor> known = padding.blanked(expected, fitting(next, model));
        for (Value output : Objective.taught(model)) {
          addNumbers(sums, known, actual, output, next);
        }
      } else {
        ClassScores a = ClassScores.of(output(expected, logits), next.rows());
        ClassScores b = ClassScores.of(output(actual, logits), next.rows());
        for (int row = 0; row < next.size(); row++) {
          if (a.isNothing(row) || b.isNothing(row)) {
            throw NoNumbers.of(
                a.isNothing(row) ? model : second, "answers NaN on the data: its class scores");
          }
        }
        addClasses(sums, a, b, samples.dataset().isLabelled(), next);
      }
      sums[SAMPLES] += next.size();
    }

    private Agreement means(double[] sums, Model second) {
      boolean scored = ModelOutputs.logits(model) != null;
      boolean labelled = scored && samples.dataset().isLabelled();
      if (Double.isNaN(sums[DIFFERENCE])) {
        throw NoNumbers.of(second, "answers NaN on the data where the original answers numbers");
      }
      double count = sums[SAMPLES];
      new CorruptSamples(samples.dataset()).requireSome((int) count);
      return new Agreement(
          (int) count,
          scored ? sums[SAME] / count : Double.NaN,
          scored ? sums[DIVERGENCE] / count : Double.NaN,
          labelled ? sums[FIRST_RIGHT] / count : Double.NaN,
          labelled ? sums[SECOND_RIGHT] / count : Double.NaN,
          scored ? Double.NaN : Math.sqrt(sums[DIFFERENCE] / sums[SQUARE]));
    }

    private static HostTensor copy(HostTensor tensor) {
      return HostTensor.ofFloats(tensor.type(), tensor.dims(), tensor.floats());
    }
  }

  /**
   * Runs both over all samples.
   *
   * @param samples made ready for the first
   * @param batch samples in a run
   * @param mask the input that says which tokens count; null to find it
   * @throws ModelException.ExecutionFailed if one of them does not run
   * @throws ModelException.Unsupported if one of them answers NaN
   */
  public static Agreement of(
      Model first, Model second, Samples samples, int batch, Engine engine, @Nullable String mask) {
    return new First(first, samples, batch, engine, mask).with(second);
  }

  /**
   * The same, wherever samples are looked at.
   *
   * @param shards of which others than this process may compute some, by {@link #summing}
   */
  public static Agreement of(
      Model first,
      Model second,
      Samples samples,
      int batch,
      Engine engine,
      @Nullable String mask,
      Shards shards) {
    return new First(first, samples, batch, engine, mask).with(second, shards);
  }

  /** What is added up. */
  public static Shards.Summing summing(
      Model first, Model second, Samples samples, int batch, Engine engine, @Nullable String mask) {
    return new First(first, samples, batch, engine, mask).summing(second);
  }

  private static Map<String, HostTensor> fitting(Batch batch, Model model) {
    Map<String, HostTensor> inputs = new LinkedHashMap<>();
    List<Value> fed =
        model.graph().inputs().stream().filter(input -> input.constant() == null).toList();
    for (Value input : fed) {
      HostTensor given = Objects.requireNonNull(batch.inputs().get(input.name()));
      inputs.put(input.name(), TrainableModel.fitting(given, input));
    }
    return inputs;
  }

  private static HostTensor output(Map<String, HostTensor> outputs, Value value) {
    return Objects.requireNonNull(outputs.get(value.name()));
  }

  private static void addClasses(
      double[] sums, ClassScores a, ClassScores b, boolean labelled, Batch batch) {
    for (int row = 0; row < batch.size(); row++) {
      int first = a.highest(row);
      int second = b.highest(row);
      sums[SAME] += first == second ? 1 : 0;
      sums[DIVERGENCE] += a.divergence(b, row);
      if (labelled) {
        sums[FIRST_RIGHT] += first == batch.label(row) ? 1 : 0;
        sums[SECOND_RIGHT] += second == batch.label(row) ? 1 : 0;
      }
    }
  }

  private static void addNumbers(
      double[] sums,
      Map<String, HostTensor> expected,
      Map<String, HostTensor> actual,
      Value output,
      Batch batch) {
    float[] a = output(expected, output).floats();
    float[] b = output(actual, output).floats();
    int elements = a.length / batch.rows() * batch.size(); // rows that only pad come last
    for (int i = 0; i < elements; i++) {
      double difference = a[i] - b[i];
      if (!Float.isNaN(a[i])) { // padding
        sums[DIFFERENCE] += difference * difference;
        sums[SQUARE] += (double) a[i] * a[i];
      }
    }
  }
}
