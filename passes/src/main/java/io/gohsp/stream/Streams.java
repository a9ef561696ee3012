package io.gohsp.stream;

import io.gohsp.axis.AxisAnalysis;
import io.gohsp.axis.AxisLayout;
import io.gohsp.axis.AxisLayout.Leaf;
import io.gohsp.axis.Contraction;
import io.gohsp.axis.Factor;
import io.gohsp.axis.Fixed;
import io.gohsp.cost.EmbeddingTables;
import io.gohsp.ir.Model;
import io.gohsp.ir.Node;
import io.gohsp.ir.Traversal;
import io.gohsp.ir.Value;
import io.gohsp.normalize.RemoveUnused;
import io.gohsp.normalize.WorkingModel;
import io.gohsp.tensor.ElementType;
import io.gohsp.tensor.Tensor;
import io.gohsp.vit.Block;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * The residual streams of a model: one, or one for each stage of a hierarchical one; and what only
 * embedding tables write, where a norm in front of all blocks ends it.
 */
public final class Streams {
  private final Seams seams;
  private final Model model;
  private final AxisAnalysis analysis;
  private final List<Stream> all = new ArrayList<>();
  private final List<Trace> traces = new ArrayList<>();

  private Streams(WorkingModel working) {
    this.seams = Seams.of(working);
    this.model = seams.model().model();
    this.analysis = seams.model().analysis();
    List<Factor> written = factors(seams.model().blocks());
    for (Factor factor : factors(seams.model())) {
      Trace trace = Trace.of(model, analysis, factor);
      int block = written.indexOf(factor);
      if (block >= 0) {
        add("stream " + block, false, trace, obstacle(working, trace));
      } else if (trace.isNormed()) { // others are no streams: biases of positions
        int before = (int) all.stream().filter(Stream::embeddings).count();
        add(before == 0 ? "embeddings" : "embeddings " + before, true, trace, trace.obstacle());
      }
    }
  }

  private void add(String name, boolean embeddings, Trace trace, @Nullable Fixed obstacle) {
    boolean layers = seams.touch(trace);
    all.add(new Stream(name, trace.factor(), embeddings, trace.isCentred(), layers, obstacle));
    traces.add(trace);
  }

  private @Nullable Fixed obstacle(WorkingModel working, Trace trace) {
    Fixed reason = trace.obstacle() == null ? null : reason(working, trace.factor());
    return reason == null ? trace.obstacle() : reason;
  }

  /** Why a stream stays as it is, told of the model without layers of ours. */
  private @Nullable Fixed reason(WorkingModel working, Factor factor) {
    Set<String> names =
        analysis.valuesWith(factor).stream().map(Value::name).collect(Collectors.toSet());
    for (Factor original : factors(working.blocks())) {
      if (working.analysis().valuesWith(original).stream()
          .map(Value::name)
          .anyMatch(names::contains)) {
        return SeamFinder.reason(working.model(), working.analysis(), original);
      }
    }
    return null;
  }

  /** The channels that embedding tables or blocks write, each once. */
  static List<Factor> factors(WorkingModel working) {
    Set<Factor> all = new LinkedHashSet<>(factors(lookedUp(working)));
    all.addAll(factors(working.blocks()));
    return List.copyOf(all);
  }

  /** The channels that blocks write, each once, in their order. */
  private static List<Factor> factors(List<Block> blocks) {
    return factors(written(blocks));
  }

  private static List<Factor> factors(Set<AxisLayout> written) {
    List<Factor> all = new ArrayList<>();
    for (AxisLayout channels : written) {
      // what is free to lose positions, as the heads that a bias of positions has, is normed
      // nowhere
      if (channels instanceof Leaf leaf && leaf.size().isKnown() && leaf.factor().isFixed()) {
        all.add(leaf.factor());
      }
    }
    return all;
  }

  /** What rows of embedding tables are, each once, in the order of the graph. */
  private static Set<AxisLayout> lookedUp(WorkingModel working) {
    Set<AxisLayout> channels = new LinkedHashSet<>();
    Traversal.nodesWithin(working.model().graph())
        .filter(node -> EmbeddingTables.looksUp(node))
        .filter(node -> working.analysis().isConstant(node.input(0)))
        .map(node -> working.analysis().layout(node.output(0)))
        .filter(layouts -> layouts != null && layouts.size() > 1)
        .forEach(layouts -> channels.add(layouts.get(layouts.size() - 1)));
    return channels;
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

  /**
   * Finds those of a model.
   *
   * @param working not changed
   */
  public static Streams of(WorkingModel working) {
    return new Streams(working);
  }

  /**
   * The model that they are of: the one given, or a copy in which layers that change nothing are
   * where a stream begins or ends, if that is not where its channels do.
   */
  public WorkingModel model() {
    return seams.model();
  }

  /** What a value of that model is called in the one given. */
  public String nameOutside(Value value) {
    return seams.nameOutside(value);
  }

  /**
   * The same for counting, which it is good for alone afterwards: with those layers only that some
   * streams need, and constants that are copies are left out of its copies where they will not be
   * equal once these are narrowed.
   *
   * @param narrowed names of streams
   */
  public WorkingModel counted(Set<String> narrowed) {
    Set<Value> changing = new HashSet<>();
    for (Stream stream : all) {
      if (stream.obstacle() == null && narrowed.contains(stream.name())) {
        Trace trace = trace(stream);
        changing.addAll(trace.constants().all().keySet());
        trace.readers().stream()
            .map(reader -> ReaderBias.stored(reader.node()))
            .forEach(changing::add);
      }
    }
    WorkingModel open = seams.model();
    Set<String> unused = RemoveUnused.unused(open.model());
    seams.removeAllBut(changing);
    RemoveUnused.run(open.model(), unused);
    Map<Value, Value> copies = new LinkedHashMap<>(open.copies());
    copies
        .entrySet()
        .removeIf(copy -> changing.contains(copy.getKey()) || changing.contains(copy.getValue()));
    return new WorkingModel(open.model(), open.facts(), open.analysis(), open.blocks(), copies);
  }

  /** Takes out of that model those of these layers that still change nothing. */
  public void close() {
    seams.removeIdle();
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
   * @return null if there are not enough dead channels to make the stream narrower, or a narrower
   *     one would need layers more
   */
  public @Nullable Directions alive(Stream stream) {
    if (stream.layers()) {
      return null;
    }
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
   * Writes streams in frames of some directions: of the channels of every constant the first {@code
   * width} hold what is along them, and the rest nothing. What the model computes is only what it
   * should once those are cut off.
   *
   * @param directions by stream, one that can be written so, some that are independent
   */
  public void turn(Map<Stream, Directions> directions) {
    Map<Trace, Frame> frames = new LinkedHashMap<>();
    directions.forEach((stream, some) -> frames.put(trace(stream), frame(stream, some)));
    StreamTurn.run(frames);
  }

  /**
   * Takes everything off streams but some directions, wherever a norm reads them. Nothing else
   * changes.
   *
   * @param directions by stream, one that can be narrowed, some that are independent
   * @param target these are streams of, too: it has all their norms, under the same names
   */
  public void narrow(Map<Stream, Directions> directions, Model target) {
    Map<String, Node> writers = new HashMap<>();
    Traversal.nodesWithin(target.graph())
        .forEach(node -> node.presentOutputs().forEach(out -> writers.put(out.name(), node)));
    directions.forEach(
        (stream, some) ->
            StreamProjection.run(
                trace(stream).norms(),
                frame(stream, some),
                node -> Objects.requireNonNull(writers.get(seams.nameOutside(node.output(0))))));
  }

  /** Whether some directions span as much as there are of them in a stream. */
  public static boolean areIndependent(Stream stream, Directions directions) {
    return directions.orthonormal(stream.centred()) != null;
  }
}
