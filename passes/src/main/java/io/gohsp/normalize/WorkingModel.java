package io.gohsp.normalize;

import io.gohsp.axis.AxisAnalysis;
import io.gohsp.ir.Location;
import io.gohsp.ir.Model;
import io.gohsp.ir.ModelCopy;
import io.gohsp.ir.Node;
import io.gohsp.ir.Value;
import io.gohsp.shape.ShapeFacts;
import io.gohsp.shape.ShapeInference;
import io.gohsp.vit.AgreedBlocks;
import io.gohsp.vit.Block;
import io.gohsp.vit.TransformerRecognizer;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Predicate;

/**
 * A copy of the user's model with everything that is known about it.
 *
 * @param model the copy; computes the same
 * @param copies constants that were given to one reader alone, with what they are copies of
 */
public record WorkingModel(
    Model model,
    ShapeFacts facts,
    AxisAnalysis analysis,
    List<Block> blocks,
    Map<Value, Value> copies) {

  /**
   * As the user wrote it, but for local functions, which are inlined, and parameters that were
   * merged because they are equal.
   */
  public static WorkingModel plain(Model original) {
    Model model = ModelCopy.of(original).model();
    InlineFunctions.run(model);
    SeparateParameters.run(model);
    return analyzed(model, ShapeInference.of(model), Map.of());
  }

  /** Normalised so that every block can lose what it likes. */
  public static WorkingModel normalized(Model original) {
    return normalized(original, node -> true, true);
  }

  /**
   * Likewise, to be fed samples: the batch has one name ({@link OneBatch}), but of the blocks no
   * more may go than as the user named it.
   */
  public static WorkingModel forSamples(Model original) {
    Model model = ModelCopy.of(original).model();
    boolean named = OneBatch.run(model);
    WorkingModel fed = normalized(model);
    return named
        ? fed.with(AgreedBlocks.of(fed.blocks, normalized(original).blocks, Location.of(original)))
        : fed;
  }

  private WorkingModel with(List<Block> others) {
    return new WorkingModel(model, facts, analysis, others, copies);
  }

  /**
   * Normalised, but only projections whose reshape is named are unpacked.
   *
   * @param unpacked which reshapes of packed projections are taken apart
   * @param ownBiases whether blocks that add one attention bias get one each
   */
  public static WorkingModel normalized(
      Model original, Predicate<Node> unpacked, boolean ownBiases) {
    Model model = ModelCopy.of(original).model();
    InlineFunctions.run(model);
    Map<Value, Value> copies = new LinkedHashMap<>(SeparateParameters.run(model));
    copies.putAll(UnshareConstants.run(model));
    if (ownBiases) {
      UnshareBiases.run(model, copies);
    }
    ShapeFacts facts = ShapeInference.of(model);
    Set<String> unused = RemoveUnused.unused(model);
    if (UnstackSums.run(model, facts) > 0) {
      RemoveUnused.run(model, unused);
      facts = ShapeInference.of(model);
    }
    if (UnpackProjections.run(model, facts, unpacked) > 0) {
      RemoveUnused.run(model, unused);
      facts = ShapeInference.of(model);
    }
    return analyzed(model, facts, copies);
  }

  /**
   * A model that is normalised already, and has been changed since.
   *
   * @param copies constants that were given to one reader alone, with what they are copies of
   */
  public static WorkingModel changed(Model model, Map<Value, Value> copies) {
    return analyzed(model, ShapeInference.of(model), copies);
  }

  private static WorkingModel analyzed(Model model, ShapeFacts facts, Map<Value, Value> copies) {
    AxisAnalysis analysis = AxisAnalysis.of(model, facts);
    return new WorkingModel(model, facts, analysis, TransformerRecognizer.blocks(analysis), copies);
  }
}
