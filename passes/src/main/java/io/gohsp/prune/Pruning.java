package io.gohsp.prune;

import io.gohsp.axis.AxisAnalysis;
import io.gohsp.axis.AxisLayout;
import io.gohsp.axis.Factor;
import io.gohsp.basis.BasisChange;
import io.gohsp.branch.UnreadNorms;
import io.gohsp.ir.Location;
import io.gohsp.ir.Model;
import io.gohsp.ir.ModelCopy;
import io.gohsp.ir.ModelException;
import io.gohsp.ir.Node;
import io.gohsp.ir.Value;
import io.gohsp.normalize.MergeCopies;
import io.gohsp.normalize.RemoveUnused;
import io.gohsp.normalize.WorkingModel;
import io.gohsp.plan.BlockPlan;
import io.gohsp.plan.Keeps;
import io.gohsp.plan.PlanResolver;
import io.gohsp.plan.PruningPlan;
import io.gohsp.vit.AttentionPart;
import io.gohsp.vit.PrunableAxis;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** What a plan makes of a model: the pruned model, and the masked one that it must equal. */
public final class Pruning {
  private Pruning() {}

  /**
   * The smaller model. The original is not changed; weights are shared with it until they are
   * written.
   *
   * @throws io.gohsp.ir.ModelException.BadPlan if the plan does not fit the model
   */
  public static Model prune(Model original, PruningPlan plan) {
    if (plan.blocks().isEmpty() && plan.streams().isEmpty()) { // it says nothing of anything
      return ModelCopy.of(original).model();
    }
    return cut(
        plan.changesBasis() || !plan.streams().isEmpty() ? prepared(original, plan) : original,
        plan);
  }

  /**
   * What blocks are cut from: the original with columns and streams in the bases of the plan, and
   * streams as narrow as it says. A copy of the original if it says nothing of that.
   *
   * @throws io.gohsp.ir.ModelException.BadPlan if the plan does not fit the model
   */
  public static Model prepared(Model original, PruningPlan plan) {
    Model turned = inBasis(original, plan);
    return plan.streams().isEmpty() ? turned : NarrowedStreams.cut(turned, plan.streams());
  }

  /**
   * The original with the columns of its heads in the bases of the plan, at full width: it computes
   * what the original does. A copy of the original if the plan changes no basis.
   *
   * @throws io.gohsp.ir.ModelException.BadPlan if a basis does not fit the model
   */
  public static Model inBasis(Model original, PruningPlan plan) {
    return plan.changesBasis()
        ? BasisChange.apply(original, plan.blocks().stream().map(BlockPlan::basis).toList())
        : ModelCopy.of(original).model();
  }

  private static Model cut(Model original, PruningPlan plan) {
    WorkingModel plain = WorkingModel.plain(original);
    Set<String> packed = packedAndSplit(plain, plan);
    boolean unequalHeads = plan.blocks().stream().map(BlockPlan::headsKept).distinct().count() > 1;
    WorkingModel target =
        WorkingModel.normalized(
            original, node -> packed.contains(node.output().name()), unequalHeads);
    Keeps keeps;
    try {
      keeps = PlanResolver.resolve(plan, target.blocks(), Location.of(original));
    } catch (
        ModelException.BadPlan partial) { // only a model taken apart as a whole shows its heads
      target = WorkingModel.normalized(original);
      keeps = PlanResolver.resolve(plan, target.blocks(), Location.of(original));
    }
    if (keeps.isEmpty()) {
      return ModelCopy.of(original).model(); // as the user wrote it, local functions included
    }
    Set<String> unused = RemoveUnused.unused(original);
    AxisAnalysis analysis = target.analysis();
    Map<Value, List<AxisLayout>> left = DroppedBranches.run(target, keeps);
    if (left != null) {
      RemoveUnused.run(target.model(), unused);
      UnreadNorms.run(target.model(), unused);
      RemoveUnused.run(target.model(), unused);
      analysis = analysis.ofWhatIsLeft(target.model(), left);
      DroppedBranches.requireGone(target.model(), analysis, keeps);
    }
    new PrunePass(analysis, target.facts(), keeps).run(target.model());
    MergeCopies.run(target.copies());
    RemoveUnused.run(target.model(), unused);
    OptimizerNames.run(target.model());
    ListedInitializers.run(target.model());
    return target.model();
  }

  /**
   * Names of reshapes of packed projections that the plan cuts differently in queries, keys and
   * values: only those need to be taken apart.
   */
  private static Set<String> packedAndSplit(WorkingModel plain, PruningPlan plan) {
    Set<Factor> factors = new HashSet<>();
    for (int i = 0; i < Math.min(plain.blocks().size(), plan.blocks().size()); i++) {
      AttentionPart attention = plain.blocks().get(i).attention();
      BlockPlan block = plan.blocks().get(i);
      boolean cutApart = !Objects.equals(block.qkKept(), block.vKept());
      if (attention != null
          && (cutApart || (block.headsKept() != null && headsMix(plain, attention)))) {
        addFactor(attention.qk(), factors);
        addFactor(attention.v(), factors);
      }
    }
    Set<String> names = new HashSet<>();
    plain
        .analysis()
        .layouts()
        .forEach(
            (value, layouts) -> {
              Node producer = value.producer().orElse(null);
              if (producer != null
                  && producer.is("Reshape")
                  && layouts.stream().flatMap(AxisLayout::factors).anyMatch(factors::contains)) {
                names.add(value.name());
              }
            });
    return names;
  }

  /** Whether something other than the output projection adds up over the heads (talking heads). */
  private static boolean headsMix(WorkingModel plain, AttentionPart attention) {
    PrunableAxis heads = attention.heads();
    Set<Factor> factors =
        heads == null ? Set.of() : heads.layout().factors().collect(Collectors.toSet());
    return plain.analysis().contractions().stream()
        .filter(contraction -> !attention.outputs().contains(contraction))
        .flatMap(contraction -> contraction.reduced().factors())
        .anyMatch(factors::contains);
  }

  private static void addFactor(@Nullable PrunableAxis axis, Set<Factor> factors) {
    if (axis != null) {
      axis.layout().factors().forEach(factors::add);
    }
  }

  /**
   * The original, in the bases of the plan, with everything the plan removes switched off. Packed
   * projections stay as the user wrote them wherever the plan can be told there; it may be that
   * only taking one apart tells queries, keys and values from each other.
   *
   * @throws io.gohsp.ir.ModelException.BadPlan if the plan does not fit the model
   */
  public static Model mask(Model original, PruningPlan plan) {
    return narrow(
        original,
        MaskedOriginal.of(plan.changesBasis() ? inBasis(original, plan) : original, plan),
        plan);
  }

  /**
   * Switches off what a plan takes of a model's residual streams, at full width: in front of every
   * norm stands a projection onto the directions that stay.
   *
   * @param original whose streams the plan names
   * @param masked the original, or what masks and switches make of it; changed
   * @return the masked model
   * @throws ModelException.BadPlan if the plan does not fit
   */
  public static Model narrow(Model original, Model masked, PruningPlan plan) {
    return plan.streams().isEmpty()
        ? masked
        : NarrowedStreams.mask(original, masked, plan.streams());
  }
}
