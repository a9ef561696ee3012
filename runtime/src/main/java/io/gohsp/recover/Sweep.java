package io.gohsp.recover;

import io.gohsp.calibration.Calibration;
import io.gohsp.calibration.TokenWeights;
import io.gohsp.data.LastBatch;
import io.gohsp.ir.Model;
import io.gohsp.ir.ModelCopy;
import io.gohsp.ir.ModelException;
import io.gohsp.ir.Value;
import io.gohsp.linear.Correctable;
import io.gohsp.linear.CutPoints;
import io.gohsp.linear.ErrorGraph;
import io.gohsp.linear.LinearLayer;
import io.gohsp.linear.TokenMask;
import io.gohsp.ort.HostTensor;
import io.gohsp.recover.ModelStream.Move;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * One way through a dense model and one that is made of it, layer by layer, with the activations of
 * all calibration samples in both (METHOD.md section 11). At each layer
 *
 * <ol>
 *   <li>{@link #inputs} says how the inputs of some layers behind this place vary together in the
 *       model that changes,
 *   <li>the caller may change that model behind this place,
 *   <li>{@link #errors} says how to bring the layer's output nearest to what the dense model has
 *       there, and the caller corrects the layer,
 *   <li>{@link #advance} brings the samples behind the layer.
 * </ol>
 *
 * Each part of the dense model runs once, each of the other once for every question and once to
 * advance, or less where what a layer reads takes little and is kept; so all layers together take
 * as long as a few plain runs, however many they are.
 */
public final class Sweep implements LayerErrors {
  /** Of the JVM's memory, that activations may take; the rest goes to a temporary file. */
  private static final double IN_MEMORY = 0.25;

  /** Bytes that samples may take in front of a layer; of more they wait where little flows. */
  private static final long MOST_IN_FRONT = 128L << 20;

  private final ActivationStore store;
  private final ModelStream dense;
  private final ModelStream changing;
  private final @Nullable TokenMask mask;
  private final List<String> ahead;
  private final int runs;
  private final int before;
  private final long mostInFront;
  private String compared = "";

  private Sweep(
      ActivationStore store,
      ModelStream dense,
      ModelStream changing,
      @Nullable TokenMask mask,
      List<String> ahead,
      int runs,
      int before,
      long mostInFront) {
    this.store = store;
    this.dense = dense;
    this.changing = changing;
    this.mask = mask;
    this.ahead = ahead;
    this.runs = runs;
    this.before = before;
    this.mostInFront = mostInFront;
  }

  /**
   * Begins in front of the first layer, where little flows. Samples that do not fill a batch that
   * is built into the model are left out.
   *
   * @param changing whose weights and structure the caller changes on the way
   * @param layers names of the outputs of all layers that will be asked for, in the order of the
   *     graph of {@code changing}
   * @throws io.gohsp.data.DataException if the samples cannot be used
   */
  public static Sweep of(
      Model dense, Model changing, List<String> layers, Calibration calibration) {
    return of(
        dense,
        changing,
        layers,
        calibration,
        (long) (IN_MEMORY * Runtime.getRuntime().maxMemory()),
        MOST_IN_FRONT);
  }

  static Sweep of(
      Model dense,
      Model changing,
      List<String> layers,
      Calibration calibration,
      long inMemory,
      long mostInFront) {
    return of(dense, changing, layers, calibration, 0, 0, inMemory, mostInFront);
  }

  /**
   * Of a part of the samples.
   *
   * @param calibration the part
   * @param runs in how many batches all samples are seen
   * @param before how many of them come before the part
   * @param parts that all samples are cut into; each has that share of the memory, whichever
   *     process it is in
   */
  static Sweep part(
      Model dense,
      Model changing,
      List<String> layers,
      Calibration calibration,
      int runs,
      int before,
      int parts) {
    long inMemory = (long) (IN_MEMORY * Runtime.getRuntime().maxMemory() / parts);
    return of(dense, changing, layers, calibration, runs, before, inMemory, MOST_IN_FRONT / parts);
  }

  private static Sweep of(
      Model dense,
      Model changing,
      List<String> layers,
      Calibration calibration,
      int runs,
      int before,
      long inMemory,
      long mostInFront) {
    ActivationStore store = new ActivationStore(inMemory);
    TokenMask mask = calibration.tokens(dense);
    String first = layers.get(0);
    try (TokenWeights weights = new TokenWeights(mask, calibration.options());
        Stem one = new Stem("the dense model", dense, first, calibration.options());
        Stem other = new Stem("the pruned model", changing, first, calibration.options())) {
      calibration.forEach(
          dense,
          Set.of(),
          LastBatch.DROP,
          batch -> {
            Map<String, HostTensor> inputs = new LinkedHashMap<>(batch.inputs());
            HostTensor tokens = weights.of(inputs);
            if (tokens != null) {
              inputs.put(TokenMask.FED, tokens);
            }
            Map<String, HostTensor> kept = new HashMap<>(); // inputs that both keep
            one.take(inputs, (name, value) -> kept.computeIfAbsent(name, n -> store.keep(value)));
            other.take(
                inputs,
                (name, value) ->
                    inputs.containsKey(name) && kept.containsKey(name)
                        ? store.share(Objects.requireNonNull(kept.get(name)))
                        : store.keep(value));
          });
      return new Sweep(
          store,
          one.stream(store),
          other.stream(store),
          mask,
          new ArrayList<>(layers),
          runs,
          before,
          mostInFront);
    }
  }

  /**
   * How the inputs of some layers of the changing model vary together, over the tokens that count,
   * of all samples.
   *
   * @param layers in the main graph, behind the place where the samples are
   * @return one for each, in their order
   */
  public List<LayerInputs> inputs(List<LinearLayer> layers) {
    return LayerInputs.measure(changing.model(), layers, mask, changing);
  }

  /**
   * Compares both models behind a layer. The dense model's samples are brought behind it; those of
   * the other in front of it, if what it reads takes little: only the layer may change then.
   *
   * @param layer of the changing model, in its main graph, the first of those ahead
   * @throws ModelException.Unsupported if the dense model has nothing to compare with
   */
  @Override
  public NormalEquations errors(Correctable layer) {
    ErrorGraph graph = graph(layer);
    ahead.remove(layer.output().name());
    compared = graph.compared();
    Move inputs = moveToInputs(layer);
    try {
      return errors(
          layer,
          graph,
          dense.moveTo(behind(dense.model(), compared)),
          inputs.isMadeBy(graph.pruned()) ? inputs : changing.stay());
    } catch (ModelException.Unsupported somethingElseThanTensors) {
      return errors(layer, graph(layer), dense.stay(), changing.stay());
    }
  }

  /** In front of the layer, if its inputs take little and others follow. */
  private Move moveToInputs(Correctable layer) {
    long stream = changing.bytes(); // nearly all of it, and needed there as well
    long there = stream + stream / layer.outputs() * layer.inputs();
    return ahead.isEmpty() || there > mostInFront
        ? changing.stay()
        : changing.moveTo(CutPoints.of(changing.model()).behind(layer.output().name()) - 1);
  }

  private ErrorGraph graph(Correctable layer) {
    String input = mask == null ? null : mask.input();
    return ErrorGraph.of(
        dense.model(), changing.model(), layer, input, runs == 0 ? dense.batches() : runs);
  }

  private NormalEquations errors(Correctable layer, ErrorGraph graph, Move behind, Move inFront) {
    Model copy = ModelCopy.of(dense.model()).model();
    Value target = graph.appendTarget(copy);
    copy.graph().clearOutputs();
    copy.graph().addOutput(target);
    behind.addOutputs(copy);
    inFront.addOutputs(graph.pruned());
    NormalEquations sums = new NormalEquations(layer.inputs(), layer.outputs(), before);
    try (ModelStream.Run wanted = dense.new Run(copy);
        ModelStream.Run found = changing.new Run(graph.pruned())) {
      for (int batch = 0; batch < dense.batches(); batch++) {
        Map<String, HostTensor> expected = wanted.run(batch, Map.of());
        // What a program returns does not lie where inputs must.
        HostTensor rows = store.keep(Objects.requireNonNull(expected.get(target.name())));
        Map<String, HostTensor> actual = found.run(batch, Map.of(graph.target(), rows));
        store.release(rows);
        sums.add(graph, actual);
        behind.take(batch, expected);
        inFront.take(batch, actual);
      }
    }
    behind.arrived();
    inFront.arrived();
    return sums;
  }

  @Override
  public void correct(Correctable layer, NormalEquations.Correction correction) {
    layer.add(correction.weight(), correction.bias());
  }

  /** Brings the changing model's samples behind the layer that was compared last. */
  @Override
  public void advance() {
    try {
      changing.advance(behind(changing.model(), compared));
    } catch (ModelException.Unsupported somethingElseThanTensors) {
      // They stay where they are: the next layer is measured from there, in more time.
      return;
    }
  }

  /** Behind a value, but before the layers ahead. */
  private int behind(Model model, String value) {
    CutPoints points = CutPoints.of(model);
    int most = points.behind(value);
    for (String layer : ahead) {
      int place = points.behind(layer);
      most = place < 0 ? most : Math.min(most, place - 1);
    }
    return most;
  }

  /** Nodes executed for each batch, in all programs. */
  long nodesRun() {
    return dense.nodesRun() + changing.nodesRun();
  }

  @Override
  public void close() {
    store.close();
  }

  /** Bytes of activations that did not go into memory. */
  long onDisk() {
    return store.onDisk();
  }
}
