package io.gohsp.selection;

import io.gohsp.plan.InvalidOption;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * How much is to stay and how that is spread. What has a share keeps that, whatever the budget; the
 * budget is met with the rest. Without a budget, what has no share keeps everything.
 *
 * @param heads share of each layer's heads; null if the budget decides
 * @param qk share of each head's query-key columns; likewise
 * @param v share of each head's value columns; likewise
 * @param neurons share of each layer's neurons; likewise
 * @param budget null if shares alone decide
 * @param allocation how a budget is spread over the layers
 * @param align neurons of a layer, and columns of a head, that stay are a multiple of this unless
 *     all stay
 * @param exclude what stays as it is
 * @param floors what stays at least
 * @param wishes what some blocks keep, whatever is said of all
 * @param losses for {@link Allocation#KNAPSACK}, what each group costs the loss when its turn to go
 *     comes: they decide how many of everything stay, the method's own scores which; null otherwise
 * @param narrowed channels that residual streams keep, by name; those that keep all are left out
 */
public record SelectionOptions(
    @Nullable Share heads,
    @Nullable Share qk,
    @Nullable Share v,
    @Nullable Share neurons,
    @Nullable Budget budget,
    Allocation allocation,
    int align,
    List<Exclusion> exclude,
    Floors floors,
    List<BlockWish> wishes,
    @Nullable Importance losses,
    Map<String, Integer> narrowed) {

  /** How a budget is spread over the layers. */
  public enum Allocation {
    /** Every layer keeps the same part. */
    UNIFORM,
    /** One threshold for each kind of group, on score over cost: layers differ. */
    GLOBAL,
    /**
     * One threshold for all kinds and layers alike, on loss over cost: a knapsack solved by its
     * multiplier (METHOD.md section 10). Needs {@link #losses}, in one unit for all kinds.
     */
    KNAPSACK
  }

  /**
   * What every layer keeps at least. Where layers compete for a budget, 0 lets a layer go as a
   * whole, its branch with it, if what it adds joins the stream by an addition and nothing else
   * reads it; a uniform allocation keeps one of everything.
   *
   * @param heads heads of a layer
   * @param headWidth query-key columns of a head, and value columns
   * @param neurons neurons of a layer
   */
  public record Floors(int heads, int headWidth, int neurons) {
    public static final Floors ONE = new Floors(1, 1, 1);

    /** Whole branches may go. */
    public static final Floors FREE_BRANCHES = new Floors(0, 1, 0);

    public Floors {
      if (heads < 0 || headWidth < 1 || neurons < 0) {
        throw new InvalidOption(
            "a layer keeps 0 heads and neurons or more, and 1 column of a head or more");
      }
    }

    int of(GroupKind kind) {
      return switch (kind) {
        case HEADS -> heads;
        case QK, V -> headWidth;
        case NEURONS -> neurons;
      };
    }
  }

  /**
   * @throws InvalidOption if nothing says how much is to stay, or the alignment is not positive
   */
  public SelectionOptions {
    exclude = List.copyOf(exclude);
    wishes = List.copyOf(wishes);
    narrowed = Map.copyOf(narrowed);
    if (align < 1) {
      throw new InvalidOption("--align " + align + " is no multiple of anything; give 1 or more");
    }
    if (budget == null
        && heads == null
        && qk == null
        && v == null
        && neurons == null
        && wishes.stream().allMatch(wish -> wish.shares().isEmpty())
        && narrowed.isEmpty()) {
      throw new InvalidOption(
          "nothing says how much to keep; give a budget (--keep-params 0.6) or shares (--heads 4 --neurons 75%)");
    }
  }

  /** A budget, spread uniformly. */
  public static SelectionOptions of(Budget budget) {
    return new SelectionOptions(
        null,
        null,
        null,
        null,
        budget,
        Allocation.UNIFORM,
        1,
        List.of(),
        Floors.ONE,
        List.of(),
        null,
        Map.of());
  }

  /** Shares without a budget; null for all of a kind. */
  public static SelectionOptions of(
      @Nullable Share heads, @Nullable Share qk, @Nullable Share v, @Nullable Share neurons) {
    return new SelectionOptions(
        heads,
        qk,
        v,
        neurons,
        null,
        Allocation.UNIFORM,
        1,
        List.of(),
        Floors.ONE,
        List.of(),
        null,
        Map.of());
  }

  public SelectionOptions with(Allocation other) {
    return new SelectionOptions(
        heads, qk, v, neurons, budget, other, align, exclude, floors, wishes, losses, narrowed);
  }

  /** With another share of one kind. */
  public SelectionOptions with(GroupKind kind, Share share) {
    return new SelectionOptions(
        kind == GroupKind.HEADS ? share : heads,
        kind == GroupKind.QK ? share : qk,
        kind == GroupKind.V ? share : v,
        kind == GroupKind.NEURONS ? share : neurons,
        budget,
        allocation,
        align,
        exclude,
        floors,
        wishes,
        losses,
        narrowed);
  }

  /** With another budget. */
  public SelectionOptions with(Budget other) {
    return new SelectionOptions(
        heads, qk, v, neurons, other, allocation, align, exclude, floors, wishes, losses, narrowed);
  }

  public SelectionOptions with(Floors other) {
    return new SelectionOptions(
        heads, qk, v, neurons, budget, allocation, align, exclude, other, wishes, losses, narrowed);
  }

  public SelectionOptions withAlign(int other) {
    return new SelectionOptions(
        heads,
        qk,
        v,
        neurons,
        budget,
        allocation,
        other,
        exclude,
        floors,
        wishes,
        losses,
        narrowed);
  }

  public SelectionOptions excluding(Exclusion... others) {
    return new SelectionOptions(
        heads,
        qk,
        v,
        neurons,
        budget,
        allocation,
        align,
        List.of(others),
        floors,
        wishes,
        losses,
        narrowed);
  }

  /** With what groups cost the loss, for {@link Allocation#KNAPSACK}. */
  public SelectionOptions withLosses(Importance measured) {
    return new SelectionOptions(
        heads,
        qk,
        v,
        neurons,
        budget,
        allocation,
        align,
        exclude,
        floors,
        wishes,
        measured,
        narrowed);
  }

  /** With narrower streams, by name. */
  public SelectionOptions withStreams(Map<String, Integer> channels) {
    return new SelectionOptions(
        heads,
        qk,
        v,
        neurons,
        budget,
        allocation,
        align,
        exclude,
        floors,
        wishes,
        losses,
        channels);
  }

  /** With wishes for some blocks. */
  public SelectionOptions wishing(List<BlockWish> others) {
    return new SelectionOptions(
        heads,
        qk,
        v,
        neurons,
        budget,
        allocation,
        align,
        exclude,
        floors,
        others,
        losses,
        narrowed);
  }

  /** What was asked for of a kind; null if the budget decides. */
  public @Nullable Share share(GroupKind kind) {
    return switch (kind) {
      case HEADS -> heads;
      case QK -> qk;
      case V -> v;
      case NEURONS -> neurons;
    };
  }
}
