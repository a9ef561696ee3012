package io.gohsp.rank;

import io.gohsp.axis.AxisAnalysis;
import io.gohsp.ir.Graph;
import io.gohsp.ir.Location;
import io.gohsp.ir.Model;
import io.gohsp.ir.ModelException;
import io.gohsp.ir.Value;
import io.gohsp.ir.ValueType;
import io.gohsp.linear.TokenExtents;
import io.gohsp.linear.TokenMask;
import io.gohsp.lower.Lowering;
import io.gohsp.normalize.RemoveUnused;
import io.gohsp.plan.InvalidOption;
import io.gohsp.rewrite.GraphBuilder;
import io.gohsp.shape.ShapeFacts;
import io.gohsp.shape.ShapeInference;
import io.gohsp.vit.AttentionPart;
import io.gohsp.vit.Block;
import io.gohsp.vit.OwnLayers;
import io.gohsp.vit.TransformerRecognizer;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * A model that takes what the original takes and returns, for each block, how similar its heads
 * are: one H×H matrix for each sample of the batch. Maps and outputs of heads stay inside; what the
 * original does after its last attention is left out.
 *
 * @param model fused operators taken apart, so that attention of every form has maps to compare
 * @param similarity what is compared
 * @param parts one for each block with attention, in the order of the graph
 */
public record HeadGraph(Model model, Similarity similarity, List<Part> parts) {
  public HeadGraph {
    parts = List.copyOf(parts);
  }

  /**
   * The heads of a block.
   *
   * @param block its name, as everywhere
   * @param heads how many there are; query heads where these share keys and values
   * @param output [samples, heads, heads], FLOAT, an output of the model; null where one head has
   *     nothing to be compared with
   */
  public record Part(String block, int heads, @Nullable Value output) {}

  /**
   * Instruments a model, which stays as it is.
   *
   * @throws ModelException.Unsupported if the heads of a block cannot be compared this way, or the
   *     model cannot be lowered
   * @throws ModelException.NothingToPrune if no block has more than one head
   */
  public static HeadGraph of(Model original, Similarity similarity) {
    return of(original, similarity, 1);
  }

  /** As many rows as can be compared in a tenth to a fifth of the time that the model takes. */
  public static final int AFFORDABLE_ROWS = 0;

  /**
   * {@link #of(Model, Similarity)} with only some of the attention maps' query rows.
   *
   * @param rowStep 1 for all rows, 2 for every second, {@link #AFFORDABLE_ROWS} to have it chosen;
   *     of no effect on other similarities. Most of the time goes into logarithms of all pairs of
   *     maps, in proportion to the rows
   * @throws InvalidOption if rows are to be skipped in samples that may be padded
   */
  public static HeadGraph of(Model original, Similarity similarity, int rowStep) {
    return of(original, similarity, rowStep, null);
  }

  /**
   * Likewise where an input says which tokens count.
   *
   * @param mask as in {@link TokenMask#named}: attention maps are compared at these queries alone;
   *     null to see what nothing looks at
   */
  public static HeadGraph of(
      Model original, Similarity similarity, int rowStep, @Nullable String mask) {
    if (rowStep < 0) {
      throw new IllegalArgumentException("every " + rowStep + "th row");
    }
    Model model = Lowering.of(original).model();
    ShapeFacts facts = ShapeInference.of(model);
    AxisAnalysis analysis = AxisAnalysis.of(model, facts);
    List<Block> blocks = TransformerRecognizer.blocks(analysis);
    Graph graph = model.graph();
    boolean comparable =
        blocks.stream().anyMatch(b -> b.attention() != null && b.attention().headCount() > 1);
    if (!comparable) {
      throw new ModelException.NothingToPrune(
          Location.of(original),
          "no block has several heads that can be told apart"
              + (analysis.unknownOperators().isEmpty()
                  ? ""
                  : ", and these operators are not known: " + analysis.unknownOperators()),
          "rank a model whose attention has heads");
    }
    ImageAxis images = ImageAxis.of(model, facts, analysis);
    boolean mayPad = mask != null || mayPad(graph);
    // Of a sample that is mostly padding, every Nth row may be none that counts.
    if (rowStep > 1 && similarity == Similarity.ATTENTION && mayPad) {
      throw new InvalidOption(
          "--row-step %d: samples of this model may be padded, so that all rows are compared; leave it out"
              .formatted(rowStep));
    }
    int step =
        rowStep == AFFORDABLE_ROWS && similarity == Similarity.ATTENTION && !mayPad
            ? RowStep.affordable(model, facts, analysis, blocks)
            : Math.max(1, rowStep);
    Instrument instrument =
        new Instrument(
            GraphBuilder.appendingTo(graph),
            facts,
            analysis,
            images,
            mayPad,
            new TokenExtents(graph, facts, mask == null ? TokenMask.inputOf(graph) : mask),
            mask == null ? null : TokenMask.append(graph, original, mask),
            step);
    graph.clearOutputs();
    List<Part> parts = new ArrayList<>();
    OwnLayers own = new OwnLayers(blocks);
    for (Block block : blocks) {
      AttentionPart attention = block.attention();
      if (attention != null) {
        parts.add(part(block, attention, own, similarity, analysis, instrument));
      }
    }
    RemoveUnused.run(model, Set.of());
    return new HeadGraph(model, similarity, parts);
  }

  private static Part part(
      Block block,
      AttentionPart attention,
      OwnLayers own,
      Similarity similarity,
      AxisAnalysis analysis,
      Instrument instrument) {
    int heads = attention.headCount();
    if (heads == 1) {
      return new Part(block.name(), heads, null);
    }
    List<AttentionSite> sites = AttentionSite.of(block, own, analysis);
    String scope = "gohsp/" + block.name().replace(' ', '_');
    List<Value> results = new ArrayList<>();
    for (int i = 0; i < sites.size(); i++) {
      Instrument here = instrument.in(sites.size() == 1 ? scope : scope + "/use_" + i);
      results.add(write(sites.get(i), similarity, here));
    }
    GraphBuilder g = instrument.in(scope).build().as("similarity");
    Value mean = g.op("Mean", results.toArray(Value[]::new));
    mean.graph().addOutput(mean);
    return new Part(block.name(), heads, mean);
  }

  private static Value write(AttentionSite site, Similarity similarity, Instrument instrument) {
    return switch (similarity) {
      case ATTENTION -> MapDivergence.write(site, instrument);
      case OUTPUT -> HeadCosine.ofOutputs(site, instrument);
      case CONTRIBUTION -> HeadCosine.ofContributions(site, instrument);
    };
  }

  /** Pictures are never padded; whoever takes ids, or several inputs, may be told what counts. */
  private static boolean mayPad(Graph graph) {
    List<Value> fed = graph.inputs().stream().filter(input -> input.constant() == null).toList();
    return fed.size() != 1
        || !(fed.get(0).type() instanceof ValueType.TensorType type)
        || !type.element().isFloating();
  }
}
