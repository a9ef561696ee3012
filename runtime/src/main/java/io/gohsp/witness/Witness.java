package io.gohsp.witness;

import io.gohsp.ir.Model;
import io.gohsp.ir.ModelCopy;
import io.gohsp.ir.Node;
import io.gohsp.ir.Value;
import io.gohsp.normalize.InlineFunctions;
import io.gohsp.ort.HostTensor;
import io.gohsp.ort.OrtOptions;
import io.gohsp.plan.BlockPlan;
import io.gohsp.plan.PruningPlan;
import io.gohsp.prune.Pruning;
import io.gohsp.shape.ShapeFacts;
import io.gohsp.tensor.ElementType;
import io.gohsp.tensor.Tensor;
import io.gohsp.witness.Reading.BlockPlaces;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * The original with everything switched off that a plan removes, by a second reading of the plan.
 *
 * @param model the original with switches; computes what the pruned model must
 * @param read how many parts of blocks (heads and values, query-key columns, neurons) were found
 *     without the axis analysis
 * @param unread the others, in words; they are switched off as the first reference does
 */
public record Witness(Model model, int read, List<String> unread) {

  /**
   * Reads a plan.
   *
   * @param sample an input of the original
   * @param options how to run the original; it is run once for every bit of the number of heads
   * @return null if nothing of the plan can be read without the axis analysis
   * @throws io.gohsp.ir.ModelException if the original does not run, or the plan does not fit it
   */
  public static @Nullable Witness of(
      Model original, PruningPlan plan, Map<String, HostTensor> sample, OrtOptions options) {
    Model plain = copy(original);
    Reading reading = Reading.of(plain, plan.blocks());
    List<BlockPlaces> blocks = reading.blocks();
    Map<Integer, int[]> heads =
        HeadCodes.find(plain, reading.facts(), plan.blocks(), blocks, sample, options);
    int read = 0;
    List<String> unread = new ArrayList<>();
    List<BlockPlan> left = new ArrayList<>();
    List<BlockPlan> taken = new ArrayList<>();
    for (int i = 0; i < blocks.size(); i++) {
      BlockPlan block = plan.blocks().get(i);
      BlockPlaces places = blocks.get(i);
      boolean many = block.heads() != null && block.heads() > 1;
      boolean told = !many || heads.containsKey(i);
      boolean values = places.output() != null && told;
      boolean columns = places.scores() != null && told;
      boolean neurons = places.hidden() != null;
      if (values != columns && block.qkKept() != null && block.qkKept().equals(block.vKept())) {
        values = false; // perhaps one axis, which no plan names in part
        columns = false;
      }
      read += PlanPart.count(block, values, columns, neurons);
      unread.addAll(PlanPart.names(block, !values, !columns, !neurons));
      taken.add(PlanPart.only(block, values, columns, neurons));
      left.add(PlanPart.only(block, !values, !columns, !neurons));
    }
    if (read == 0) {
      return null;
    }
    PruningPlan rest = new PruningPlan(left, plan.provenance());
    Model model = rest.isEmpty() ? copy(original) : Pruning.mask(original, rest);
    Reading again = Reading.of(model, taken);
    List<BlockPlaces> places = again.blocks();
    List<Switch> switches = new ArrayList<>();
    for (int i = 0; i < taken.size(); i++) {
      collect(taken.get(i), places.get(i), heads.get(i), again.facts(), switches);
    }
    switches.forEach(Switch::insert);
    return new Witness(model, read, unread);
  }

  private static Model copy(Model original) {
    Model model = ModelCopy.of(original).model();
    InlineFunctions.run(model);
    return model;
  }

  /** What is switched off where; two of them may be of one operand that two layers lead to. */
  @SuppressWarnings("ArrayRecordComponent") // made and read once, never compared
  private record Switch(Place place, boolean[] stays, ElementType type) {
    void insert() {
      Node node = place.node();
      Value mask =
          node.graph()
              .addInitializer(
                  node.graph().model().names().fresh("witness_mask"),
                  Tensor.ofFloats(place.maskDims(), place.mask(stays)));
      node.setInput(place.input(), place.switched(node, mask, type));
    }
  }

  private static void collect(
      BlockPlan block,
      BlockPlaces places,
      int @Nullable [] headOf,
      ShapeFacts facts,
      List<Switch> switches) {
    if (block.qkKept() != null && places.scores() != null) {
      collect(places.scores(), queries(block), facts, switches);
    }
    if ((block.headsKept() != null || block.vKept() != null) && places.output() != null) {
      collect(List.of(places.output()), values(block, headOf), facts, switches);
    }
    if (block.neuronsKept() != null && places.hidden() != null) {
      boolean[] stays = new boolean[Objects.requireNonNull(block.neurons())];
      block.neuronsKept().forEach(neuron -> stays[neuron] = true);
      collect(List.of(places.hidden()), stays, facts, switches);
    }
  }

  private static void collect(
      List<Place> places, boolean[] stays, ShapeFacts facts, List<Switch> switches) {
    places.forEach(place -> switches.add(new Switch(place, stays, place.type(facts))));
  }

  private static int[] kept(BlockPlan block) {
    int heads = Objects.requireNonNull(block.heads());
    int[] rowOf = new int[heads];
    Arrays.fill(rowOf, -1);
    for (int head = 0; head < heads; head++) {
      rowOf[head] = block.headsKept() == null ? head : block.headsKept().indexOf(head);
    }
    return rowOf;
  }

  /** Columns of heads that go are read by nobody. */
  private static boolean[] queries(BlockPlan block) {
    int width = Objects.requireNonNull(block.qkWidth());
    int[] rowOf = kept(block);
    boolean[] stays = new boolean[rowOf.length * width];
    List<List<Integer>> rows = Objects.requireNonNull(block.qkKept());
    for (int slot = 0; slot < stays.length; slot++) {
      int row = rowOf[slot / width];
      stays[slot] = row < 0 || rows.get(row).contains(slot % width);
    }
    return stays;
  }

  /**
   * Heads and value columns that stay, by position.
   *
   * @param headOf the head of each position; null if heads come one after the other
   */
  private static boolean[] values(BlockPlan block, int @Nullable [] headOf) {
    int width = Objects.requireNonNull(block.vWidth());
    int[] rowOf = kept(block);
    boolean[] stays = new boolean[rowOf.length * width];
    Map<Integer, Integer> columns = new HashMap<>();
    for (int slot = 0; slot < stays.length; slot++) {
      int head = headOf == null ? slot / width : headOf[slot];
      int column = columns.merge(head, 1, Integer::sum) - 1;
      int row = rowOf[head];
      stays[slot] = row >= 0 && (block.vKept() == null || block.vKept().get(row).contains(column));
    }
    return stays;
  }
}
