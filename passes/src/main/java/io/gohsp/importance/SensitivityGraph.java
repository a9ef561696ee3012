package io.gohsp.importance;

import io.gohsp.autodiff.Backward;
import io.gohsp.autodiff.JointCleanup;
import io.gohsp.autodiff.Loss;
import io.gohsp.autodiff.Losses;
import io.gohsp.axis.AxisLayout;
import io.gohsp.ir.Graph;
import io.gohsp.ir.IrVerifier;
import io.gohsp.ir.Location;
import io.gohsp.ir.Model;
import io.gohsp.ir.ModelException;
import io.gohsp.ir.Node;
import io.gohsp.ir.OpId;
import io.gohsp.ir.Value;
import io.gohsp.lower.Lowering;
import io.gohsp.normalize.WorkingModel;
import io.gohsp.rewrite.GraphBuilder;
import io.gohsp.selection.BlockGroups;
import io.gohsp.selection.Importance;
import io.gohsp.shape.ShapeFacts;
import io.gohsp.shape.ShapeInference;
import io.gohsp.vit.Block;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/**
 * A model that returns its loss and, for every group g, how much the loss changes as the group is
 * scaled: {@code s_g = Σ x·∂L/∂x} over the elements x that are scaled, so that {@code L((1−ε) g) =
 * L − ε s_g + O(ε²)}.
 *
 * <p><b>{@link Measured#GATES}</b> scales the activations in front of the contractions that consume
 * the group, where verification puts its zeroes. With a gate γ of ones there, {@code ∂L/∂γ_g = Σ
 * x·∂L/∂x} over the gated positions x: the chain rule for {@code γx} at γ = 1. No gate has to be
 * written, as the gradient by x is there anyway; and since the sum may leave out the samples' axis,
 * each sample's share costs nothing more.
 *
 * <p><b>{@link Measured#WEIGHTS}</b> scales all weights of the group, {@code Σ w·∂L/∂w}: the score
 * of METHOD.md section 7. How the two are related follows from Euler's theorem ({@code Σ w·∂f/∂w =
 * k f} where f is homogeneous of degree k in w):
 *
 * <ul>
 *   <li>The consuming weights enter linearly: with {@code y = x W} the sum over row g of W is
 *       {@code Σ_j W_gj Σ_n x_ng ∂L/∂y_nj = Σ_n x_ng ∂L/∂x_ng}, the gate's gradient.
 *   <li>A value column is linear in its weights and bias, so they contribute the gate's gradient
 *       once more: together 2 ∂L/∂γ. Likewise a query-key column: {@code q_i k_i} is linear in
 *       either side, together 2 ∂L/∂γ, unless a norm stands between the projection and the product.
 *   <li>A neuron {@code φ(z)} is not linear in its first layer, which contributes {@code Σ z φ'(z)
 *       ∂L/∂φ} instead, for ReLU alone the gate's gradient again.
 *   <li>A head is all of its columns: {@code 2 (Σ ∂L/∂γ_v + Σ ∂L/∂γ_qk)}, where its gate is the
 *       first sum alone.
 * </ul>
 *
 * <p>So no factor turns gates into weights for neurons and heads, and both are offered. The
 * weights' gradients are needed for the one only; they cost as much again as the rest of the
 * backward pass.
 *
 * <p>Inputs of {@link #model}: those of the measured model under their names (half precision
 * becomes FLOAT), and {@link #target}. Outputs: the loss, then one for each term.
 *
 * @param model standard operators only
 * @param loss FLOAT scalar
 * @param target what the loss is towards, see {@link Loss}
 * @param measured what is scaled
 * @param terms parts of the groups' sums
 * @param squares by name of a value {@code Σ (∂L/∂y)²} over samples and tokens, [channels]
 * @param blocks what the terms speak of; of the same sizes as those of the measured model
 */
public record SensitivityGraph(
    Model model,
    Value loss,
    Value target,
    Measured measured,
    List<Term> terms,
    Map<String, Value> squares,
    List<Block> blocks) {

  /**
   * {@code x·∂L/∂x}, added up over all axes that tell no groups (and no samples) apart.
   *
   * @param output of {@link #model}: [samples, cells..] or [cells..], FLOAT
   * @param axes the layouts of the axes of cells
   * @param members the groups that the cells belong to
   */
  public record Term(Value output, List<AxisLayout> axes, List<Member> members) {}

  /**
   * A value whose gradients are wanted by channel.
   *
   * @param value its name
   * @param second whether channels are its axis 1, not its last
   */
  public record Channels(String value, boolean second) {}

  /** Groups of one kind in one block. */
  public record Member(int block, BlockGroups groups) {}

  /**
   * Builds the graph; the model stays as it is.
   *
   * @param working the model as it will be pruned
   * @param loss in terms of an output of {@code working.model()}; a mean over samples, so that a
   *     sample's share is {@code 1 / samples} of what its own loss would give
   * @throws ModelException.Unsupported if an operator between loss and groups cannot be
   *     differentiated, the samples cannot be told apart at a gate, or the lowered copy shows other
   *     groups
   */
  public static SensitivityGraph of(WorkingModel working, Loss loss, Measured measured) {
    return of(working, loss, measured, List.of());
  }

  /**
   * Likewise with gradients by some values.
   *
   * @param channels of which {@link #squares} are wanted; what lowering took away is left out
   */
  public static SensitivityGraph of(
      WorkingModel working, Loss loss, Measured measured, List<Channels> channels) {
    int returned = working.model().graph().outputs().indexOf(loss.value());
    if (returned < 0) {
      throw new IllegalArgumentException(loss.value().name() + " is no output of the model");
    }
    WorkingModel lowered = WorkingModel.normalized(Lowering.of(working.model()).model());
    requireSameGroups(working, lowered);
    Graph graph = lowered.model().graph();
    Value output = graph.outputs().get(returned);
    graph.clearOutputs();
    List<Scaled> scaled =
        measured == Measured.GATES ? ScaledGates.of(lowered) : ScaledWeights.of(lowered);
    Losses losses = new Losses(graph, ShapeInference.of(lowered.model()));
    Losses.Term written = losses.write(loss, output);
    return differentiated(lowered, written, measured, scaled, channels);
  }

  /** Scores are read as those of the original's groups, by their places. */
  private static void requireSameGroups(WorkingModel working, WorkingModel lowered) {
    List<Importance.Scores> expected =
        working.blocks().stream().map(Importance.Scores::zeros).toList();
    List<Importance.Scores> actual =
        lowered.blocks().stream().map(Importance.Scores::zeros).toList();
    if (!expected.equals(actual)) {
      throw new ModelException.Unsupported(
          Location.of(working.model()),
          "taken apart for gradients, the model shows other heads, columns or neurons than before",
          wayOut(working.model()));
    }
  }

  private static String wayOut(Model model) {
    String fused =
        model.graph().nodes().stream()
            .map(Node::op)
            .filter(Lowering.operators()::contains)
            .map(OpId::toString)
            .distinct()
            .collect(Collectors.joining(", "));
    return "prune it without data, or export it another way"
        + (fused.isEmpty() ? "" : ", such as without the fused " + fused);
  }

  private static SensitivityGraph differentiated(
      WorkingModel lowered,
      Losses.Term loss,
      Measured measured,
      List<Scaled> scaled,
      List<Channels> channels) {
    Graph graph = lowered.model().graph();
    ShapeFacts facts = ShapeInference.of(lowered.model());
    Value one = GraphBuilder.appendingTo(graph).in("loss").scalar(1);
    Map<Value, Channels> byChannel = byChannel(graph, facts, channels);
    Map<Value, Value> gradients =
        Backward.append(
            graph,
            facts,
            Map.of(loss.value(), one),
            Stream.concat(scaled.stream().map(Scaled::value), byChannel.keySet().stream())
                .distinct()
                .toList());
    graph.addOutput(loss.value());
    ShareSum sums = new ShareSum(lowered, facts, measured == Measured.GATES);
    Map<Scaled, List<AxisLayout>> axes = new LinkedHashMap<>();
    for (Scaled part : scaled) {
      Value gradient = gradients.get(part.value());
      if (gradient != null) { // the loss may not depend on all of the model
        axes.put(part, sums.append(part, gradient));
      }
    }
    List<String> squared = new ArrayList<>();
    byChannel.forEach(
        (value, some) -> {
          Value gradient = gradients.get(value);
          if (gradient != null) {
            int rank = Objects.requireNonNull(facts.shape(value)).size();
            graph.addOutput(squares(graph, gradient, rank, some.second() ? 1 : rank - 1));
            squared.add(some.value());
          }
        });
    JointCleanup.run(lowered.model());
    IrVerifier.verify(lowered.model());
    List<Value> outputs = graph.outputs();
    List<Term> terms = new ArrayList<>();
    axes.forEach(
        (part, cells) -> terms.add(new Term(outputs.get(1 + terms.size()), cells, part.members())));
    Map<String, Value> squares = new LinkedHashMap<>();
    squared.forEach(name -> squares.put(name, outputs.get(1 + terms.size() + squares.size())));
    return new SensitivityGraph(
        lowered.model(), outputs.get(0), loss.target(), measured, terms, squares, lowered.blocks());
  }

  /** The values of these names that are there and have axes. */
  private static Map<Value, Channels> byChannel(
      Graph graph, ShapeFacts facts, List<Channels> channels) {
    Map<Value, Channels> all = new LinkedHashMap<>();
    for (Channels some : channels) {
      graph.nodes().stream()
          .flatMap(Node::presentOutputs)
          .filter(value -> value.name().equals(some.value()))
          .filter(value -> facts.shape(value) != null && !facts.shape(value).isEmpty())
          .findFirst()
          .ifPresent(value -> all.put(value, some));
    }
    return all;
  }

  private static Value squares(Graph graph, Value gradient, int rank, int axis) {
    GraphBuilder g = GraphBuilder.appendingTo(graph).in("squares").in(gradient.name());
    long[] others = IntStream.range(0, rank).filter(i -> i != axis).asLongStream().toArray();
    Value squares = g.mul(gradient, gradient);
    // No axes at all would mean every axis.
    return others.length == 0 ? squares : g.reduceSum(squares, false, others);
  }
}
