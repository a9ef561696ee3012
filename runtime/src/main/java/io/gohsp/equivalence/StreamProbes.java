package io.gohsp.equivalence;

import io.gohsp.axis.AxisLayout;
import io.gohsp.axis.Factor;
import io.gohsp.ir.Graph;
import io.gohsp.ir.Model;
import io.gohsp.ir.ModelCopy;
import io.gohsp.ir.Node;
import io.gohsp.ir.OpId;
import io.gohsp.ir.Traversal;
import io.gohsp.ir.Value;
import io.gohsp.normalize.WorkingModel;
import io.gohsp.op.ConstantValue;
import io.gohsp.plan.PruningPlan;
import io.gohsp.rewrite.GraphBuilder;
import io.gohsp.shape.Size;
import io.gohsp.stream.Streams;
import io.gohsp.tensor.Tensor;
import io.gohsp.verify.Branches;
import io.gohsp.vit.Block;
import io.gohsp.vit.StreamPoint;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Values inside a model that must be the same before and after a cut: what each part of a block
 * adds to the residual stream, and the stream behind it. Compared there, a mistake shows at its own
 * scale, however little of it is left in the outputs. Of many tokens some are looked at, of
 * channels all. Values that a cut makes shorter are left out: an MLP that makes a bias of positions
 * for each head adds to no stream. Where a plan narrows a stream, what the original holds is
 * brought into the narrow stream's channels by the plan's directions alone; where that does not
 * tell what it becomes, as behind a norm, it is named as not looked at. Conditions of If nodes are
 * returned with them, so that samples can be chosen that take both branches.
 */
final class StreamProbes {
  /** Positions that are looked at along an axis of tokens, or of a picture's rows or columns. */
  private static final long POSITIONS = 16;

  /** From here on operands say what a Slice takes. */
  private static final int SLICE_OPERANDS = 10;

  private static final String PREFIX = "gohsp_probe_";

  /**
   * What is looked at.
   *
   * @param value its name in both models
   * @param label what messages call it
   * @param channels which axis is taken whole
   * @param steps between positions along all axes
   * @param turning how the original's value becomes that of a model with narrow streams
   */
  @SuppressWarnings("ArrayRecordComponent") // never compared
  private record Probe(
      String value, String label, int channels, long[] steps, @Nullable Turning turning) {}

  private final WorkingModel working;
  private final PruningPlan plan;
  private final @Nullable Streams streams;
  private final Map<String, Probe> probes = new LinkedHashMap<>();
  private final List<String> hidden = new ArrayList<>();

  /** What the original returns, which is compared anyway. */
  private final Set<String> returned;

  private StreamProbes(WorkingModel working, PruningPlan plan) {
    this.plan = plan;
    this.returned =
        working.model().graph().outputs().stream().map(Value::name).collect(Collectors.toSet());
    this.streams = plan.streams().isEmpty() ? null : Streams.of(working);
    this.working = streams == null ? working : streams.model();
  }

  /** Of all blocks of a model. */
  static StreamProbes of(Model original, PruningPlan plan) {
    WorkingModel working = WorkingModel.normalized(original);
    StreamProbes probes = new StreamProbes(working, plan);
    for (StreamPoint point : StreamPoint.of(probes.working.blocks())) {
      probes.add(point.contribution(), "what " + point.name() + " adds to the stream");
      if (point.stream() != null) {
        probes.add(point.stream(), "the stream behind " + point.name());
      }
    }
    Traversal.nodesWithin(working.model().graph())
        .filter(node -> node.is("If") && ConstantValue.of(node.input(0)) == null)
        .forEach(probes::addCondition);
    return probes;
  }

  private void addCondition(Node node) {
    String name = "If \"" + node.name() + "\"";
    if (node.graph() != node.graph().model().graph()) {
      hidden.add("which branches " + name + " takes, which is part of another node");
      return;
    }
    String output = Branches.PREFIX + probes.size();
    probes.put(output, new Probe(node.input(0).name(), Branches.label(name), 0, new long[0], null));
  }

  /** What no output can tell, in words. */
  List<String> hidden() {
    return List.copyOf(hidden);
  }

  private void add(Value value, String what) {
    List<Size> shape = working.facts().shape(value);
    Turning turning = Turning.of(working, streams, plan, value);
    String name = streams == null ? value.name() : streams.nameOutside(value);
    if (returned.contains(name) || mayShrink(value)) {
      return;
    }
    if (turning == null || shape == null) {
      hidden.add(
          what
              + (shape == null
                  ? ", whose shape is not known"
                  : ", as narrowing it is not followed there"));
      return;
    }
    long[] steps = new long[shape.size()];
    for (int axis = 0; axis < steps.length; axis++) {
      Size extent = shape.get(axis);
      long positions =
          axis > 0
              ? extent.isKnown() ? extent.value() : 1
              : steps.length == 2 ? ofOneExample(extent) : 1; // else the examples themselves
      steps[axis] = Math.max(1, positions / POSITIONS);
    }
    boolean convolution = value.producer().map(node -> node.is("Conv")).orElse(false);
    int channels = turning.channels(convolution ? 1 : steps.length - 1);
    probes.putIfAbsent(
        PREFIX + probes.size(), new Probe(value.name(), what, channels, steps, turning));
  }

  /** Tokens of an example, where an axis holds those of all examples. */
  private static long ofOneExample(Size extent) {
    Map<String, Long> one = extent.symbols().distinct().collect(Collectors.toMap(s -> s, s -> 1L));
    return extent.evaluate(one).orElse(1);
  }

  private boolean mayShrink(Value value) {
    Set<Factor> prunable =
        working.blocks().stream()
            .flatMap(Block::axes)
            .flatMap(axis -> axis.layout().factors())
            .filter(factor -> !factor.isFixed())
            .collect(Collectors.toSet());
    List<AxisLayout> axes = working.analysis().layout(value);
    return axes != null && axes.stream().flatMap(AxisLayout::factors).anyMatch(prunable::contains);
  }

  /** What messages call the values, by the name of the output that returns them. */
  Map<String, String> labels() {
    Map<String, String> labels = new LinkedHashMap<>();
    probes.forEach(
        (output, probe) ->
            labels.put(
                output,
                output.startsWith(Branches.PREFIX)
                    ? probe.label()
                    : "%s (\"%s\")".formatted(probe.label(), probe.value())));
    return labels;
  }

  /** A copy of a pruned model that returns them too, as far as it has them. */
  Model in(Model pruned) {
    return in(pruned, false);
  }

  /** A copy of the original, masked or not, that returns what the pruned model is to return. */
  Model inOriginal(Model model) {
    return in(model, true);
  }

  private Model in(Model model, boolean whole) {
    Model copy = ModelCopy.of(model).model();
    Map<String, Value> values = new HashMap<>();
    copy.graph().inputs().forEach(value -> values.put(value.name(), value));
    for (Node node : copy.graph().nodes()) {
      node.presentOutputs().forEach(value -> values.put(value.name(), value));
    }
    probes.forEach(
        (output, probe) -> {
          Value value = values.get(probe.value());
          if (value != null && !values.containsKey(output)) {
            returned(copy, output, value, probe, whole);
          }
        });
    return copy;
  }

  private static void returned(
      Model model, String output, Value value, Probe probe, boolean whole) {
    Graph graph = model.graph();
    List<Long> axes = new ArrayList<>();
    List<Long> steps = new ArrayList<>();
    int first = probe.steps().length > 0 && probe.steps()[0] > 1 ? 0 : 1;
    for (int axis = first; axis < probe.steps().length && model.opset() >= SLICE_OPERANDS; axis++) {
      if (axis != probe.channels()) {
        axes.add((long) axis);
        steps.add(probe.steps()[axis]);
      }
    }
    List<Long> from = Collections.nCopies(axes.size(), 0L);
    List<Long> to = new ArrayList<>();
    for (int i = 0; i < axes.size(); i++) {
      to.add(axes.get(i) == 0 ? Long.MAX_VALUE : steps.get(i) * POSITIONS);
    }
    List<@Nullable Value> operands = new ArrayList<>(List.of(value));
    for (List<Long> operand :
        axes.isEmpty() ? List.<List<Long>>of() : List.of(from, to, axes, steps)) {
      operands.add(
          graph.addInitializer(
              model.names().fresh(output + "_slice"),
              Tensor.ofLongs(operand.stream().mapToLong(Long::longValue).toArray())));
    }
    GraphBuilder at = GraphBuilder.appendingTo(graph).in(output);
    Value some = at.op(axes.isEmpty() ? "Identity" : "Slice", operands.toArray(Value[]::new));
    boolean turned = whole && probe.turning() != null;
    Value result = graph.newValue(output);
    graph.append(
        OpId.of("Identity"),
        output,
        List.of(turned ? probe.turning().apply(at, some) : some),
        List.of(result));
    graph.addOutput(result);
  }
}
