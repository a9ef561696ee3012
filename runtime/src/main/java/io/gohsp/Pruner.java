package io.gohsp;

import io.gohsp.data.DataSpec;
import io.gohsp.io.OnnxReader;
import io.gohsp.ir.Location;
import io.gohsp.ir.Model;
import io.gohsp.ir.ModelException;
import io.gohsp.latency.LatencySettings;
import io.gohsp.latency.LatencyTarget;
import io.gohsp.latency.MeasuredLatency;
import io.gohsp.method.Methods;
import io.gohsp.method.PruningMethod;
import io.gohsp.normalize.WorkingModel;
import io.gohsp.phase.RunListener;
import io.gohsp.pipeline.PruningDefaults;
import io.gohsp.plan.InvalidOption;
import io.gohsp.plan.PlanDraft;
import io.gohsp.plan.PruningPlan;
import io.gohsp.selection.BlockWish;
import io.gohsp.selection.Budget;
import io.gohsp.selection.Exclusion;
import io.gohsp.selection.SelectionOptions.Allocation;
import io.gohsp.selection.SelectionOptions.Floors;
import io.gohsp.selection.Share;
import io.gohsp.selection.Width;
import io.gohsp.study.Drafts;
import io.gohsp.study.Goal;
import io.gohsp.study.MaxDrop;
import io.gohsp.train.TrainingListener;
import io.gohsp.verify.Verdict;
import io.gohsp.vit.TransformerRecognizer;
import io.gohsp.work.Background;
import io.gohsp.work.Fingerprint;
import java.math.BigDecimal;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Makes a model smaller: read it, say how much to keep, prune, verify, write.
 *
 * <pre>{@code
 * Pruner.read(Path.of("model.onnx")).keepParams(0.6).prune().verify().write(Path.of("small.onnx"));
 * }</pre>
 *
 * <p>What was not said has a default: the method {@code synthetic}, spread as the method wants, at
 * least one head and one neuron in each layer.
 */
public final class Pruner {
  private final Model original;
  private final Background<Fingerprinted> fingerprint;
  private PruningMethod method = Methods.STANDARD;
  private @Nullable Budget budget;
  private @Nullable LatencyTarget latency;
  private @Nullable MaxDrop drop;
  private LatencySettings latencySettings = LatencySettings.STANDARD;
  private @Nullable Share heads;
  private @Nullable Share qk;
  private @Nullable Share v;
  private @Nullable Share neurons;
  private @Nullable Allocation allocation;
  private @Nullable Integer align;
  private final List<Exclusion> exclude = new ArrayList<>();
  private Floors floors = Floors.ONE;
  private List<BlockWish> wishes = List.of();
  private Width width = Width.STANDARD;
  private long seed;
  private @Nullable String command;
  private Consumer<String> progress = phase -> {};

  /** The SHA-256 of the original's files, if there are any. */
  private record Fingerprinted(@Nullable String sha256) {}

  private Pruner(Model original) {
    this.original = original;
    this.fingerprint =
        Background.start("sha256", () -> new Fingerprinted(Fingerprint.of(original)));
  }

  /**
   * Starts with the model in a file.
   *
   * @throws ModelException if it is no model that can be read
   */
  public static Pruner read(Path file) {
    return of(OnnxReader.read(file));
  }

  /** Starts with a model, which is not changed. */
  public static Pruner of(Model model) {
    return new Pruner(model);
  }

  /** How to choose what stays; see {@link Methods}. */
  public Pruner method(PruningMethod newMethod) {
    method = newMethod;
    return this;
  }

  /** Keeps this part of all parameters, such as 0.6. */
  public Pruner keepParams(double fraction) {
    return budget(Budget.params(Double.toString(fraction)));
  }

  /** Keeps this part of the multiply-accumulates of a run, such as 0.6. */
  public Pruner keepMacs(double fraction) {
    return budget(Budget.macs(Double.toString(fraction)));
  }

  /** What the result may cost at most; see {@link Budget#params} for absolute numbers. */
  public Pruner budget(Budget newBudget) {
    budget = newBudget;
    return this;
  }

  /**
   * How long a run of the result may take, by measurement on this machine: a part of the original's
   * time ({@code 0.6}) or a time ({@code 12ms}). What is chosen may differ from run to run; the
   * plan of the result repeats it.
   */
  public Pruner latency(String target) {
    return latency(LatencyTarget.parse("latency", target), LatencySettings.STANDARD);
  }

  /** How long a run of the result may take, and under which conditions that is measured. */
  public Pruner latency(LatencyTarget target, LatencySettings settings) {
    latency = target;
    latencySettings = settings;
    return this;
  }

  /**
   * How many percentage points of top-1 accuracy may be lost on the validation part or, without
   * labels, of top-1 agreement with the original: as few parameters as that allows stay. Needs
   * data.
   */
  public Pruner maxDrop(double points) {
    drop = new MaxDrop(BigDecimal.valueOf(points), MaxDrop.Smallest.PARAMS);
    return this;
  }

  /** In how many channels residual streams are written; another than all needs data. */
  public Pruner width(Width newWidth) {
    width = newWidth;
    return this;
  }

  /** Everything about how much stays at once, in place of what was said before. */
  public Pruner goal(Goal goal) {
    heads = goal.heads();
    qk = goal.qk();
    v = goal.v();
    neurons = goal.neurons();
    budget = goal.budget();
    latency = goal.latency();
    drop = goal.drop();
    latencySettings = goal.latencySettings();
    allocation = goal.allocation();
    align = goal.align();
    exclude.clear();
    exclude.addAll(goal.exclude());
    floors = goal.floors();
    wishes = goal.wishes();
    width = goal.width();
    return this;
  }

  /** How many heads each layer keeps: {@code 4} or {@code 75%}. */
  public Pruner heads(String share) {
    return heads(Share.parse("heads", share));
  }

  /** How many heads each layer keeps. */
  public Pruner heads(Share share) {
    heads = share;
    return this;
  }

  /** How many query-key columns each head keeps. */
  public Pruner qk(String share) {
    return qk(Share.parse("qk", share));
  }

  /** How many query-key columns each head keeps. */
  public Pruner qk(Share share) {
    qk = share;
    return this;
  }

  /** How many value columns each head keeps. */
  public Pruner v(String share) {
    return v(Share.parse("v", share));
  }

  /** How many value columns each head keeps. */
  public Pruner v(Share share) {
    v = share;
    return this;
  }

  /** How many neurons each layer keeps. */
  public Pruner neurons(String share) {
    return neurons(Share.parse("neurons", share));
  }

  /** How many neurons each layer keeps. */
  public Pruner neurons(Share share) {
    neurons = share;
    return this;
  }

  /** How a budget is spread over the layers. */
  public Pruner allocation(Allocation newAllocation) {
    allocation = newAllocation;
    return this;
  }

  /**
   * Neurons and columns that stay are a multiple of this; some hardware is faster then. Where
   * nothing is said, 1, or with a latency to reach what is fastest of 1, 4, 8 and 16.
   */
  public Pruner align(int multiple) {
    align = multiple;
    return this;
  }

  /** Leaves a block ({@code block 3}) or whatever shortens a weight ({@code *.mlp.*}) as it is. */
  public Pruner exclude(String pattern) {
    exclude.add(Exclusion.parse(pattern));
    return this;
  }

  /** What every layer keeps at least. */
  public Pruner floors(Floors newFloors) {
    floors = newFloors;
    return this;
  }

  /** What some blocks keep, whatever is said of all. */
  public Pruner wishes(List<BlockWish> newWishes) {
    wishes = List.copyOf(newWishes);
    return this;
  }

  /** Of whatever is random. */
  public Pruner seed(long newSeed) {
    seed = newSeed;
    return this;
  }

  /** What the result's metadata is to call the command that made it. */
  public Pruner command(String newCommand) {
    command = newCommand;
    return this;
  }

  /** Is told what is being done, in a word or two, whenever that changes. */
  public Pruner progress(Consumer<String> listener) {
    progress = listener;
    return this;
  }

  /**
   * Chooses what stays, and cuts the rest.
   *
   * @throws InvalidOption if what was said makes no sense, or says not how much to keep
   * @throws ModelException.NothingToPrune if nothing can be removed, or not as much as was asked
   *     for
   * @throws ModelException if the model cannot be understood
   */
  public PrunedModel prune() {
    Goal wanted = goal(allocation == null ? method.allocation() : allocation);
    if (wanted.allocation() == Allocation.KNAPSACK && method.allocation() != Allocation.KNAPSACK) {
      throw new InvalidOption(
          "--allocation knapsack needs losses, which the method %s does not measure: give --data, or"
                  .formatted(method.name())
              + " choose the method synthetic, or uniform or global");
    }
    if (wanted.width().stated() && !wanted.width().keepsAll()) {
      throw new InvalidOption(
          "--width " + wanted.width() + " needs samples to measure on: give some (--data)");
    }
    progress.accept("analysing");
    WorkingModel working = WorkingModel.normalized(original);
    if (working.blocks().isEmpty()) { // before anything runs the model
      throw TransformerRecognizer.nothingFound(Location.of(original), working.analysis());
    }
    progress.accept("choosing");
    Goal.Reached reached = wanted.reach(original, method.planner(working, seed), progress);
    return cut(
        reached.plan().from(provenance(reached.plan())), method.mustEqual(), reached.latency());
  }

  /** {@link #data(DataSpec)} as the model's metadata or input suggest. */
  public DataPruner data(String data) {
    return data(DataSpec.of(data));
  }

  /**
   * Goes on with the help of samples: measured instead of guessed, corrected and fine-tuned. The
   * method given here, if any, is one without data and does not count.
   */
  public DataPruner data(DataSpec data) {
    return new DataPruner(
        original,
        goal(allocation == null ? PruningDefaults.ALLOCATION : allocation),
        data,
        seed,
        command,
        RunListener.of(progress, TrainingListener.NONE));
  }

  private Goal goal(Allocation spread) {
    return new Goal(
        heads,
        qk,
        v,
        neurons,
        budget,
        latency,
        drop,
        latencySettings,
        spread,
        align,
        exclude,
        floors,
        wishes,
        width);
  }

  private Map<String, String> provenance(PruningPlan plan) {
    Map<String, String> all = new LinkedHashMap<>(plan.provenance());
    all.put("seed", Long.toString(seed));
    String sha256 = fingerprint.get().sha256();
    if (sha256 != null) {
      all.put("sha256", sha256);
    }
    return all;
  }

  /**
   * Cuts what a plan says, whoever made it, for this or another form of the model. Where it says
   * nothing of an axis that it cuts in another block, the result's plan does.
   *
   * @throws ModelException.NothingToPrune if the model has no block, and the plan names none
   * @throws ModelException.BadPlan if the plan does not fit the model
   */
  public PrunedModel apply(PruningPlan plan) {
    return cut(plan, Verdict.Mode.MASKED, null);
  }

  /**
   * Likewise for a plan that says how many stay of something, in place of which: those with the
   * largest weights.
   *
   * @throws ModelException.BadPlan if the draft does not fit the model
   */
  public PrunedModel apply(PlanDraft draft) {
    return apply(Drafts.byWeights(original, draft));
  }

  private PrunedModel cut(PruningPlan plan, Verdict.Mode mode, @Nullable MeasuredLatency measured) {
    progress.accept("pruning");
    return PrunedModel.of(original, plan, mode, fingerprint.get().sha256(), command, progress)
        .timed(measured);
  }
}
