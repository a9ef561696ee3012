package io.gohsp.vit;

import io.gohsp.axis.AxisAnalysis;
import io.gohsp.axis.AxisLayout;
import io.gohsp.axis.AxisLayout.Product;
import io.gohsp.axis.AxisLayout.Sum;
import io.gohsp.axis.Contraction;
import io.gohsp.axis.Contraction.Kind;
import io.gohsp.axis.Factor;
import io.gohsp.axis.Fixed;
import io.gohsp.axis.UnknownOperators;
import io.gohsp.ir.AtNode;
import io.gohsp.ir.Location;
import io.gohsp.ir.ModelException;
import io.gohsp.ir.Node;
import io.gohsp.ir.Value;
import io.gohsp.op.DataOperands;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Finds the blocks of a transformer. An attention is a linear layer that adds up over an axis which
 * products of two activations carried along or brought in; an MLP is a linear layer that adds up
 * over any other inner axis and whose result joins a stream by addition. Heads, widths and hidden
 * sizes are sizes of factors, never read from constants.
 */
public final class TransformerRecognizer {
  private final AxisAnalysis analysis;
  private final BlockAxes axes;
  private final Directly directly;
  private final Set<Factor> batchFactors = new HashSet<>();
  private final Set<Factor> freeFactors = new HashSet<>();
  private final Set<Factor> comparedFactors = new HashSet<>();
  private final Map<Factor, List<Contraction>> makers = new HashMap<>();
  private final Set<Factor> joinedStreams = new HashSet<>();
  private final Set<Factor> attentionStreams = new HashSet<>();

  private TransformerRecognizer(AxisAnalysis analysis) {
    this.analysis = analysis;
    this.axes = new BlockAxes(analysis);
    this.directly = new Directly(analysis);
    for (Contraction contraction : analysis.contractions()) {
      if (contraction.kind() == Kind.ACTIVATIONS) {
        contraction.batch().stream().flatMap(AxisLayout::factors).forEach(batchFactors::add);
        contraction.free().stream().flatMap(AxisLayout::factors).forEach(freeFactors::add);
        contraction.reduced().factors().forEach(comparedFactors::add);
      } else if (contraction.kind() == Kind.WEIGHT) {
        for (Factor factor : outputFactors(contraction)) {
          makers.computeIfAbsent(factor, f -> new ArrayList<>()).add(contraction);
        }
      }
    }
  }

  /** What to say of a model in which no block is found. */
  public static ModelException.NothingToPrune nothingFound(
      Location location, AxisAnalysis analysis) {
    UnknownOperators unknown = analysis.unknownOperators();
    return new ModelException.NothingToPrune(
        location,
        "nothing can be pruned: no attention and no MLP with a residual connection was found"
            + (unknown.isEmpty() ? "" : ", and these operators are not known: " + unknown),
        "inspect the model to see what was recognised");
  }

  /** The blocks in the order of the graph. */
  public static List<Block> blocks(AxisAnalysis analysis) {
    return new TransformerRecognizer(analysis).recognize();
  }

  private List<Block> recognize() {
    List<Object> parts = new ArrayList<>();
    Set<Factor> seen = new HashSet<>();
    Uses uses = new Uses(analysis);
    List<Contraction> linear =
        analysis.contractions().stream().filter(c -> c.kind() == Kind.WEIGHT).toList();
    findStreams(linear);
    for (Contraction contraction : linear) {
      for (AxisLayout segment : segments(contraction.reduced())) {
        Object part =
            AtNode.getOrNull(
                contraction.node(),
                () ->
                    !isAttention(segment, contraction)
                        ? mlp(segment, contraction)
                        : isOfStream(segment) ? null : attention(segment, contraction));
        if (part == null) {
          continue;
        }
        boolean isNew =
            segment.equals(AxisLayout.UNIT) || !segment.factors().allMatch(seen::contains);
        boolean isAnotherUse = uses.add(segment, contraction);
        if (isNew || isAnotherUse) {
          parts.add(part);
        }
        segment.factors().forEach(seen::add);
      }
    }
    return BlockPairs.of(parts, analysis);
  }

  /**
   * What layers behind attentions return: those whose result is added to something, then those that
   * start a stream anew. Where values are added to the stream as they are, layers that read it read
   * values, too, but start nothing.
   */
  private void findStreams(List<Contraction> linear) {
    List<Contraction> others = new ArrayList<>();
    for (Contraction layer : linear) {
      if (segments(layer.reduced()).stream().anyMatch(segment -> isBehind(segment, layer))) {
        if (joinsAStream(layer)) {
          joinedStreams.addAll(outputFactors(layer));
        } else {
          others.add(layer);
        }
      }
    }
    attentionStreams.addAll(joinedStreams);
    for (Contraction layer : others) {
      if (segments(layer.reduced()).stream()
          .filter(segment -> isBehind(segment, layer))
          .anyMatch(segment -> !segment.factors().allMatch(joinedStreams::contains))) {
        attentionStreams.addAll(outputFactors(layer));
      }
    }
  }

  private boolean isBehind(AxisLayout segment, Contraction layer) {
    return isAttention(segment, layer) && segment.factors().allMatch(this::isOfAttention);
  }

  private static Collection<AxisLayout> segments(AxisLayout layout) {
    return new LinkedHashSet<>(layout instanceof Sum sum ? sum.parts() : List.of(layout));
  }

  /** Neighbours merged into one token are positions times the stream: no heads, no values. */
  private boolean isOfStream(AxisLayout segment) {
    return segment.factors().anyMatch(f -> attentionStreams.contains(f) && !isOfAttention(f));
  }

  private boolean isAttention(AxisLayout segment, Contraction layer) {
    return segment.size().isKnown()
        && (segment.factors().anyMatch(freeFactors::contains)
            || isOfHeads(segment)
            || isOfSingleColumns(segment, layer));
  }

  private boolean isOfHeads(AxisLayout segment) {
    return segment instanceof Product && segment.factors().anyMatch(batchFactors::contains);
  }

  /**
   * Whether a layer adds up over heads that have one value column each, which leaves no factor:
   * unlike a layer that mixes heads it leaves the heads, and what it reads is a product with an
   * axis of one position.
   */
  private boolean isOfSingleColumns(AxisLayout segment, Contraction layer) {
    if (!segment.factors().allMatch(batchFactors::contains)
        || outputFactors(layer).stream().anyMatch(batchFactors::contains)) {
      return false;
    }
    Contraction weighted = nearestProduct(layer.gates(), inner -> false);
    return weighted != null && weighted.free().stream().anyMatch(axis -> axis.size().is(1));
  }

  private @Nullable AttentionPart attention(AxisLayout segment, Contraction output) {
    Contraction weighted = nearestProduct(output.gates(), layer -> false);
    if (weighted == null) {
      return null;
    }
    List<AxisLayout> heads = new ArrayList<>();
    List<AxisLayout> columns = new ArrayList<>();
    boolean single = isOfSingleColumns(segment, output);
    for (AxisLayout part :
        segment instanceof Product product ? product.parts() : List.of(segment)) {
      // A part without factors, such as the two columns of a rotary pair, is no head.
      boolean head =
          part.factors().findAny().isPresent()
              && part.factors().allMatch(batchFactors::contains)
              && (segment instanceof Product || single);
      (head ? heads : columns).add(part);
    }
    if (heads.isEmpty()) {
      columns.removeAll(tokens(columns, weighted));
    }
    AxisLayout headLayout = new Product(heads);
    Fixed mixed = withRows(headLayout, output);
    List<Factor> deciding =
        factorsOf(heads).stream()
            .distinct()
            .filter(head -> mixed == null && BlockAxes.isEverywhere(head, headLayout))
            .toList();
    AxisLayout scores = scoresColumns(weighted, columns);
    PrunableAxis own =
        heads.isEmpty()
            ? null
            : mixed == null
                ? axes.of(headLayout, heads.get(0), true, List.of())
                : new PrunableAxis(headLayout, null, List.of(), mixed);
    List<Contraction> outputs =
        addingUpOver(columns.isEmpty() ? segment : new Product(columns), Kind.WEIGHT, output);
    List<Contraction> products =
        scores == null ? List.of() : addingUpOver(scores, Kind.ACTIVATIONS, null);
    List<Contraction> behind =
        outputs.stream()
            .filter(
                reader ->
                    reader.equals(output)
                        || (reader.kind() == Kind.WEIGHT
                            && nearestProduct(reader.gates(), layer -> false) != null))
            .toList();
    OtherReaders others = new OtherReaders(analysis, weighted, behind);
    return new AttentionPart(
        own == null ? null : others.heads(own, products, behindAttentions(headLayout)),
        scores == null
            ? null
            : ofAll(
                behind, columns, others.scores(axes.of(scores, scores, heads.isEmpty(), deciding))),
        columns.isEmpty()
            ? single ? BlockAxes.ONE_COLUMN : null
            : isOfStream(columns)
                ? kept(new Product(columns), output, "is an axis of the residual stream, too")
                : areMingled(heads, columns, weighted)
                    ? kept(
                        new Product(columns), output, "cannot tell columns from heads and tokens")
                    : others.values(
                        axes.of(new Product(columns), leading(columns), heads.isEmpty(), deciding),
                        products),
        products,
        outputs);
  }

  /**
   * Layers behind all attentions with these heads, by the product that each reads: they add up over
   * value columns, too, or there is one column for each head.
   */
  private Collection<List<Contraction>> behindAttentions(AxisLayout heads) {
    Map<Contraction, List<Contraction>> found = new LinkedHashMap<>();
    for (Contraction layer : addingUpOver(heads, Kind.WEIGHT, null)) {
      Contraction weighted =
          layer.kind() == Kind.WEIGHT ? nearestProduct(layer.gates(), inner -> false) : null;
      if (weighted != null
          && (isOfSingleColumns(layer.reduced(), layer)
              || layer.reduced().factors().anyMatch(factorsOf(weighted.free())::contains))) {
        found.computeIfAbsent(weighted, product -> new ArrayList<>()).add(layer);
      }
    }
    return found.values();
  }

  /**
   * The parts of what a layer adds up over that lie on another axis of the attention's result than
   * the last one, where that holds what a layer makes: heads that were put together without a
   * transposition went among the tokens, and as many tokens among the columns.
   */
  private List<AxisLayout> tokens(List<AxisLayout> parts, Contraction weighted) {
    List<AxisLayout> result = analysis.layout(weighted.node().output(0));
    if (parts.size() < 2 || result == null || result.isEmpty()) {
      return List.of();
    }
    Set<Factor> last = result.get(result.size() - 1).factors().collect(Collectors.toSet());
    if (Collections.disjoint(last, makers.keySet())) {
      return List.of();
    }
    Set<Factor> others =
        result.subList(0, result.size() - 1).stream()
            .flatMap(AxisLayout::factors)
            .filter(factor -> !last.contains(factor))
            .collect(Collectors.toSet());
    return parts.stream()
        .filter(part -> part.factors().findAny().isPresent())
        .filter(part -> part.factors().allMatch(others::contains))
        .toList();
  }

  /** Whether columns are on an axis of the attention's result that is made of heads, too. */
  private static boolean areMingled(
      List<AxisLayout> heads, List<AxisLayout> columns, Contraction weighted) {
    List<Factor> own = factorsOf(heads);
    List<Factor> all = factorsOf(columns);
    return weighted.free().stream()
        .filter(axis -> axis.factors().anyMatch(all::contains))
        .anyMatch(axis -> axis.factors().anyMatch(own::contains));
  }

  /**
   * Why heads cannot be told apart: the layer behind them adds up over them together with an axis
   * of its rows, such as the samples of a fixed batch. Null if they can.
   */
  private static @Nullable Fixed withRows(AxisLayout heads, Contraction output) {
    Set<Factor> rows =
        output.batch().stream().flatMap(AxisLayout::factors).collect(Collectors.toSet());
    return heads.factors().noneMatch(rows::contains) || heads.factors().allMatch(rows::contains)
        ? null
        : new Fixed(output.node(), "adds up over heads together with an axis that it returns, too");
  }

  /**
   * Columns of queries and keys, kept whole if another attention with the same heads and values
   * compares others: copies of a layer of which an exporter stored only some weights once.
   *
   * @param behind the layers behind all such attentions
   */
  private PrunableAxis ofAll(
      List<Contraction> behind, List<AxisLayout> columns, PrunableAxis scores) {
    for (Contraction layer : behind) {
      Contraction weighted = nearestProduct(layer.gates(), inner -> false);
      AxisLayout compared = weighted == null ? null : scoresColumns(weighted, columns);
      if (weighted != null
          && compared != null
          && scores.isPrunable()
          && Collections.disjoint(
              compared.factors().toList(), scores.layout().factors().toList())) {
        return new PrunableAxis(
            scores.layout(),
            scores.factor(),
            scores.dependsOn(),
            new Fixed(weighted.node(), "has the same heads, but compares columns of its own"));
      }
    }
    return scores;
  }

  /**
   * Whether values join the stream as they are: what goes of them would go of everything there. In
   * EfficientViT each head's output is added to the part of the stream that the next head reads.
   */
  private boolean isOfStream(List<AxisLayout> columns) {
    return factorsOf(columns).stream().anyMatch(joinedStreams::contains);
  }

  private static PrunableAxis kept(AxisLayout axis, Contraction output, String why) {
    return new PrunableAxis(axis, null, List.of(), new Fixed(output.node(), why));
  }

  private static AxisLayout leading(List<AxisLayout> parts) {
    return parts.stream()
        .filter(part -> part.factors().findAny().isPresent())
        .findFirst()
        .orElse(parts.get(0));
  }

  /**
   * All contractions over the factors of a layout that are (or are not) products of activations.
   */
  private List<Contraction> addingUpOver(
      AxisLayout layout, Kind kind, @Nullable Contraction first) {
    Set<Factor> factors = layout.factors().collect(Collectors.toSet());
    return Stream.concat(
            Stream.ofNullable(first),
            analysis.addingUpOver(factors).stream()
                .filter(c -> (c.kind() == Kind.ACTIVATIONS) == (kind == Kind.ACTIVATIONS)))
        .distinct()
        .toList();
  }

  /**
   * What queries and keys are compared in. Where the product of both comes first, it adds up over
   * that. Linear attention multiplies keys and values first, over the positions: that product
   * carries the values' columns, and the one with the queries adds up over what they are compared
   * in.
   */
  private @Nullable AxisLayout scoresColumns(Contraction weighted, List<AxisLayout> columns) {
    Contraction fused =
        analysis.contractions(weighted.node()).stream()
            .filter(c -> !c.equals(weighted) && c.kind() == Kind.ACTIVATIONS)
            .findFirst()
            .orElse(null);
    Contraction scores = fused;
    for (Value operand : fused == null ? DataOperands.of(weighted.node()) : List.<Value>of()) {
      scores = scores == null ? nearestProduct(List.of(operand), this::isInside) : scores;
    }
    if (scores == null) {
      return null;
    }
    List<Factor> values = factorsOf(columns);
    boolean keysMeetValues =
        fused == null && !values.isEmpty() && factorsOf(scores.free()).containsAll(values);
    AxisLayout reduced = keysMeetValues ? weighted.reduced() : scores.reduced();
    return reduced.size().isKnown() ? reduced : null;
  }

  /** Whether a linear layer lies inside an attention, as in talking heads: it reads no stream. */
  private boolean isInside(Contraction layer) {
    return layer.reduced().factors().noneMatch(attentionStreams::contains);
  }

  /**
   * The nearest product of two activations upstream, beyond no linear layer but those that {@code
   * crossed} accepts.
   */
  private @Nullable Contraction nearestProduct(List<Value> start, Predicate<Contraction> crossed) {
    Deque<Value> frontier = new ArrayDeque<>(start);
    Set<Value> visited = new HashSet<>(start);
    while (!frontier.isEmpty()) {
      Node producer = frontier.remove().producer().orElse(null);
      if (producer == null) {
        continue;
      }
      List<Contraction> here = analysis.contractions(producer);
      Contraction product =
          here.stream().filter(c -> c.kind() == Kind.ACTIVATIONS).reduce((a, b) -> b).orElse(null);
      if (product != null) {
        return product;
      }
      if (here.stream().anyMatch(c -> c.kind() == Kind.WEIGHT && !crossed.test(c))) {
        continue;
      }
      DataOperands.of(producer).stream().filter(visited::add).forEach(frontier::add);
    }
    return null;
  }

  private static List<Factor> factorsOf(List<AxisLayout> layouts) {
    return layouts.stream().flatMap(AxisLayout::factors).toList();
  }

  private @Nullable MlpPart mlp(AxisLayout segment, Contraction output) {
    if (!(segment instanceof AxisLayout.Leaf leaf)
        || !segment.size().isKnown()
        || segment.factors().anyMatch(this::isOfAttention)
        || !isComputedByWeights(leaf.factor())
        || !isOfTransformer(leaf.factor(), output)
        || !joinsAStream(output)
        || directly.reads(output)) {
      return null;
    }
    return new MlpPart(
        new PrunableAxis(leaf, leaf.factor(), List.of()), addingUpOver(leaf, Kind.WEIGHT, output));
  }

  /** Heads, values, or columns that queries and keys are compared in. */
  private boolean isOfAttention(Factor factor) {
    return batchFactors.contains(factor)
        || freeFactors.contains(factor)
        || comparedFactors.contains(factor);
  }

  /**
   * Whether the factor is an axis of the result of some linear layer, and not of the stream of an
   * attention.
   */
  private boolean isComputedByWeights(Factor factor) {
    return !attentionStreams.contains(factor) && makers.containsKey(factor);
  }

  /**
   * Convolutions make up whole networks of their own (stems, inverted residuals). They count as the
   * MLP of a block only if they lead from the stream of an attention back to it.
   */
  private boolean isOfTransformer(Factor neurons, Contraction output) {
    List<Contraction> producers = makers.getOrDefault(neurons, List.of());
    if (!isConvolution(output)
        && !producers.stream().allMatch(TransformerRecognizer::isConvolution)) {
      return true;
    }
    return outputFactors(output).stream().anyMatch(attentionStreams::contains)
        && producers.stream()
            .flatMap(c -> c.reduced().factors())
            .anyMatch(attentionStreams::contains);
  }

  private static boolean isConvolution(Contraction contraction) {
    return contraction.node().op().type().contains("Conv");
  }

  private static Set<Factor> outputFactors(Contraction contraction) {
    Set<Factor> factors = new LinkedHashSet<>();
    contraction.free().forEach(layout -> layout.factors().forEach(factors::add));
    return factors;
  }

  /**
   * Whether the result meets another activation in an addition, after nothing but biases, scales
   * and norms.
   */
  private boolean joinsAStream(Contraction output) {
    Deque<Value> frontier = new ArrayDeque<>();
    frontier.add(output.node().output());
    Set<Value> visited = new HashSet<>(frontier);
    while (!frontier.isEmpty()) {
      Value value = frontier.remove();
      for (var use : value.uses()) {
        Node node = use.node();
        if (ResidualStream.isAddition(node)
            && node.presentInputs().anyMatch(v -> v != value && !analysis.isConstant(v))) {
          return true;
        }
        if (ResidualStream.passes(node)) {
          node.presentOutputs().filter(visited::add).forEach(frontier::add);
        }
      }
    }
    return false;
  }
}
