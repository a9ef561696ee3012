package io.gohsp.soft;

import io.gohsp.axis.Factor;
import io.gohsp.engine.FlatVector;
import io.gohsp.ir.Location;
import io.gohsp.ir.Value;
import io.gohsp.normalize.WorkingModel;
import io.gohsp.plan.Keeps;
import io.gohsp.plan.PlanJson;
import io.gohsp.plan.PlanResolver;
import io.gohsp.plan.PruningPlan;
import io.gohsp.selection.GroupKind;
import io.gohsp.selection.GroupTotals;
import io.gohsp.selection.Importance;
import io.gohsp.selection.Importance.Scores;
import io.gohsp.selection.KeptScores;
import io.gohsp.selection.MagnitudeImportance;
import io.gohsp.selection.NeuronNorms;
import io.gohsp.selection.PlanSelector;
import io.gohsp.train.ParameterStore;
import io.gohsp.vit.Block;
import io.gohsp.vit.PrunableAxis;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Trains at the density of a plan and now and then trades groups (METHOD.md section 7, S2ViTE): in
 * every layer, some of those that are active and score lowest are dropped, and as many of the
 * others whose gradients are largest come back, their weights from zero.
 *
 * <p>The sources say by which scores heads and neurons are dropped, by which gradients they come
 * back, and that the optimiser's moments are masked too. Our choice is all else:
 *
 * <ul>
 *   <li>A group of which everything were zero would have no gradient at all. So only its {@link
 *       ReadOuts} are zero; the rest is frozen until it comes back. Its gradient is the l2 norm of
 *       the read-out's, of the one batch before the trade.
 *   <li>The salience of a head is {@code E_batch|Σ w·∂L/∂w|} over its read-out, since the last
 *       trade: {@code ⟨O_h, ∂L/∂O_h⟩} from the gradients of the training, with the absolute value
 *       taken of batches, not samples. So is that of a value column, which the source does not
 *       have.
 *   <li>Query-key columns have no read-out. Those of a head are chosen once, and are zero on both
 *       sides; a head that comes back has those that are largest.
 *   <li>What is dropped cannot come back in the same trade, and at least one unit is never dropped.
 * </ul>
 */
public final class DropAndRegrow implements PruningRule {
  private static final double NEVER = -1;

  /** Above every score, and sums of it are still finite. */
  private static final double ALWAYS = 1e200;

  private final WorkingModel working;
  private final ParameterStore store;
  private final Rounds rounds;
  private final double first;
  private final double last;
  private final PlanMask mask;
  private final Set<Value> readOuts;
  private final GradientShares salience;
  private final FlatVector active;
  private final FlatVector frozen;
  private final FlatVector scratch;
  private Collection<FlatVector> moments = List.of();
  private PruningPlan plan;

  /** Squares of the gradients of the batch before a trade, by group. */
  private @Nullable Importance gradients;

  /**
   * Switches off what a plan removes.
   *
   * @param working what was made of the model
   * @param store the model's parameters, in training
   * @param plan what is active first, and how much always
   * @param steps updates of the phase
   * @param rounds of equal length; there is a trade between two
   * @param first part of the active groups that would be traded at the start
   * @param last part traded at the end; between them a cosine
   */
  public DropAndRegrow(
      WorkingModel working,
      ParameterStore store,
      PruningPlan plan,
      long steps,
      int rounds,
      double first,
      double last) {
    this.working = working;
    this.store = store;
    this.plan = plan;
    this.rounds = new Rounds(steps, rounds);
    this.first = first;
    this.last = last;
    mask = new PlanMask(working, store);
    readOuts = ReadOuts.of(working);
    salience = new GradientShares(working, store, mask, readOuts::contains, Math::abs);
    active = store.vector();
    frozen = store.vector();
    scratch = store.vector();
    mask();
  }

  @Override
  public void moments(Collection<FlatVector> vectors) {
    moments = List.copyOf(vectors);
  }

  /** A trade right before the cut would bring back what cannot learn any more. */
  private boolean isDue(long updates) {
    return updates < rounds.steps() && rounds.isDue(updates);
  }

  @Override
  public void beforeUpdate(long step) {
    salience.note();
    if (isDue(step + 1)) {
      store.gradients().array().mul(store.gradients().array(), scratch.array());
      gradients =
          GroupTotals.of(
              working, value -> readOuts.contains(value) ? mask.numbers(value, scratch) : null);
    }
    store.gradients().array().muli(active.array());
  }

  @Override
  public void afterUpdate(long step, double rate) {
    store.weights().array().muli(active.array()).addi(frozen.array()); // undoes weight decay
    if (isDue(step + 1)) {
      double progress = (step + 1) / (double) rounds.steps();
      trade(last + (first - last) / 2 * (1 + Math.cos(Math.PI * progress)));
      mask();
      moments.forEach(moment -> moment.array().muli(active.array()));
    }
  }

  private void trade(double part) {
    Importance never = Importance.constant(working.blocks(), NEVER);
    Importance always = Importance.constant(working.blocks(), ALWAYS);
    PruningPlan rest =
        PlanSelector.reselect(
            working,
            KeptScores.of(plan, activity(), never),
            plan,
            (kind, all, kept) -> kept - traded(kind, all, kept, part));
    Importance back = KeptScores.of(plan, never, promise());
    plan = PlanSelector.reselect(working, KeptScores.of(rest, always, back), plan);
  }

  /** How many of {@code kept} units are dropped for others. */
  static int traded(GroupKind kind, int all, int kept, double part) {
    return kind == GroupKind.QK
        ? 0
        : Math.min((int) Math.ceil(part * kept), Math.min(all - kept, kept - 1));
  }

  /** Salience of heads and value columns, l1 norms of neurons. */
  private Importance activity() {
    Importance shares = salience.take();
    List<double[]> norms = NeuronNorms.of(working, this::weights);
    return byBlock(
        i -> {
          Scores own = shares.blocks().get(i);
          return new Scores(own.heads(), own.qk(), own.v(), norms.get(i));
        });
  }

  /** What could come back: gradients, but for query-key columns their size. */
  private Importance promise() {
    Importance sizes = MagnitudeImportance.of(working, this::weights);
    List<Scores> grown = Objects.requireNonNull(gradients).blocks();
    return byBlock(
        i -> {
          Scores own = grown.get(i);
          return new Scores(own.heads(), sizes.blocks().get(i).qk(), own.v(), own.neurons());
        });
  }

  private float @Nullable [] weights(Value constant) {
    return mask.numbers(constant, store.weights());
  }

  private Importance byBlock(Function<Integer, Scores> scores) {
    List<Scores> all = new ArrayList<>();
    for (int i = 0; i < working.blocks().size(); i++) {
      all.add(scores.apply(i));
    }
    return new Importance(all);
  }

  /** Zeroes what must be zero, and remembers what is to stay as it is. */
  private void mask() {
    Keeps keeps = PlanResolver.resolve(plan, working.blocks(), Location.of(working.model()));
    mask.write(keeps, active); // what goes, for now
    // Zero: query-key columns of active heads, and read-outs.
    Keeps heads = mask.ofHeads(keeps);
    mask.write(heads, frozen);
    Set<Factor> some = new HashSet<>(heads.byFactor().keySet());
    some.addAll(queryKeyFactors());
    mask.write(PlanMask.only(keeps, some), scratch);
    scratch.array().subi(frozen.array());
    for (Value readOut : readOuts) {
      ParameterStore.Entry entry = mask.entry(readOut);
      if (entry != null) {
        entry.in(scratch).floats().put(entry.in(active).floats());
      }
    }
    frozen.array().assign(active.array()).subi(scratch.array()).muli(store.weights().array());
    active.array().rsubi(1);
    store.weights().array().muli(active.array()).addi(frozen.array());
  }

  private Set<Factor> queryKeyFactors() {
    Set<Factor> factors = new HashSet<>();
    for (Block block : working.blocks()) {
      PrunableAxis columns = block.attention() == null ? null : block.attention().qk();
      if (columns != null && columns.factor() != null) {
        factors.add(columns.factor());
      }
    }
    return factors;
  }

  @Override
  public PruningPlan plan() {
    return plan;
  }

  @Override
  public Map<String, FlatVector> state() {
    return salience.state();
  }

  @Override
  public String memo() {
    return PlanJson.compact(plan);
  }

  @Override
  public void restore(String memo) {
    plan = PlanJson.parse(memo, Location.of(working.model()));
    mask();
  }
}
