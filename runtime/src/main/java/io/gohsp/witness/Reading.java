package io.gohsp.witness;

import io.gohsp.ir.Model;
import io.gohsp.ir.Node;
import io.gohsp.ir.Value;
import io.gohsp.plan.BlockPlan;
import io.gohsp.shape.ShapeFacts;
import io.gohsp.shape.ShapeInference;
import io.gohsp.shape.Size;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
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
   * @param outputs where the layer behind the heads reads, one for each use of tied weights; empty
   *     if it is not found
   * @param scores where queries are read by what compares them with keys, one set of places for
   *     each use; empty if not found
   * @param hidden where the second layer of the MLP reads
   */
  record BlockPlaces(List<Place> outputs, List<List<Place>> scores, List<Place> hidden) {}

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
    List<@Nullable List<Multiplication>> attentions =
        aligned(
            plan.stream().map(Reading::width).toList(),
            layers(at -> flow.toProduct(activation(at)) != null));
    List<@Nullable List<Multiplication>> mlps =
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
      BlockPlan block,
      @Nullable List<Multiplication> attention,
      @Nullable List<Multiplication> mlp) {
    List<Place> outputs = new ArrayList<>();
    List<List<Place>> scores = new ArrayList<>();
    Integer width = width(block);
    if (attention != null && width != null) {
      for (Multiplication layer : attention) {
        addIfThere(reads(layer, width), outputs);
        addIfThere(
            Scores.places(block, Objects.requireNonNull(productOf(layer)), flow, facts), scores);
      }
    }
    List<Place> hidden = new ArrayList<>();
    if (mlp != null && block.neurons() != null) {
      for (Multiplication layer : mlp) {
        addIfThere(reads(layer, block.neurons()), hidden);
      }
    }
    return new BlockPlaces(
        complete(outputs, attention), complete(scores, attention), complete(hidden, mlp));
  }

  /** All uses of tied weights are found, or none counts. */
  private static <T> List<T> complete(List<T> found, @Nullable List<Multiplication> of) {
    return of != null && found.size() == of.size() ? List.copyOf(found) : List.of();
  }

  private static <T> void addIfThere(@Nullable T found, List<T> to) {
    if (found != null) {
      to.add(found);
    }
  }

  private @Nullable Node productOf(Multiplication layer) {
    List<Node> way = flow.toProduct(activation(layer));
    return way == null ? null : way.get(way.size() - 1);
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

  /** Layers of a kind, those with tied weights together, in graph order. */
  private List<List<Multiplication>> layers(Predicate<Multiplication> kind) {
    Map<Value, List<Multiplication>> byWeight = new LinkedHashMap<>();
    for (Multiplication at : flow.multiplications()) {
      if (flow.activation(at) >= 0 && kind.test(at)) {
        byWeight.computeIfAbsent(flow.weight(at), w -> new ArrayList<>()).add(at);
      }
    }
    return List.copyOf(byWeight.values());
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
   * For each width wanted the layers of that width, in order; null where none is wanted, and
   * everywhere if there is not exactly one way to say so.
   */
  private List<@Nullable List<Multiplication>> aligned(
      List<@Nullable Integer> wanted, List<List<Multiplication>> offered) {
    List<Integer> extents = offered.stream().map(same -> extent(same.get(0))).toList();
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
    List<@Nullable List<Multiplication>> aligned = new ArrayList<>();
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
