package io.gohsp.witness;

import io.gohsp.ir.Model;
import io.gohsp.ir.Node;
import io.gohsp.ir.Value;
import io.gohsp.op.DataOperands;
import io.gohsp.plan.BlockPlan;
import io.gohsp.shape.ShapeFacts;
import io.gohsp.shape.ShapeInference;
import io.gohsp.shape.Size;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * Where the parts of a plan's blocks are in a graph. The n-th attention of the plan is the n-th
 * layer that reads a product and is as wide as the plan says; the n-th MLP likewise the n-th that
 * reads a layer. Where widths leave more than one possibility, nothing is read.
 */
final class Reading {
  /**
   * One block.
   *
   * @param output where the layer behind the heads reads; null if it is not found
   * @param scores where queries are read by what compares them with keys; null if not found
   * @param hidden where the second layer of the MLP reads; null if it is not found
   */
  record BlockPlaces(
      @Nullable Place output, @Nullable List<Place> scores, @Nullable Place hidden) {}

  private static final List<String> NORMALISED = List.of("Softmax", "QLinearSoftmax");

  private final Flow flow;
  private final ShapeFacts facts;
  private final List<BlockPlan> plan;

  private Reading(Model model, List<BlockPlan> plan) {
    this.flow = new Flow(model);
    this.facts = ShapeInference.of(model);
    this.plan = plan;
  }

  /** Reads a model without local functions. */
  static Reading of(Model model, List<BlockPlan> plan) {
    return new Reading(model, plan);
  }

  ShapeFacts facts() {
    return facts;
  }

  /** One entry for each block of the plan. */
  List<BlockPlaces> blocks() {
    List<@Nullable Multiplication> attentions =
        aligned(
            plan.stream().map(Reading::width).toList(),
            layers(at -> flow.toProduct(activation(at)) != null));
    List<@Nullable Multiplication> mlps =
        aligned(
            plan.stream().map(BlockPlan::neurons).toList(),
            layers(at -> flow.toLayer(activation(at)) != null));
    List<BlockPlaces> blocks = new ArrayList<>();
    for (int i = 0; i < plan.size(); i++) {
      blocks.add(block(plan.get(i), attentions.get(i), mlps.get(i)));
    }
    return blocks;
  }

  private BlockPlaces block(
      BlockPlan block, @Nullable Multiplication attention, @Nullable Multiplication mlp) {
    Place output = null;
    List<Place> scores = null;
    Integer width = width(block);
    Node product = attention == null ? null : productOf(attention);
    if (attention != null && width != null && product != null && !isMixed(product)) {
      output = reads(attention, width);
      scores = Scores.places(block, product, flow, facts);
    }
    Place hidden = mlp == null || block.neurons() == null ? null : reads(mlp, block.neurons());
    return new BlockPlaces(output, scores, hidden);
  }

  private @Nullable Node productOf(Multiplication layer) {
    List<Node> way = flow.toProduct(activation(layer));
    return way == null ? null : way.get(way.size() - 1);
  }

  /**
   * Whether a convolution in groups mixes columns between the layers that make them and a product,
   * as in EfficientViT: what is gone is missed there, too.
   */
  private boolean isMixed(Node product) {
    Deque<Value> frontier = new ArrayDeque<>(DataOperands.of(product));
    Set<Value> seen = new HashSet<>(frontier);
    while (!frontier.isEmpty()) {
      Node producer = frontier.remove().producer().orElse(null);
      if (producer == null || flow.isLayer(producer) || isNormalised(List.of(producer))) {
        continue;
      }
      List<Size> kernel = producer.is("Conv") ? facts.shape(producer.input(1)) : null;
      if (kernel != null && !kernel.get(1).is(1)) {
        return true;
      }
      DataOperands.of(producer).stream().filter(seen::add).forEach(frontier::add);
    }
    return false;
  }

  private Value activation(Multiplication layer) {
    return layer.operand(flow.activation(layer));
  }

  private @Nullable Place reads(Multiplication layer, int slots) {
    int position = flow.activation(layer);
    Place place = Place.counting(layer.node(), position, layer.axes(position), slots, facts);
    return place == null || place.slots().length != slots ? null : switchable(place);
  }

  /** The place itself, or where the integers it reads are still floats; null if neither can be. */
  private @Nullable Place switchable(Place place) {
    return Scores.switchable(place, facts);
  }

  /** Layers of a kind in graph order; of tied weights each use is one. */
  private List<Multiplication> layers(Predicate<Multiplication> kind) {
    return flow.multiplications().stream()
        .filter(at -> flow.activation(at) >= 0 && kind.test(at))
        .toList();
  }

  private static @Nullable Integer width(BlockPlan block) {
    return block.heads() == null || block.vWidth() == null
        ? null
        : Integer.valueOf(block.heads() * block.vWidth());
  }

  private int extent(Multiplication layer) {
    int position = flow.activation(layer);
    List<Size> shape = facts.shape(layer.operand(position));
    int extent = shape == null ? 0 : 1;
    for (int axis : layer.axes(position)) {
      Size size = shape == null ? Size.of(0) : shape.get(axis < 0 ? axis + shape.size() : axis);
      extent *= size.isKnown() ? Math.toIntExact(size.value()) : 0;
    }
    return extent;
  }

  /**
   * For each width wanted the layers of that width, in order; null where none is wanted or has that
   * width, as an MLP that makes constants, and everywhere if there is not exactly one way to say
   * so.
   */
  private List<@Nullable Multiplication> aligned(
      List<@Nullable Integer> all, List<Multiplication> offered) {
    List<Integer> extents = offered.stream().map(this::extent).toList();
    List<@Nullable Integer> wanted = new ArrayList<>(all);
    wanted.replaceAll(width -> width != null && extents.contains(width) ? width : null);
    Map<Integer, Integer> first = new HashMap<>();
    Map<Integer, Integer> last = new HashMap<>();
    int at = 0;
    for (int i = 0; i < wanted.size(); i++) {
      if (wanted.get(i) != null) {
        while (at < extents.size() && !extents.get(at).equals(wanted.get(i))) {
          at++;
        }
        first.put(i, at++);
      }
    }
    at = extents.size() - 1;
    for (int i = wanted.size() - 1; i >= 0; i--) {
      if (wanted.get(i) != null) {
        while (at >= 0 && !extents.get(at).equals(wanted.get(i))) {
          at--;
        }
        last.put(i, at--);
      }
    }
    List<@Nullable Multiplication> aligned = new ArrayList<>();
    for (int i = 0; i < wanted.size(); i++) {
      Integer index = first.equals(last) ? first.get(i) : null;
      aligned.add(index == null ? null : offered.get(index));
    }
    return aligned;
  }

  static boolean isNormalised(List<Node> way) {
    return way.stream().anyMatch(node -> NORMALISED.contains(node.op().type()));
  }
}
