package io.gohsp.calibration;

import io.gohsp.data.Augmentation;
import io.gohsp.data.Batch;
import io.gohsp.data.Batches;
import io.gohsp.data.CorruptSamples;
import io.gohsp.data.DataException;
import io.gohsp.data.Dataset;
import io.gohsp.data.LastBatch;
import io.gohsp.data.ModelData;
import io.gohsp.data.ModelInputs;
import io.gohsp.data.Preparation;
import io.gohsp.data.Samples;
import io.gohsp.data.Splits;
import io.gohsp.io.OnnxReader;
import io.gohsp.ir.Model;
import io.gohsp.ir.ValueType;
import io.gohsp.linear.TokenMask;
import io.gohsp.ort.Device;
import io.gohsp.ort.HostTensor;
import io.gohsp.ort.OrtOptions;
import io.gohsp.ort.OrtProgram;
import io.gohsp.workers.Shards;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import java.util.Set;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.IntFunction;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * What instrumented models are run over, and how.
 *
 * @param samples makes the calibration samples ready for the inputs of a model; what it must not
 *     see (validation, test) is the caller's to leave out
 * @param batch samples in a run; a batch that is built into the model counts instead
 * @param options how ONNX Runtime shall run the models
 * @param seed of whatever is random
 * @param mask the input that says which tokens count, not 0 where they do; null to find it
 * @param picks which of somebody's samples these are, from all to fewer
 * @param spread who else sees the samples; null if only this process does
 */
public record Calibration(
    Function<Map<String, ValueType>, Samples> samples,
    int batch,
    OrtOptions options,
    long seed,
    @Nullable String mask,
    List<Pick> picks,
    @Nullable Spread spread) {
  /** Samples in a run; few, because what models return then stays in the processor's caches. */
  public static final int BATCH = 4;

  /** Of all samples, which only this process sees. */
  public Calibration(
      Function<Map<String, ValueType>, Samples> samples,
      int batch,
      OrtOptions options,
      long seed,
      @Nullable String mask) {
    this(samples, batch, options, seed, mask, List.of(), null);
  }

  /**
   * The calibration part of data.
   *
   * @param device where models run
   * @param threads of an operator; 0 for one per core
   * @param seed of whatever is random
   */
  public static Calibration of(
      ModelData data, Splits splits, Device device, int threads, long seed) {
    return new Calibration(
        inputs -> data.samples(splits.calibration(), inputs, Augmentation.NONE),
        BATCH,
        OrtOptions.DEFAULT.withDevice(device).withThreads(threads).withDeterministic(true),
        seed,
        data.mask());
  }

  /** Of samples whose mask, if they have one, is to be found. */
  public Calibration(
      Function<Map<String, ValueType>, Samples> samples, int batch, OrtOptions options, long seed) {
    this(samples, batch, options, seed, null);
  }

  /** With so many samples in a run. */
  public Calibration inBatchesOf(int number) {
    return new Calibration(samples, number, options, seed, mask, picks, spread);
  }

  /** The validation part, seen by whoever sees the calibration part. */
  public Calibration validating(Preparation data, Splits splits) {
    return new Calibration(
        inputs -> data.samples(splits.validation(), inputs, Augmentation.NONE),
        batch,
        options,
        seed,
        mask,
        List.of(),
        spread == null ? null : spread.seeingValidation());
  }

  /** With a mask that is named. */
  public Calibration withMask(@Nullable String input) {
    return new Calibration(samples, batch, options, seed, input, picks, spread);
  }

  /** Seen by others, too, as {@link #picks} of the same samples. */
  public Calibration spread(@Nullable Spread others) {
    return new Calibration(samples, batch, options, seed, mask, picks, others);
  }

  /** The same samples as some that another process sees. */
  public Calibration like(List<Pick> others) {
    Calibration some = this;
    for (Pick pick : others) {
      some = some.picking(pick);
    }
    return some;
  }

  /** The same samples, told of to somebody whenever they are made ready for a model. */
  public Calibration shownTo(UnaryOperator<Samples> watcher) {
    return new Calibration(
        inputs -> watcher.apply(samples.apply(inputs)), batch, options, seed, mask, picks, spread);
  }

  private Calibration picking(Pick pick) {
    List<Pick> all = new ArrayList<>(picks);
    all.add(pick);
    return new Calibration(
        inputs -> pick.of(samples.apply(inputs), inputs),
        batch,
        options,
        seed,
        mask,
        List.copyOf(all),
        spread);
  }

  /**
   * Which tokens of samples count.
   *
   * @return null if nothing keeps any of them out
   * @throws io.gohsp.ir.ModelException.Unsupported if the model has no input of the name given
   */
  public @Nullable TokenMask tokens(Model model) {
    return TokenMask.of(model, mask);
  }

  /**
   * As {@link #batches(Model)}, but without samples that do not fill a batch that is built into the
   * model.
   */
  public int wholeBatches(Model model) {
    Map<String, ValueType> inputs = ModelInputs.of(model);
    OptionalInt builtIn = ModelInputs.builtInBatch(inputs);
    return builtIn.isPresent()
        ? Math.max(1, samples.apply(inputs).dataset().size() / builtIn.getAsInt())
        : batches(model);
  }

  /**
   * Some of the batches that a model sees, from {@code from} to before {@code to}.
   *
   * @param each samples in a batch: {@link #batch(Model)}
   */
  public Calibration batches(int from, int to, int each) {
    return picking(new Pick.Batches(from, to, each));
  }

  /** Samples in a run of a model. */
  public int batch(Model model) {
    return batch(ModelInputs.of(model));
  }

  /** Sees each batch with what the model returned on it. */
  @FunctionalInterface
  public interface Visitor {
    /**
     * Values of inputs that samples do not have.
     *
     * @param inputs the types of these inputs
     */
    default Map<String, HostTensor> feed(Batch batch, Map<String, ValueType> inputs) {
      return Map.of();
    }

    /**
     * @param results the model's outputs in order
     */
    void take(Batch batch, Map<String, HostTensor> results);
  }

  /**
   * Every second sample; all of them where half would not fill a batch that is built into the
   * model.
   *
   * @param first 0 or 1
   */
  public Calibration half(int first) {
    return picking(new Pick.Every(2, first, false));
  }

  /** Every n-th sample, likewise. */
  public Calibration every(int n) {
    return picking(new Pick.Every(n, 0, false));
  }

  /** The others, likewise. */
  public Calibration butEvery(int n) {
    return picking(new Pick.Every(n, 0, true));
  }

  /** Some of the samples, evenly spread; all of them where there are not more. */
  public Calibration atMost(int most) {
    return picking(new Pick.AtMost(most));
  }

  /**
   * Says early what else would only be found where samples that fill no batch are left out.
   *
   * @throws DataException if the samples do not fill a batch that is built into the model
   */
  public void requireBatch(Model model) {
    Map<String, ValueType> inputs = ModelInputs.of(model);
    int builtIn = ModelInputs.builtInBatch(inputs).orElse(1);
    int size = samples.apply(inputs).dataset().size();
    if (size < builtIn) {
      throw new DataException(
          "data",
          "%d calibration samples do not fill the batch of %d that is built into the model"
              .formatted(size, builtIn),
          "calibrate on as many at least (--calibration " + builtIn + ")");
    }
  }

  /** In how many runs a model sees all samples. */
  public int batches(Model model) {
    Map<String, ValueType> inputs = ModelInputs.of(model);
    int size = samples.apply(inputs).dataset().size();
    int each = ModelInputs.builtInBatch(inputs).orElse(batch);
    return Math.max(1, (size + each - 1) / each);
  }

  /**
   * Runs a model over all samples, in their order.
   *
   * @param name what messages call the model
   * @param fed inputs that {@link Visitor#feed} gives
   * @param last what happens to the samples that do not fill a built-in batch
   * @throws DataException if the samples cannot be used
   */
  public void run(String name, Model model, Set<String> fed, LastBatch last, Visitor visitor) {
    Map<String, ValueType> others = others(model, fed);
    try (OrtProgram program = OrtProgram.compile(name, model, options)) {
      forEach(
          model, fed, last, batch -> visitor.take(batch, program.run(fed(batch, others, visitor))));
    }
    OnnxReader.requireUnchanged(model);
  }

  private static Map<String, ValueType> others(Model model, Set<String> fed) {
    Map<String, ValueType> others = ModelInputs.of(model);
    others.keySet().retainAll(fed);
    return others;
  }

  private static Map<String, HostTensor> fed(
      Batch batch, Map<String, ValueType> others, Visitor visitor) {
    Map<String, HostTensor> feed = new LinkedHashMap<>(batch.inputs());
    feed.putAll(visitor.feed(batch, others));
    return feed;
  }

  /** How many shards the samples of a model are. */
  public int shards(Model model) {
    Map<String, ValueType> inputs = ModelInputs.of(model);
    return Shards.count(samples.apply(inputs).dataset().size(), batch(inputs));
  }

  /** The index of a shard's first sample. */
  int first(Model model, int shard) {
    return Shards.first(shard, batch(ModelInputs.of(model)));
  }

  private int batch(Map<String, ValueType> inputs) {
    return ModelInputs.builtInBatch(inputs).orElse(batch);
  }

  /**
   * Runs a model over shards, each from its own first sample on.
   *
   * @param visitors for each shard the one that sees it
   * @throws DataException if the samples cannot be used
   */
  public void runShards(
      String name,
      Model model,
      LastBatch last,
      int from,
      int to,
      IntFunction<? extends Visitor> visitors) {
    runShards(name, model, Set.of(), last, from, to, visitors);
  }

  /**
   * Likewise a model with inputs that samples do not have.
   *
   * @param fed inputs that {@link Visitor#feed} gives
   */
  void runShards(
      String name,
      Model model,
      Set<String> fed,
      LastBatch last,
      int from,
      int to,
      IntFunction<? extends Visitor> visitors) {
    Map<String, ValueType> others = others(model, fed);
    Dataset whole = samples.apply(inputs(model, fed)).dataset();
    CorruptSamples all = new CorruptSamples(whole);
    try (OrtProgram program = OrtProgram.compile(name, model, options)) {
      for (int shard = from; shard < to; shard++) {
        Visitor visitor = visitors.apply(shard);
        CorruptSamples some =
            shard(shard)
                .shown(
                    model,
                    fed,
                    last,
                    dataset -> new CorruptSamples(dataset, whole.size()),
                    batch -> visitor.take(batch, program.run(fed(batch, others, visitor))));
        all.addAll(some.reasons(), first(model, shard));
      }
    }
  }

  private Calibration shard(int number) {
    return new Calibration(
        inputs -> {
          Samples all = samples.apply(inputs);
          return all.subset(Shards.samples(number, all.dataset().size(), batch(inputs)));
        },
        batch,
        options,
        seed,
        mask);
  }

  /**
   * Shows all samples, in their order, ready for the inputs of a model.
   *
   * @param fed inputs that samples do not have
   * @param last what happens to the samples that do not fill a built-in batch
   * @throws DataException if the samples cannot be used
   */
  public void forEach(Model model, Set<String> fed, LastBatch last, Consumer<Batch> consumer) {
    shown(model, fed, last, CorruptSamples::new, consumer);
  }

  private static Map<String, ValueType> inputs(Model model, Set<String> fed) {
    Map<String, ValueType> inputs = ModelInputs.of(model);
    inputs.keySet().removeAll(fed);
    return inputs;
  }

  /** See {@link #forEach}; what was left out. */
  private CorruptSamples shown(
      Model model,
      Set<String> fed,
      LastBatch last,
      Function<Dataset, CorruptSamples> limit,
      Consumer<Batch> consumer) {
    Map<String, ValueType> inputs = inputs(model, fed);
    OptionalInt builtIn = ModelInputs.builtInBatch(inputs);
    Samples ready = samples.apply(inputs);
    CorruptSamples corrupt = limit.apply(ready.dataset());
    int seen = 0;
    try (Batches batches =
        Batches.of(ready, builtIn.orElse(batch))
            .last(builtIn.isPresent() ? last : LastBatch.KEEP)
            .countingCorrupt(corrupt)
            .open()) {
      for (Batch b = batches.next(); b != null; b = batches.next()) {
        consumer.accept(b);
        seen += b.size();
      }
    }
    corrupt.requireSome(seen);
    return corrupt;
  }
}
