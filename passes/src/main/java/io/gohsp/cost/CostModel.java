package io.gohsp.cost;

import io.gohsp.ir.Dim;
import io.gohsp.ir.Model;
import io.gohsp.ir.ModelException;
import io.gohsp.ir.Node;
import io.gohsp.ir.OpId;
import io.gohsp.ir.Value;
import io.gohsp.shape.ShapeFacts;
import io.gohsp.shape.ShapeInference;
import io.gohsp.shape.Size;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** Counts what a model costs. Nothing is run and no weight is read. */
public final class CostModel {
  /**
   * What an open sequence length, image size and the like stand for unless the caller says
   * otherwise.
   */
  public static final long TYPICAL_EXTENT = 128;

  private CostModel() {}

  /** The operators that multiply and add, and are counted; all others cost nothing. */
  public static Set<OpId> counted() {
    return MacRules.operators(true);
  }

  /** The operators that multiply and add an unknown number of times; {@link Cost} names them. */
  public static Set<OpId> uncounted() {
    return MacRules.operators(false);
  }

  /** As {@link #of(Model, ShapeFacts)}, inferring the shapes first. */
  public static Cost of(Model model) {
    return of(model, ShapeInference.of(model));
  }

  /**
   * The cost of one run with one example. An open batch is 1, every other open extent of an input
   * {@link #TYPICAL_EXTENT}; a batch that the model fixes stays as it is.
   *
   * @param facts of this model as it is now
   * @throws ModelException.Malformed if a count leaves 64 bits
   */
  public static Cost of(Model model, ShapeFacts facts) {
    return of(model, facts, Map.of());
  }

  /**
   * The same with other extents for some of the model's symbols.
   *
   * @param symbols extents by symbol, such as {@code sequence} to 512
   */
  public static Cost of(Model model, ShapeFacts facts, Map<String, Long> symbols) {
    return of(model, facts, symbols, facts::shape);
  }

  /**
   * What the model would cost if its values had other extents: those that pruning gives them, say.
   *
   * @param shapes the extents to count with, of weights too; null where the rank is unknown
   */
  public static Cost of(
      Model model,
      ShapeFacts facts,
      Map<String, Long> symbols,
      Function<Value, @Nullable List<Size>> shapes) {
    Map<String, Long> all = typicalExtents(model, facts);
    all.putAll(symbols);
    MacCounter counter = new MacCounter(model, facts, all, shapes);
    long macs = counter.macs(model.graph());
    List<Weight> weights = Weights.of(model).toList();
    return new Cost(
        weights.stream().mapToLong(weight -> weight.elements(shapes)).sum(),
        weights.stream()
            .filter(Weight::isEmbedding)
            .mapToLong(weight -> weight.elements(shapes))
            .sum(),
        macs,
        weights.stream().mapToLong(weight -> weight.bytes(shapes)).sum(),
        counter.uncounted());
  }

  /**
   * The cost as a sum, for callers that try many extents: a term has to be counted again only when
   * the extents of one of its values change. The terms add up to {@link #of(Model, ShapeFacts, Map,
   * Function)}.
   */
  public static List<CostTerm> terms(Model model, ShapeFacts facts) {
    Map<String, Long> symbols = typicalExtents(model, facts);
    Set<OpId> functions = new HashSet<>();
    model.functions().forEach(function -> functions.add(function.id()));
    List<CostTerm> terms = new ArrayList<>();
    for (Node node : model.graph().nodes()) {
      boolean calls = functions.contains(node.op()) || node.subgraphs().findAny().isPresent();
      if (calls || MacRules.counts(node.op())) {
        terms.add(new CostTerm.Macs(node, model, facts, symbols));
      }
    }
    Weights.of(model).forEach(weight -> terms.add(new CostTerm.Params(weight)));
    return terms;
  }

  /** A batch is called so or, if nothing is, comes first in an input. */
  private static Map<String, Long> typicalExtents(Model model, ShapeFacts facts) {
    List<String> first = new ArrayList<>();
    Map<String, Long> extents = new LinkedHashMap<>();
    for (Value input : model.graph().inputs()) {
      List<Size> shape = facts.shape(input);
      for (int axis = 0; shape != null && axis < shape.size(); axis++) {
        if (!shape.get(axis).isKnown()) {
          String symbol = shape.get(axis).toString();
          extents.put(symbol, isCalledBatch(symbol) ? 1 : TYPICAL_EXTENT);
          if (axis == 0) {
            first.add(symbol);
          }
        }
      }
    }
    if (extents.keySet().stream().noneMatch(CostModel::isCalledBatch)) {
      first.forEach(symbol -> extents.put(symbol, 1L));
    }
    return extents;
  }

  private static boolean isCalledBatch(String symbol) {
    return !Dim.isOfAxis(symbol) && symbol.toLowerCase(Locale.ROOT).contains("batch");
  }
}
