package io.gohsp.equivalence;

import io.gohsp.data.Batch;
import io.gohsp.data.Batches;
import io.gohsp.data.LastBatch;
import io.gohsp.data.ModelInputs;
import io.gohsp.data.Samples;
import io.gohsp.ir.Model;
import io.gohsp.ir.Value;
import io.gohsp.ort.HostTensor;
import io.gohsp.train.TrainableModel;
import io.gohsp.verify.DataShapes;
import io.gohsp.verify.GivenSamples;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.IntStream;

/** The first samples of data, for a comparison beside random ones. */
public final class UserSamples {
  /** How many are compared where no batch is built in. */
  private static final int MOST = 4;

  private UserSamples() {}

  /**
   * One batch of a few samples.
   *
   * @param samples made ready for the model
   * @return empty if none can be read
   * @throws io.gohsp.data.DataException if the samples cannot be used
   */
  public static List<GivenSamples> first(Model model, Samples samples) {
    ModelInputs.requireFit(model, samples);
    int batch = ModelInputs.builtInBatch(ModelInputs.of(model)).orElse(MOST);
    int count = Math.min(batch, samples.dataset().size());
    Samples few = samples.subset(IntStream.range(0, count).toArray());
    try (Batches batches = Batches.of(few, batch).last(LastBatch.PAD).open()) {
      Batch first = batches.next();
      return first == null ? List.of() : List.of(copied(first, model));
    }
  }

  /** How large inputs are in data. */
  public static DataShapes shapes(Samples samples) {
    Map<String, List<Long>> extents = new LinkedHashMap<>();
    samples
        .inputs()
        .forEach(
            input -> extents.put(input.name(), input.dims().stream().map(Long::valueOf).toList()));
    return new DataShapes(extents);
  }

  private static GivenSamples copied(Batch batch, Model model) {
    Map<String, HostTensor> inputs = new LinkedHashMap<>();
    for (Value input : model.graph().inputs()) {
      if (input.constant() == null) {
        HostTensor given = Objects.requireNonNull(batch.inputs().get(input.name()));
        HostTensor copy = HostTensor.allocate(given.type(), given.dims());
        copy.bytes().put(given.bytes());
        inputs.put(input.name(), TrainableModel.fitting(copy, input));
      }
    }
    return new GivenSamples(inputs, batch.size());
  }
}
