package io.gohsp.plan;

import io.gohsp.axis.Factor;
import io.gohsp.axis.Fixed;
import io.gohsp.ir.Location;
import io.gohsp.ir.ModelException;
import io.gohsp.vit.AttentionPart;
import io.gohsp.vit.Block;
import io.gohsp.vit.MlpPart;
import io.gohsp.vit.PrunableAxis;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/** Turns a plan into what each factor keeps, and checks on the way that the plan fits the model. */
public final class PlanResolver {
  private final Location location;
  private final Map<Factor, Keep> keeps = new LinkedHashMap<>();

  /** Factors of which a block lists all positions, with what it calls them. */
  private final Map<Factor, String> listedWhole = new LinkedHashMap<>();

  private final boolean whole;

  private PlanResolver(Location location, boolean whole) {
    this.location = location;
    this.whole = whole;
  }

  /**
   * Resolves {@code plan} against the blocks of a model.
   *
   * @throws ModelException.BadPlan if blocks, their names, sizes or indices do not fit, what would
   *     go cannot, or blocks that share an axis list different positions of it
   */
  public static Keeps resolve(PruningPlan plan, List<Block> blocks, Location location) {
    return resolve(plan, blocks, new PlanResolver(location, true));
  }

  /**
   * Resolves a part of a plan that fits as a whole: it may say of one axis what the rest says of
   * another that it shares.
   *
   * @throws ModelException.BadPlan likewise
   */
  public static Keeps resolvePart(PruningPlan part, List<Block> blocks, Location location) {
    return resolve(part, blocks, new PlanResolver(location, false));
  }

  private static Keeps resolve(PruningPlan plan, List<Block> blocks, PlanResolver resolver) {
    if (plan.blocks().size() != blocks.size()) {
      throw resolver.bad(
          "the plan has " + plan.blocks().size() + " blocks, the model " + blocks.size(),
          "use a plan that was made for this architecture; one of an earlier build, which listed blocks of the same weights once, is to be made anew");
    }
    for (int i = 0; i < blocks.size(); i++) {
      resolver.sameName(plan.blocks().get(i), blocks.get(i));
      resolver.resolve(plan.blocks().get(i), blocks.get(i));
    }
    resolver.listedWhole.forEach(
        (factor, what) -> {
          if (resolver.keeps.containsKey(factor)) {
            throw resolver.bad(
                what
                    + " are shared with another part, of which the plan removes some, but are listed"
                    + " whole",
                "keep the same in both, or leave the list out");
          }
        });
    return new Keeps(resolver.keeps);
  }

  private ModelException.BadPlan bad(String problem, @Nullable String hint) {
    return new ModelException.BadPlan(location, problem, hint);
  }

  private void sameName(BlockPlan plan, Block block) {
    if (!plan.block().equals(block.name())) {
      throw bad(
          "the plan has \"%s\" where the model has \"%s\"".formatted(plan.block(), block.name()),
          "name the blocks as the model's are, in their order");
    }
  }

  private void resolve(BlockPlan plan, Block block) {
    AttentionPart attention = block.attention();
    MlpPart mlp = block.mlp();
    sameSize(plan, "heads", plan.heads(), attention == null ? null : attention.headCount());
    sameSize(
        plan,
        "query-key columns a head",
        plan.qkWidth(),
        sizeOf(attention == null ? null : attention.qk()));
    sameSize(
        plan,
        "value columns a head",
        plan.vWidth(),
        sizeOf(attention == null ? null : attention.v()));
    sameSize(plan, "neurons", plan.neurons(), mlp == null ? null : mlp.neurons().size());
    if (attention != null) {
      List<Integer> heads =
          plan.headsKept() == null ? upTo(attention.headCount()) : plan.headsKept();
      if (plan.headsKept() != null) {
        if (plan.dropsAttention()) {
          drop(plan, "heads", DroppableBranches.axis(attention));
        } else if (attention.heads() == null) {
          check(plan, "heads", plan.headsKept(), 1);
        } else {
          put(
              plan,
              "heads",
              attention.heads(),
              units(plan, "heads", attention.heads(), plan.headsKept()));
        }
      }
      if (whole && attention.columnsAreOneAxis() && !Objects.equals(plan.qkKept(), plan.vKept())) {
        throw bad(
            "query-key and value columns of " + plan.block() + " are one axis in this model",
            "keep the same of both");
      }
      columns(plan, "query-key columns", attention, attention.qk(), heads, plan.qkKept());
      columns(plan, "value columns", attention, attention.v(), heads, plan.vKept());
    }
    if (mlp != null && plan.dropsMlp()) {
      drop(plan, "neurons", mlp.neurons());
    } else if (mlp != null && plan.neuronsKept() != null) {
      put(
          plan,
          "neurons",
          mlp.neurons(),
          units(plan, "neurons", mlp.neurons(), plan.neuronsKept()));
    }
  }

  private static @Nullable Integer sizeOf(@Nullable PrunableAxis axis) {
    return axis == null ? null : axis.size();
  }

  private static List<Integer> upTo(int end) {
    return java.util.stream.IntStream.range(0, end).boxed().toList();
  }

  private void sameSize(
      BlockPlan plan, String what, @Nullable Integer planned, @Nullable Integer actual) {
    if (planned != null && !planned.equals(actual)) {
      throw bad(
          plan.block()
              + " of the plan was made for "
              + planned
              + " "
              + what
              + ", the model has "
              + (actual == null ? "none" : actual),
          "use a plan that was made for this architecture");
    }
  }

  private void check(BlockPlan plan, String what, List<Integer> kept, int size) {
    Set<Integer> distinct = new TreeSet<>(kept);
    if (kept.isEmpty()) {
      throw bad(plan.block() + " would keep no " + what, "keep at least one");
    }
    if (distinct.size() != kept.size()) {
      throw bad(plan.block() + " names " + what + " twice: " + kept, "name each once");
    }
    if (!new ArrayList<>(distinct).equals(kept)) {
      throw bad(
          plan.block() + " names " + what + " out of order: " + kept, "name them in rising order");
    }
    int first = kept.get(0);
    int last = kept.get(kept.size() - 1);
    if (first < 0 || last >= size) {
      throw bad(
          plan.block()
              + " names "
              + what
              + " "
              + (first < 0 ? first : last)
              + ", there are 0 to "
              + (size - 1),
          "name only what the model has");
    }
  }

  /** The units that the positions form; all positions of a unit stay or go together. */
  private List<Integer> units(
      BlockPlan plan, String what, PrunableAxis axis, List<Integer> positions) {
    check(plan, what, positions, axis.size());
    int[] unitOf = axis.unitOfPosition();
    Set<Integer> units = new TreeSet<>();
    positions.forEach(position -> units.add(unitOf[position]));
    if (units.size() * axis.positionsPerUnit() != positions.size()) {
      throw bad(
          plan.block()
              + " keeps "
              + what
              + " "
              + positions
              + ", but they go in groups of "
              + axis.positionsPerUnit(),
          "keep or remove whole groups");
    }
    return List.copyOf(units);
  }

  private void put(BlockPlan plan, String what, PrunableAxis axis, List<Integer> units) {
    put(plan, what, axis, Keep.of(units));
  }

  /** A part that loses everything of an axis: its branch goes. */
  private void drop(BlockPlan plan, String what, @Nullable PrunableAxis axis) {
    if (axis == null) {
      throw bad(
          what + " of " + plan.block() + " cannot be told from the rest of the model",
          "leave it out of the plan");
    }
    put(plan, what, axis, new Keep(axis.dependsOn(), Collections.nCopies(axis.rows(), List.of())));
  }

  private void put(BlockPlan plan, String what, PrunableAxis axis, Keep keep) {
    if (keep.count() == axis.units()) {
      if (axis.factor() != null) {
        listedWhole.putIfAbsent(axis.factor(), what + " of " + plan.block());
      }
      return;
    }
    Fixed obstacle = axis.obstacle();
    Factor factor = axis.factor();
    if (obstacle != null || factor == null) {
      throw bad(
          what
              + " of "
              + plan.block()
              + " cannot be removed: "
              + (obstacle == null
                  ? ""
                  : (obstacle.node() == null ? "the axis " : obstacle.node() + ": ")
                      + obstacle.reason()),
          "leave them out of the plan");
    }
    Keep other = keeps.put(factor, keep);
    if (other != null && !Objects.equals(other, keep)) {
      throw bad(
          what
              + " of "
              + plan.block()
              + " are shared with another block, but the plan keeps others there",
          "keep the same in both");
    }
  }

  private void columns(
      BlockPlan plan,
      String what,
      AttentionPart attention,
      @Nullable PrunableAxis axis,
      List<Integer> heads,
      @Nullable List<List<Integer>> kept) {
    if (kept == null) {
      return;
    }
    if (plan.dropsAttention()) {
      throw bad(plan.block() + " lists " + what + ", but keeps no heads", "leave the list out");
    }
    if (axis == null || axis.factor() == null) {
      throw bad(
          what + " of " + plan.block() + " cannot be told apart", "leave them out of the plan");
    }
    if (kept.size() != heads.size()) {
      throw bad(
          plan.block()
              + " lists "
              + what
              + " for "
              + kept.size()
              + " heads, but keeps "
              + heads.size(),
          "list them for every head that stays");
    }
    List<List<Integer>> perHead = new ArrayList<>();
    for (List<Integer> row : kept) {
      perHead.add(units(plan, what, axis, row));
      if (row.size() != kept.get(0).size()) {
        throw bad(
            plan.block() + " keeps different numbers of " + what + " in different heads",
            "keep the same number in each, they may be different ones");
      }
    }
    if (axis.dependsOn().isEmpty()) {
      if (new LinkedHashSet<>(perHead).size() > 1) {
        throw bad(
            what
                + " of "
                + plan.block()
                + " are shared by all heads, but the plan keeps others in different heads",
            "keep the same in every head");
      }
      put(plan, what, axis, perHead.get(0));
      return;
    }
    PrunableAxis headAxis = Objects.requireNonNull(attention.heads(), "columns depend on heads");
    put(plan, what, axis, byHead(plan, what, axis, headAxis, heads, perHead));
  }

  /**
   * One row for each position of the factors that columns may depend on; heads that go take any
   * row.
   */
  private Keep byHead(
      BlockPlan plan,
      String what,
      PrunableAxis axis,
      PrunableAxis headAxis,
      List<Integer> heads,
      List<List<Integer>> perHead) {
    int rows = axis.rows();
    List<List<Integer>> byRow = new ArrayList<>(Collections.nCopies(rows, perHead.get(0)));
    boolean[] taken = new boolean[rows];
    for (int i = 0; i < heads.size(); i++) {
      int row = axis.row(headAxis, heads.get(i));
      if (taken[row] && !byRow.get(row).equals(perHead.get(i))) {
        throw bad(
            what
                + " of "
                + plan.block()
                + " are shared by a group of heads, but the plan keeps others inside one",
            "keep the same in every head of a group");
      }
      taken[row] = true;
      byRow.set(row, perHead.get(i));
    }
    return new Keep(axis.dependsOn(), byRow);
  }
}
