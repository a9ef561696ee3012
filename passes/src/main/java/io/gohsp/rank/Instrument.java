package io.gohsp.rank;

import io.gohsp.axis.AxisAnalysis;
import io.gohsp.axis.AxisLayout;
import io.gohsp.axis.Factor;
import io.gohsp.ir.Attribute;
import io.gohsp.ir.Value;
import io.gohsp.linear.TokenExtents;
import io.gohsp.rewrite.GraphBuilder;
import io.gohsp.shape.ShapeFacts;
import io.gohsp.shape.Size;
import io.gohsp.tensor.ElementType;
import io.gohsp.tensor.Tensor;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * What both kinds of similarity need to write their nodes: values brought to one order of axes,
 * whatever form the exporter gave them, and reductions to one result for each image.
 */
final class Instrument {
  /** A row has no key that counts if its highest score is so low: masks add -10,000 or less. */
  private static final float BLIND = -5_000;

  private final GraphBuilder g;
  private final ShapeFacts facts;
  private final AxisAnalysis analysis;
  private final ImageAxis images;
  private final boolean mayPad;
  private final TokenExtents tokens;
  private final @Nullable Value counts;
  private final int rowStep;

  /**
   * @param mayPad whether some tokens of a sample may be padding
   * @param tokens which extents are tokens
   * @param counts [images, tokens], not 0 for a token that counts; null where the maps tell
   * @param rowStep which query rows of attention maps count: each, every second …
   */
  Instrument(
      GraphBuilder g,
      ShapeFacts facts,
      AxisAnalysis analysis,
      ImageAxis images,
      boolean mayPad,
      TokenExtents tokens,
      @Nullable Value counts,
      int rowStep) {
    this.g = g;
    this.facts = facts;
    this.analysis = analysis;
    this.images = images;
    this.mayPad = mayPad;
    this.tokens = tokens;
    this.counts = counts;
    this.rowStep = rowStep;
  }

  /** The same, writing in another scope. */
  Instrument in(String scope) {
    return new Instrument(g.in(scope), facts, analysis, images, mayPad, tokens, counts, rowStep);
  }

  GraphBuilder build() {
    return g;
  }

  AxisAnalysis analysis() {
    return analysis;
  }

  ElementType type(Value value) {
    ElementType type = facts.type(value);
    return type == null ? ElementType.FLOAT : type;
  }

  /**
   * Attention maps in one form.
   *
   * @param maps [groups, heads, queries, keys]; a group is an image, or a window of one
   * @param scores what they are the Softmax of, in the same form; null if they are changed after it
   * @param groupsAreImages whether there is one group for each image
   * @param real [groups, tokens]: 1 for tokens, 0 for padding; null if nothing pads
   */
  record Maps(Value maps, @Nullable Value scores, boolean groupsAreImages, @Nullable Value real) {}

  /**
   * Brings the maps of a site to one form.
   *
   * @throws io.gohsp.ir.ModelException.Unsupported if they have none
   */
  Maps maps(AttentionSite site) {
    Maps all = allMaps(site);
    if (rowStep == 1) {
      return all;
    }
    return new Maps(
        everyRow(all.maps(), 2),
        all.scores() == null ? null : everyRow(all.scores(), 2),
        all.groupsAreImages(),
        all.real() == null ? null : everyRow(all.real(), 1));
  }

  /** Every row-step-th position, from the middle of the first step on; at least one. */
  private Value everyRow(Value x, int axis) {
    Value extent = g.op("Shape", Extents.between(axis, axis + 1L), x);
    Value last = g.op("Sub", extent, g.longs(1));
    Value first = g.op("Min", g.longs(rowStep / 2), last);
    return g.op("Slice", x, first, g.longs(Long.MAX_VALUE), g.longs(axis), g.longs(rowStep));
  }

  private Maps allMaps(AttentionSite site) {
    AttentionSite.Map map = site.map(analysis);
    if (map == null) {
      throw site.unsupported(
          "what weighs the values is not simply the result of a Softmax, so heads have no attention"
              + " maps to compare",
          "use --similarity output or contribution");
    }
    List<AxisLayout> axes = Objects.requireNonNull(analysis.layout(map.value()));
    List<Integer> heads = new ArrayList<>();
    List<Integer> others = new ArrayList<>();
    int merged = -1;
    for (int axis = 0; axis < axes.size(); axis++) {
      List<Factor> factors = axes.get(axis).factors().toList();
      if (axis == map.keys()) {
        continue;
      }
      if (!factors.isEmpty() && site.headFactors().containsAll(factors)) {
        heads.add(axis);
      } else if (factors.stream().anyMatch(site.headFactors()::contains)) {
        merged = axis;
      } else {
        others.add(axis);
      }
    }
    boolean readable =
        merged < 0
            ? site.headFactors().equals(factors(heads, axes)) && !others.isEmpty()
            : heads.isEmpty() && others.size() == 1 && endsWithHeads(axes.get(merged), site);
    if (!readable) {
      throw site.unsupported(
          "the axes of its attention maps, " + axes + ", cannot be put in order",
          "use --similarity output or contribution");
    }
    int query = others.remove(others.size() - 1);
    List<Integer> order = new ArrayList<>(others);
    order.addAll(merged < 0 ? heads : List.of(merged));
    order.add(query);
    order.add(map.keys());
    AxisLayout first =
        merged >= 0
            ? axes.get(merged)
            : others.isEmpty() ? AxisLayout.UNIT : axes.get(others.get(0));
    if (!images.leads(first)) {
      throw batchInside(site);
    }
    boolean plain = merged < 0 && others.size() == 1 && heads.size() == 1;
    Value maps = arranged(map.value(), order, plain, site);
    Value scores = map.scores() == null ? null : arranged(map.scores(), order, plain, site);
    Size groups = merged >= 0 ? axes.get(merged).size() : product(others, axes);
    Size wanted = merged >= 0 ? images.size().times(Size.of(site.headCount())) : images.size();
    Size queries = axes.get(query).size();
    Size keys = axes.get(map.keys()).size();
    boolean self = queries.equals(keys) || (tokens.has(queries) && tokens.has(keys));
    boolean perImage = groups.equals(wanted);
    Value real =
        !self || !mayPad
            ? null
            : counts != null && perImage ? castLike(counts, maps) : real(maps, scores);
    return new Maps(maps, scores, perImage, real);
  }

  /** Puts axes in order and heads on one axis: [groups, heads, queries, keys]. */
  private Value arranged(Value value, List<Integer> order, boolean plain, AttentionSite site) {
    Value ordered = transposed(value, order);
    return plain
        ? ordered
        : g.op(
            "Reshape",
            ordered,
            g.concat(0, g.longs(-1, site.headCount()), g.op("Shape", Extents.from(-2), ordered)));
  }

  /**
   * Padding is what no query of any head looks at: masks leave such keys a probability of exactly
   * zero, and a token that counts looks at least at itself. So masks of every kind are understood:
   * additive or boolean, 1 or 0 for what counts, lengths, ids compared inside the model. Rows whose
   * keys are all masked look everywhere alike, and nowhere really; they have no say.
   */
  private Value real(Value maps, @Nullable Value scores) {
    Value looks = maps;
    if (scores != null) {
      Value highest = g.op("ReduceMax", List.of(Attribute.of("keepdims", 1L)), scores, g.longs(-1));
      Value sighted = g.op("Greater", highest, g.scalar(type(scores), BLIND));
      looks = g.mul(maps, castLike(sighted, maps));
    }
    Value most = g.op("ReduceMax", List.of(Attribute.of("keepdims", 0L)), looks, g.longs(1, 2));
    ElementType type = type(maps);
    return g.op(
        "Cast",
        List.of(Attribute.of("to", (long) type.code())),
        g.op("Greater", most, g.scalar(type, 0)));
  }

  private Value castLike(Value value, Value like) {
    return g.op("CastLike", value, like);
  }

  private static List<Factor> factors(List<Integer> chosen, List<AxisLayout> axes) {
    return chosen.stream().flatMap(axis -> axes.get(axis).factors()).toList();
  }

  private static boolean endsWithHeads(AxisLayout axis, AttentionSite site) {
    List<Factor> all = axis.factors().toList();
    int from = all.size() - site.headFactors().size();
    return axis instanceof AxisLayout.Product
        && from > 0
        && all.subList(from, all.size()).equals(site.headFactors());
  }

  private static Size product(List<Integer> chosen, List<AxisLayout> axes) {
    return chosen.stream().map(axis -> axes.get(axis).size()).reduce(Size.of(1), Size::times);
  }

  private Value transposed(Value value, List<Integer> order) {
    long[] perm = order.stream().mapToLong(Integer::longValue).toArray();
    long[] same = new long[perm.length];
    Arrays.setAll(same, i -> i);
    return Arrays.equals(perm, same) ? value : g.transpose(value, perm);
  }

  private RuntimeException batchInside(AttentionSite site) {
    return site.unsupported(
        "the samples of a batch, the first axis of input \""
            + images.input().name()
            + "\", do not lie side by side in its attention",
        "export the model with the batch as the first axis of its inputs");
  }

  /**
   * Means over the rows of each image, without padding.
   *
   * @param rows [groups, n, queries]
   * @return [images, n]
   */
  Value meanOverRows(Value rows, int n, Maps maps) {
    Value weights = maps.real() == null ? null : g.unsqueeze(maps.real(), 1);
    Value weighted = weights == null ? rows : g.mul(rows, weights);
    if (maps.groupsAreImages()) {
      return weights == null
          ? mean(rows, 2)
          : g.div(g.reduceSum(weighted, false, 2), g.reduceSum(weights, false, 2));
    }
    Value perImage = windows(weighted, n);
    return weights == null
        ? mean(perImage, 1, 3)
        : g.div(g.reduceSum(perImage, false, 1, 3), g.reduceSum(windows(weights, 1), false, 1, 3));
  }

  private Value mean(Value x, long... axes) {
    return g.op("ReduceMean", List.of(Attribute.of("keepdims", 0L)), x, g.longs(axes));
  }

  /** [groups, n, queries] to [images, windows, n, queries]. */
  private Value windows(Value rows, int n) {
    return g.op(
        "Reshape",
        rows,
        g.concat(0, images.count(g), g.longs(-1, n), g.op("Shape", Extents.from(-1), rows)));
  }

  /**
   * What the heads of a site return, side by side, padding set to zero.
   *
   * @return [images, tokens, heads * columns]
   */
  Value outputs(AttentionSite site) {
    if (site.output().gates().size() != 1) {
      throw site.unsupported(
          "its output projection reads several values", "use --similarity attention");
    }
    Value x = unquantized(site.output().gates().get(0));
    List<AxisLayout> axes = Objects.requireNonNull(analysis.layout(x));
    List<Factor> inner = site.output().reduced().factors().toList();
    List<Integer> tail = new ArrayList<>();
    List<Integer> others = new ArrayList<>();
    for (int axis = 0; axis < axes.size(); axis++) {
      boolean reduced = axes.get(axis).factors().anyMatch(inner::contains);
      (reduced ? tail : others).add(axis);
    }
    // Heads before columns, whichever axes they are on.
    tail.sort(
        (a, b) ->
            Boolean.compare(
                !startsWithHead(axes.get(a), site), !startsWithHead(axes.get(b), site)));
    List<Factor> factors = factors(tail, axes);
    int count = site.headFactors().size();
    boolean whole = tail.stream().noneMatch(axis -> axes.get(axis) instanceof AxisLayout.Sum);
    if (!whole || factors.size() < count || !factors.subList(0, count).equals(site.headFactors())) {
      throw site.unsupported(
          "the columns of its heads lie at " + axes + ", not head by head",
          "use --similarity attention");
    }
    List<Integer> order = new ArrayList<>(others);
    order.addAll(tail);
    Value ordered = transposed(x, order);
    long width = product(tail, axes).value();
    Value result;
    if (images.leads(others.isEmpty() ? AxisLayout.UNIT : axes.get(others.get(0)))) {
      result = g.op("Reshape", ordered, g.concat(0, images.count(g), g.longs(-1, width)));
    } else if (images.trails(axes.get(others.get(others.size() - 1)))) {
      Value rows =
          g.op("Reshape", ordered, g.concat(0, g.longs(-1), images.count(g), g.longs(width)));
      result = g.transpose(rows, 1, 0, 2);
    } else {
      throw batchInside(site);
    }
    Value real = mayPad && site.map(analysis) != null ? allMaps(site).real() : null;
    if (real == null) {
      return result;
    }
    Value perToken = g.op("Reshape", real, g.concat(0, images.count(g), g.longs(-1, 1)));
    return g.mul(result, perToken);
  }

  /** What was rounded to bytes for the output projection, before that. */
  private static Value unquantized(Value x) {
    return x.producer()
        .filter(node -> node.is("DynamicQuantizeLinear") || node.is("QuantizeLinear"))
        .map(node -> node.input(0))
        .orElse(x);
  }

  private static boolean startsWithHead(AxisLayout axis, AttentionSite site) {
    return axis.factors().findFirst().filter(site.headFactors()::contains).isPresent();
  }

  /** A whole-number constant of two axes. */
  Value table(long[][] rows) {
    long[] flat = Arrays.stream(rows).flatMapToLong(Arrays::stream).toArray();
    return g.constant(
        "table",
        Tensor.ofIntegers(ElementType.INT64, new long[] {rows.length, rows[0].length}, flat));
  }
}
