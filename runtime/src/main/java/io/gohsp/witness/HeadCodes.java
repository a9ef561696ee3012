package io.gohsp.witness;

import io.gohsp.ir.Dim;
import io.gohsp.ir.Graph;
import io.gohsp.ir.Model;
import io.gohsp.ir.Node;
import io.gohsp.ir.Value;
import io.gohsp.ir.ValueType.TensorType;
import io.gohsp.ort.HostTensor;
import io.gohsp.ort.OrtOptions;
import io.gohsp.ort.OrtProgram;
import io.gohsp.plan.BlockPlan;
import io.gohsp.shape.ShapeFacts;
import io.gohsp.tensor.ElementType;
import io.gohsp.witness.Reading.BlockPlaces;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Finds by running which head each position belongs to that a block's output layer reads: heads
 * whose queries are set to zero change their own positions and no others. Every attention is
 * computed twice in one program, the second time with switched queries, from the same dense inputs;
 * in run r the heads are off whose number plus one has bit r. So log2(heads) runs tell all heads of
 * all blocks apart.
 */
final class HeadCodes {
  /** What arithmetic alone may change, by the largest magnitude at the same position. */
  private static final double UNCHANGED = 1e-5;

  private final Model model;
  private final ShapeFacts facts;
  private final Set<Value> returned = new HashSet<>();

  private HeadCodes(Model model, ShapeFacts facts) {
    this.model = model;
    this.facts = facts;
    returned.addAll(model.graph().outputs());
  }

  /** One attention that is computed twice. */
  private record Twin(BlockPlan block, Place output, String dense, String switched, Feed feed) {}

  /** The switch of one attention. */
  private record Feed(List<String> names, List<Place> places) {}

  /**
   * The head of every position, by block; blocks are left out whose heads are not told apart, or
   * not as the plan numbers them.
   *
   * @param model gets nodes and outputs
   * @param sample an input of the model
   */
  static Map<Integer, int[]> find(
      Model model,
      ShapeFacts facts,
      List<BlockPlan> plan,
      List<BlockPlaces> blocks,
      Map<String, HostTensor> sample,
      OrtOptions options) {
    HeadCodes codes = new HeadCodes(model, facts);
    Map<Integer, Twin> twins = new LinkedHashMap<>();
    int most = 0;
    for (int i = 0; i < blocks.size(); i++) {
      BlockPlaces places = blocks.get(i);
      Integer heads = plan.get(i).heads();
      if (heads != null && heads > 1 && places.scores() != null && places.output() != null) {
        Twin twin = codes.twin(i, plan.get(i), places.output(), places.scores());
        if (twin != null) {
          twins.put(i, twin);
          most = Math.max(most, heads);
        }
      }
    }
    if (twins.isEmpty()) {
      return Map.of();
    }
    Map<Integer, int[]> found = new HashMap<>();
    twins.forEach((i, twin) -> found.put(i, new int[twin.output().slots().length]));
    try (OrtProgram program = OrtProgram.compile("the heads of the original", model, options)) {
      for (int bit = 0; 1 << bit <= most; bit++) {
        Map<String, HostTensor> results = program.run(feeds(sample, twins, bit));
        for (Map.Entry<Integer, Twin> entry : twins.entrySet()) {
          int[] code = found.get(entry.getKey());
          if (code != null && !mark(entry.getValue(), results, 1 << bit, code)) {
            found.remove(entry.getKey());
          }
        }
      }
    }
    found.entrySet().removeIf(entry -> !isNumbered(plan.get(entry.getKey()), entry.getValue()));
    return found;
  }

  private static Map<String, HostTensor> feeds(
      Map<String, HostTensor> sample, Map<Integer, Twin> twins, int bit) {
    Map<String, HostTensor> feeds = new LinkedHashMap<>(sample);
    for (Twin twin : twins.values()) {
      int width = Objects.requireNonNull(twin.block().qkWidth());
      boolean[] stays = new boolean[Objects.requireNonNull(twin.block().heads()) * width];
      for (int slot = 0; slot < stays.length; slot++) {
        stays[slot] = ((slot / width + 1) >> bit & 1) == 0;
      }
      for (int i = 0; i < twin.feed().names().size(); i++) {
        Place place = twin.feed().places().get(i);
        feeds.put(
            twin.feed().names().get(i), HostTensor.ofFloats(place.maskDims(), place.mask(stays)));
      }
    }
    return feeds;
  }

  /** Adds a bit to the code of every position that changed; false if one is in between. */
  private static boolean mark(Twin twin, Map<String, HostTensor> results, int bit, int[] code) {
    HostTensor dense = Objects.requireNonNull(results.get(twin.dense()));
    HostTensor other = Objects.requireNonNull(results.get(twin.switched()));
    double[] a = dense.doubles();
    double[] b = other.doubles();
    if (a.length != b.length) {
      return false;
    }
    double[] scale = new double[code.length];
    double[] change = new double[code.length];
    int[] slotOf = slots(dense.dims(), twin.output().axes());
    for (int i = 0; i < a.length; i++) {
      scale[slotOf[i]] = Math.max(scale[slotOf[i]], Math.abs(a[i]));
      change[slotOf[i]] = Math.max(change[slotOf[i]], Math.abs(a[i] - b[i]));
    }
    for (int slot = 0; slot < code.length; slot++) {
      if (!(change[slot] <= UNCHANGED * scale[slot])) {
        code[slot] |= bit;
      }
    }
    return true;
  }

  private static int[] slots(long[] dims, List<Integer> axes) {
    int size = Math.toIntExact(Arrays.stream(dims).reduce(1, Math::multiplyExact));
    int[] slots = new int[size];
    for (int i = 0; i < size; i++) {
      int rest = i;
      int slot = 0;
      int scale = 1;
      for (int axis = dims.length - 1; axis >= 0; axis--) {
        int coordinate = (int) (rest % dims[axis]);
        rest /= (int) dims[axis];
        if (axes.contains(axis)) {
          slot += coordinate * scale;
          scale *= (int) dims[axis];
        }
      }
      slots[i] = slot;
    }
    return slots;
  }

  /** Turns codes into heads; whether every head of the plan has as many positions as it says. */
  private static boolean isNumbered(BlockPlan block, int[] code) {
    int[] count = new int[Objects.requireNonNull(block.heads())];
    for (int slot = 0; slot < code.length; slot++) {
      int head = --code[slot];
      if (head < 0 || head >= count.length) {
        return false;
      }
      count[head]++;
    }
    int width = Objects.requireNonNull(block.vWidth());
    return Arrays.stream(count).allMatch(positions -> positions == width);
  }

  // ---- the second computation

  private @Nullable Twin twin(int index, BlockPlan block, Place output, List<Place> scores) {
    Graph graph = model.graph();
    Value result = output.value();
    if (result.producer().isEmpty() || scores.stream().anyMatch(p -> p.node().graph() != graph)) {
      return null;
    }
    List<Node> copied = between(scores.stream().map(Place::node).toList(), result);
    if (copied.isEmpty()
        || copied.stream().anyMatch(node -> node.subgraphs().findAny().isPresent())) {
      return null;
    }
    Map<Value, Value> twins = new HashMap<>();
    List<String> names = new ArrayList<>();
    Node anchor = output.node();
    for (Node node : copied) {
      List<@Nullable Value> inputs = new ArrayList<>();
      for (int i = 0; i < node.inputs().size(); i++) {
        Value value = node.optionalInput(i);
        Value read = value == null ? null : twins.getOrDefault(value, value);
        for (Place place : scores) {
          if (place.node() == node && place.input() == i) {
            Value mask = mask(index + "_" + names.size(), place);
            names.add(mask.name());
            read = place.switched(anchor, mask, place.type(facts));
          }
        }
        inputs.add(read);
      }
      List<@Nullable Value> outputs = new ArrayList<>();
      for (Value value : node.outputs()) {
        Value twin =
            value == null ? null : graph.newValue(model.names().fresh(value.name() + "_witness"));
        if (value != null && twin != null) {
          twins.put(value, twin);
        }
        outputs.add(twin);
      }
      Node twin = graph.insertBefore(anchor, node.op(), node.name() + "_witness", inputs, outputs);
      node.attributes().forEach(twin::setAttribute);
    }
    Value switched = twins.get(result);
    if (switched == null) {
      return null;
    }
    returnAlso(result);
    returnAlso(switched);
    return new Twin(block, output, result.name(), switched.name(), new Feed(names, scores));
  }

  private Value mask(String number, Place place) {
    List<Dim> dims = Arrays.stream(place.maskDims()).mapToObj(Dim::of).toList();
    return model
        .graph()
        .addInput(
            model.names().fresh("witness_mask_" + number), new TensorType(ElementType.FLOAT, dims));
  }

  private void returnAlso(Value value) {
    if (returned.add(value)) {
      model.graph().addOutput(value);
    }
  }

  /** All nodes downstream of the first ones that lead to a value, those included, in order. */
  private List<Node> between(List<Node> first, Value result) {
    Set<Node> leading = new HashSet<>();
    List<Value> frontier = new ArrayList<>(List.of(result));
    while (!frontier.isEmpty()) {
      Node producer = frontier.remove(frontier.size() - 1).producer().orElse(null);
      if (producer != null && leading.add(producer) && !first.contains(producer)) {
        producer.presentInputs().forEach(frontier::add);
      }
    }
    Set<Value> touched = new HashSet<>();
    List<Node> between = new ArrayList<>();
    for (Node node : model.graph().nodes()) {
      if (leading.contains(node)
          && (first.contains(node) || node.presentInputs().anyMatch(touched::contains))) {
        between.add(node);
        node.presentOutputs().forEach(touched::add);
      }
    }
    return between;
  }
}
