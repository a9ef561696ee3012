package io.gohsp.zero;

import io.gohsp.axis.Contraction.Kind;
import io.gohsp.axis.Factor;
import io.gohsp.vit.AttentionPart;
import io.gohsp.vit.Block;
import io.gohsp.vit.Coordinates;
import io.gohsp.vit.PrunableAxis;
import io.gohsp.zero.DeadUnits.InBlock;
import io.gohsp.zero.ZeroedModel.Side;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * Zeroes scattered heads, columns and neurons of a model, other counts in every block, and says
 * what is dead then. The choice depends on the seed alone.
 */
final class ScatteredZeros {
  private static final List<Side> SIDES = List.of(Side.PRODUCERS, Side.CONSUMERS, Side.BOTH);

  private final ZeroedModel model;
  private final Random random;
  private final boolean consumersCount;
  private final Map<Factor, Side> sides = new LinkedHashMap<>();
  private final Map<Factor, Set<Integer>> chosen = new LinkedHashMap<>();
  private final Map<Factor, Map<Integer, Set<Integer>>> columns = new LinkedHashMap<>();

  private ScatteredZeros(ZeroedModel model, boolean consumersCount, long seed) {
    this.model = model;
    this.consumersCount = consumersCount;
    random = new Random(seed);
  }

  /**
   * Overwrites weights of the model.
   *
   * @param consumersCount whether zeroes in the weights that read a unit make it dead: no, with
   *     ranges taken at run time
   * @return what is dead now
   */
  static List<InBlock> scatter(ZeroedModel model, boolean consumersCount, long seed) {
    ScatteredZeros scattered = new ScatteredZeros(model, consumersCount, seed);
    for (int i = 0; i < model.blocks.size(); i++) {
      scattered.zero(model.blocks.get(i), i);
    }
    return model.blocks.stream().map(scattered::expected).toList();
  }

  private void zero(Block block, int number) {
    AttentionPart attention = block.attention();
    if (attention != null) {
      boolean sharedValues = attention.v() != null && attention.v().dependsOn().isEmpty();
      Side side = consumersCount && sharedValues ? Side.CONSUMERS : side(random.nextInt(3));
      whole(attention.heads(), 1 + number % 2, side);
      columns(attention.qk(), number, Side.PRODUCERS);
      columns(attention.v(), number, side(number + 1));
    }
    if (block.mlp() != null) {
      whole(block.mlp().neurons(), 3 + 2 * number, side(random.nextInt(3)));
    }
  }

  private Side side(int number) {
    return consumersCount ? SIDES.get(number % SIDES.size()) : Side.PRODUCERS;
  }

  private void whole(@Nullable PrunableAxis axis, int count, Side side) {
    if (axis != null
        && axis.isPrunable()
        && axis.factor() != null
        && !chosen.containsKey(axis.factor())) {
      Set<Integer> units = choose(axis.units(), count);
      chosen.put(axis.factor(), units);
      sides.put(axis.factor(), side);
      model.zero(axis.factor(), List.of(), Map.of(0, units), side);
    }
  }

  private void columns(@Nullable PrunableAxis axis, int number, Side side) {
    if (axis == null
        || axis.factor() == null
        || !axis.isPrunable()
        || columns.containsKey(axis.factor())) {
      return;
    }
    int rows = axis.dependsOn().stream().mapToInt(Factor::count).reduce(1, Math::multiplyExact);
    Map<Integer, Set<Integer>> units = new LinkedHashMap<>();
    for (int row = 0; row < rows; row++) {
      units.put(row, choose(axis.units(), 1 + (row + number) % 3));
    }
    columns.put(axis.factor(), units);
    model.zero(axis.factor(), axis.dependsOn(), units, side);
  }

  /** Some units, but never all. */
  private Set<Integer> choose(int units, int count) {
    Set<Integer> some = new LinkedHashSet<>();
    while (some.size() < Math.min(count, units - 1)) {
      some.add(random.nextInt(units));
    }
    return some;
  }

  private InBlock expected(Block block) {
    AttentionPart attention = block.attention();
    if (attention == null) {
      return new InBlock(block, List.of(), List.of(), List.of(), neurons(block));
    }
    List<List<Integer>> qk = new ArrayList<>();
    List<List<Integer>> v = new ArrayList<>();
    boolean shared = attention.v() != null && isComparedIn(attention.v());
    for (int head = 0; head < attention.headCount(); head++) {
      qk.add(columns(attention, attention.qk(), head, true));
      v.add(columns(attention, attention.v(), head, shared));
    }
    return new InBlock(block, positions(attention.heads()), qk, v, neurons(block));
  }

  /**
   * Whether queries and keys are compared in these columns too, as where one axis carries queries,
   * keys and values.
   */
  private boolean isComparedIn(PrunableAxis columns) {
    return model.analysis.contractions().stream()
        .filter(c -> c.kind() == Kind.ACTIVATIONS)
        .anyMatch(c -> c.reduced().factors().anyMatch(f -> f == columns.factor()));
  }

  private List<Integer> neurons(Block block) {
    return block.mlp() == null ? List.of() : positions(block.mlp().neurons());
  }

  private List<Integer> positions(@Nullable PrunableAxis axis) {
    return axis == null || axis.factor() == null || !axis.isPrunable()
        ? List.of()
        : positions(axis, chosen.getOrDefault(axis.factor(), Set.of()));
  }

  private static List<Integer> positions(PrunableAxis axis, Set<Integer> units) {
    int[] unitOf = axis.unitOfPosition();
    return IntStream.range(0, unitOf.length)
        .filter(i -> units.contains(unitOf[i]))
        .boxed()
        .toList();
  }

  /** A dead head's values are dead; its queries and keys only where those were zeroed too. */
  private List<Integer> columns(
      AttentionPart attention, @Nullable PrunableAxis axis, int head, boolean producersOnly) {
    if (axis == null || axis.factor() == null || !axis.isPrunable()) {
      return List.of();
    }
    int row = 0;
    for (Factor factor : axis.dependsOn()) {
      row = row * factor.count() + Coordinates.of(attention.heads().layout(), factor)[head];
    }
    Set<Integer> units = new HashSet<>(columns.get(axis.factor()).get(row));
    PrunableAxis heads = attention.heads();
    boolean dead =
        heads != null
            && !axis.dependsOn().isEmpty()
            && positions(heads).contains(head)
            && (!producersOnly || sides.get(heads.factor()) != Side.CONSUMERS);
    if (dead) {
      IntStream.range(0, axis.units()).forEach(units::add);
    }
    return positions(axis, units);
  }
}
