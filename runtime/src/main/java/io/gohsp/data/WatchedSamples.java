package io.gohsp.data;

import java.nio.ByteBuffer;
import java.util.List;
import java.util.function.Consumer;

/**
 * Samples of which somebody is told whenever one cannot be used.
 *
 * @param skipped gets the sample's name and the reason, on any thread and perhaps more than once
 */
record WatchedSamples(Samples samples, Consumer<String> skipped) implements Samples {
  @Override
  public Dataset dataset() {
    return samples.dataset();
  }

  @Override
  public List<NamedArrays.Field> inputs() {
    return samples.inputs();
  }

  @Override
  public double mixup() {
    return samples.mixup();
  }

  @Override
  public Samples subset(int[] indices) {
    return new WatchedSamples(samples.subset(indices), skipped);
  }

  @Override
  public Reader reader() {
    return new Watched(samples.reader());
  }

  private final class Watched implements Reader {
    private final Reader reader;

    private Watched(Reader reader) {
      this.reader = reader;
    }

    @Override
    public void read(int index, long seed, int epoch, List<ByteBuffer> targets)
        throws CorruptSampleException {
      try {
        reader.read(index, seed, epoch, targets);
      } catch (CorruptSampleException e) {
        skipped.accept(dataset().name(index) + ": " + e.getMessage());
        throw e;
      }
    }

    @Override
    public void close() {
      reader.close();
    }
  }
}
