package io.gohsp.study;

import io.gohsp.ir.Model;
import io.gohsp.ir.ModelException;
import io.gohsp.latency.LatencySearch;
import io.gohsp.latency.LatencySettings;
import io.gohsp.latency.LatencyTarget;
import io.gohsp.latency.MeasuredLatency;
import io.gohsp.method.PruningMethod.Planner;
import io.gohsp.plan.InvalidOption;
import io.gohsp.plan.PruningPlan;
import io.gohsp.selection.BlockWish;
import io.gohsp.selection.Budget;
import io.gohsp.selection.Exclusion;
import io.gohsp.selection.SelectionOptions;
import io.gohsp.selection.SelectionOptions.Allocation;
import io.gohsp.selection.SelectionOptions.Floors;
import io.gohsp.selection.Share;
import io.gohsp.selection.Width;
import io.gohsp.verify.DataShapes;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * How much is to stay, whatever the method: shares, a budget, a latency or an accuracy.
 *
 * @param heads of each layer; null if not said
 * @param qk query-key columns of each head; likewise
 * @param v value columns of each head; likewise
 * @param neurons of each layer; likewise
 * @param budget what the result may cost; null if not said
 * @param latency how long a run of the result may take; null if not said
 * @param drop how much accuracy the result may lose; null if not said
 * @param latencySettings under which conditions that is measured
 * @param allocation how a budget is spread over the layers
 * @param align what widths that are cut are multiples of; null for 1, or with a latency for what is
 *     fastest
 * @param exclude what stays as it is
 * @param floors what every layer keeps at least
 * @param wishes what some blocks keep, whatever is said of all
 * @param width in how many channels residual streams are written; needs calibration samples
 */
public record Goal(
    @Nullable Share heads,
    @Nullable Share qk,
    @Nullable Share v,
    @Nullable Share neurons,
    @Nullable Budget budget,
    @Nullable LatencyTarget latency,
    @Nullable MaxDrop drop,
    LatencySettings latencySettings,
    Allocation allocation,
    @Nullable Integer align,
    List<Exclusion> exclude,
    Floors floors,
    List<BlockWish> wishes,
    Width width) {

  /**
   * A plan that reaches a goal.
   *
   * @param latency what was measured, if a latency was asked for
   */
  public record Reached(PruningPlan plan, @Nullable MeasuredLatency latency) {}

  /**
   * @throws InvalidOption if it makes no sense
   */
  public Goal {
    exclude = List.copyOf(exclude);
    wishes = List.copyOf(wishes);
    if (align != null && align == 1 && latency == null) {
      align = null; // the same, so that saying it makes no other run
    }
    if (drop != null
        && (latency != null || isStated(heads, qk, v, neurons, budget, wished(wishes)))) {
      throw new InvalidOption(
          "--max-drop finds out itself how much stays; leave out budgets, latencies and shares, or"
              + " give one of those instead");
    }
    String bounds = bounds(exclude, floors, wishes, align, width);
    if (latency == null
        && drop == null
        && bounds != null
        && !isStated(heads, qk, v, neurons, budget, width.share(), wished(wishes))) {
      throw new InvalidOption(
          bounds
              + " need a budget or shares to apply to, such as --keep-params 0.6; what is zero goes"
              + " wherever it is (--method zeros)");
    }
  }

  /** What bounds how much goes of single layers, in words; null if nothing does. */
  private static @Nullable String bounds(
      List<Exclusion> exclude,
      Floors floors,
      List<BlockWish> wishes,
      @Nullable Integer align,
      Width width) {
    if (!exclude.isEmpty()) {
      return "exclusions";
    }
    if (!wishes.isEmpty()) {
      return "wishes";
    }
    if (align != null && align > 1) {
      return "alignments";
    }
    boolean bound = Math.max(floors.heads(), floors.neurons()) > 1 || floors.headWidth() > 1;
    return bound || width.least() > 1 ? "floors" : null;
  }

  /** Nothing is said: for methods that know themselves what stays. */
  public static final Goal NONE =
      new Goal(
          null,
          null,
          null,
          null,
          null,
          null,
          null,
          LatencySettings.STANDARD,
          Allocation.UNIFORM,
          null,
          List.of(),
          Floors.ONE,
          List.of(),
          Width.KEEP);

  /** A budget, spread uniformly. */
  public static Goal of(Budget budget) {
    return of(SelectionOptions.of(budget));
  }

  /** Options as they are. */
  public static Goal of(SelectionOptions options) {
    return new Goal(
        options.heads(),
        options.qk(),
        options.v(),
        options.neurons(),
        options.budget(),
        null,
        null,
        LatencySettings.STANDARD,
        options.allocation(),
        options.align(),
        options.exclude(),
        options.floors(),
        options.wishes(),
        Width.KEEP);
  }

  private static boolean isStated(@Nullable Object... amounts) {
    for (Object amount : amounts) {
      if (amount != null) {
        return true;
      }
    }
    return false;
  }

  /** The first wish that says how much is to stay; null if none does. */
  private static @Nullable BlockWish wished(List<BlockWish> wishes) {
    return wishes.stream().filter(wish -> !wish.shares().isEmpty()).findFirst().orElse(null);
  }

  /** Whether anything says how much is to stay. */
  public boolean isStated() {
    return isStated(heads, qk, v, neurons, budget, latency, drop, width.share(), wished(wishes));
  }

  /** The same, where a latency counts on inputs as large as those of data. */
  public Goal seeing(DataShapes data) {
    return new Goal(
        heads,
        qk,
        v,
        neurons,
        budget,
        latency,
        drop,
        latencySettings.seeing(data),
        allocation,
        align,
        exclude,
        floors,
        wishes,
        width);
  }

  /** The same with a budget in place of an accuracy. */
  public Goal within(Budget limit) {
    return new Goal(
        heads,
        qk,
        v,
        neurons,
        limit,
        latency,
        null,
        latencySettings,
        allocation,
        align,
        exclude,
        floors,
        wishes,
        width);
  }

  /**
   * Makes a plan.
   *
   * @param original the model that plans are for; measured if a latency was asked for
   * @param planner makes plans for it
   * @param progress is told what is being done
   * @return with a provenance that says what was asked for
   * @throws ModelException.NothingToPrune if nothing can be removed, or not as much as was asked
   *     for
   * @throws InvalidOption if the method cannot make sense of this
   */
  public Reached reach(Model original, Planner planner, Consumer<String> progress) {
    if (drop != null) {
      throw new InvalidOption("--max-drop measures accuracy on samples; give --data");
    }
    if (latency == null) {
      SelectionOptions options = options(budget, align);
      PruningPlan plan = planner.plan(options);
      return new Reached(stated(plan, provenance(options)), null);
    }
    LatencySearch search =
        new LatencySearch(
            original,
            latency,
            latencySettings,
            (some, multiple) ->
                planner.plan(
                    options(budget == null ? some : Budget.all(List.of(budget, some)), multiple)),
            progress);
    LatencySearch.Found found = search.run(align);
    MeasuredLatency measured = found.latency();
    Map<String, String> provenance = provenance(options(budget, measured.align()));
    provenance.put("latency", latency.toString());
    provenance.put("batch", Long.toString(measured.pruned().batch()));
    provenance.put("allocation", allocation.name().toLowerCase(Locale.ROOT));
    provenance.put("align", Integer.toString(measured.align()));
    return new Reached(stated(found.plan(), provenance), measured);
  }

  private static PruningPlan stated(PruningPlan plan, Map<String, String> more) {
    Map<String, String> all = new LinkedHashMap<>(plan.provenance());
    all.putAll(more);
    return plan.from(all);
  }

  private @Nullable SelectionOptions options(@Nullable Budget limit, @Nullable Integer multiple) {
    boolean widthAlone =
        width.share() != null && !isStated(heads, qk, v, neurons, limit, wished(wishes));
    return widthAlone || isStated(heads, qk, v, neurons, limit, wished(wishes))
        ? new SelectionOptions(
            widthAlone ? new Share.Percent(100) : heads,
            qk,
            v,
            neurons,
            limit,
            allocation,
            multiple == null ? 1 : multiple,
            exclude,
            floors,
            wishes,
            null,
            Map.of())
        : null;
  }

  private static Map<String, String> provenance(@Nullable SelectionOptions options) {
    Map<String, String> all = new LinkedHashMap<>();
    if (options != null) {
      if (options.budget() != null) {
        all.put("budget", options.budget().toString());
        all.put("allocation", options.allocation().name().toLowerCase(Locale.ROOT));
      }
      put(all, "heads", options.heads());
      put(all, "qk", options.qk());
      put(all, "v", options.v());
      put(all, "neurons", options.neurons());
    }
    return all;
  }

  private static void put(Map<String, String> all, String name, @Nullable Share share) {
    if (share != null) {
      all.put(name, share.toString());
    }
  }
}
