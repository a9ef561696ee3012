package io.gohsp.stream;

import io.gohsp.axis.AxisAnalysis;
import io.gohsp.axis.AxisLayout;
import io.gohsp.axis.AxisLayout.Leaf;
import io.gohsp.axis.Contraction;
import io.gohsp.axis.Factor;
import io.gohsp.axis.Fixed;
import io.gohsp.ir.Model;
import io.gohsp.ir.Value;
import io.gohsp.normalize.WorkingModel;
import io.gohsp.tensor.ElementType;
import io.gohsp.tensor.Tensor;
import io.gohsp.vit.Block;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/** The residual streams of a model: one, or one for each stage of a hierarchical one. */
public final class Streams {
  private final Model model;
  private final AxisAnalysis analysis;
  private final List<Stream> all = new ArrayList<>();
  private final List<Trace> traces = new ArrayList<>();

  private Streams(WorkingModel working) {
    this.model = working.model();
    this.analysis = working.analysis();
    for (AxisLayout channels : written(working.blocks())) {
      String name = "stream " + all.size();
      // what is free to lose positions, as the heads that a bias of positions has, is normed
      // nowhere
      if (channels instanceof Leaf leaf && leaf.size().isKnown() && leaf.factor().isFixed()) {
        Trace trace = Trace.of(model, analysis, leaf.factor());
        all.add(new Stream(name, leaf.factor(), trace.isCentred(), trace.obstacle()));
        traces.add(trace);
      }
    }
  }

  /** What the output layers of blocks return, each once, in the order of the blocks. */
  private static Set<AxisLayout> written(List<Block> blocks) {
    Set<AxisLayout> channels = new LinkedHashSet<>();
    for (Block block : blocks) {
      List<Contraction> outputs = new ArrayList<>();
      if (block.attention() != null) {
        outputs.addAll(block.attention().outputs());
      }
      if (block.mlp() != null) {
        outputs.addAll(block.mlp().outputs());
      }
      outputs.forEach(output -> channels.addAll(output.free()));
    }
    return channels;
  }

  /** Finds those of a model. */
  public static Streams of(WorkingModel working) {
    return new Streams(working);
  }

  /** In the order of the graph. */
  public List<Stream> all() {
    return List.copyOf(all);
  }

  /** The stream of that name; null if there is none. */
  public @Nullable Stream named(String name) {
    return all.stream().filter(stream -> stream.name().equals(name)).findFirst().orElse(null);
  }

  /** Why a stream's channels stay; null if they need not. */
  public @Nullable Fixed obstacle(Factor channels) {
    return all.stream()
        .filter(stream -> stream.factor() == channels)
        .map(Stream::obstacle)
        .findFirst()
        .orElse(null);
  }

  private Trace trace(Stream stream) {
    return traces.get(all.indexOf(stream));
  }

  /**
   * Makes the model compute what each norm of a stream returns before it scales and shifts
   * channels.
   *
   * @return these values, of the main graph
   */
  public List<Value> appendPlainNorms(Stream stream) {
    List<Value> values = new ArrayList<>();
    for (Norm norm : trace(stream).norms()) {
      if (norm.node().graph() == model.graph()) {
        values.add(norm.plain(stream.width()));
      }
    }
    return values;
  }

  /** Whether a name fits a stream, or a constant that holds some of its channels. */
  public boolean isNamed(Stream stream, Predicate<String> name) {
    return name.test(stream.name())
        || trace(stream).constants().all().keySet().stream().map(Value::name).anyMatch(name);
  }

  /**
   * Directions of the channels that something writes: a channel is dead where every constant that
   * writes the stream is zero.
   *
   * @param stream one that can be narrowed
   * @return null if there are not enough dead channels to make the stream narrower
   */
  public @Nullable Directions alive(Stream stream) {
    List<double[]> alive = new ArrayList<>();
    boolean[] written = trace(stream).constants().written();
    for (int i = 0; i < written.length; i++) {
      if (written[i]) {
        double[] unit = new double[written.length];
        unit[i] = 1;
        alive.add(unit);
      }
    }
    return alive.isEmpty() || stream.width(alive.size()) >= stream.width()
        ? null
        : Directions.of(stream.width(), alive);
  }

  /** Whether narrowing a stream turns a value and does nothing else to it. */
  public boolean isPartOf(Stream stream, Value value) {
    return trace(stream).isOfStream(value);
  }

  /**
   * What a stream at full width is multiplied by to be what it is once it is narrowed.
   *
   * @param stream one that can be narrowed, with directions that are independent
   * @return [channels, channels that stay]
   */
  public static Tensor matrix(Stream stream, Directions directions) {
    Frame frame = frame(stream, directions);
    return Tensor.ofDoubles(
        ElementType.FLOAT, new long[] {frame.channels(), frame.width()}, frame.matrix());
  }

  private static Frame frame(Stream stream, Directions directions) {
    Frame frame = Frame.of(directions, stream.centred());
    if (stream.obstacle() != null || frame == null || frame.channels() != stream.width()) {
      throw new IllegalArgumentException(directions + " of " + stream);
    }
    return frame;
  }

  /**
   * Writes a stream in a frame of some directions: of the channels of every constant the first
   * {@code width} hold what is along them, and the rest nothing. What the model computes is only
   * what it should once those are cut off.
   *
   * @param stream one that can be, with directions that are independent
   */
  public void turn(Stream stream, Directions directions) {
    StreamTurn.run(trace(stream), frame(stream, directions));
  }

  /**
   * Takes everything off a stream but some directions, wherever a norm reads it. Nothing else
   * changes.
   *
   * @param stream one that can be narrowed, with directions that are independent
   */
  public void narrow(Stream stream, Directions directions) {
    StreamProjection.run(trace(stream), frame(stream, directions), analysis);
  }

  /** Whether some directions span as much as there are of them in a stream. */
  public static boolean areIndependent(Stream stream, Directions directions) {
    return directions.orthonormal(stream.centred()) != null;
  }
}
