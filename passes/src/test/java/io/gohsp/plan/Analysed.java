package io.gohsp.plan;

import io.gohsp.axis.AxisAnalysis;
import io.gohsp.create.VitArchitecture;
import io.gohsp.create.VitBuilder;
import io.gohsp.io.OnnxReader;
import io.gohsp.ir.Model;
import io.gohsp.ir.Value;
import io.gohsp.normalize.WorkingModel;
import io.gohsp.selection.Importance;
import io.gohsp.selection.MagnitudeImportance;
import io.gohsp.selection.PlanSelector;
import io.gohsp.selection.RandomImportance;
import io.gohsp.selection.SelectionOptions;
import io.gohsp.shape.ShapeFacts;
import io.gohsp.shape.ShapeInference;
import io.gohsp.vit.Block;
import io.gohsp.vit.TransformerRecognizer;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/** A model with all that selecting needs. */
public record Analysed(
    Model model,
    ShapeFacts facts,
    AxisAnalysis analysis,
    List<Block> blocks,
    Map<Value, Value> copies) {

  public static Analysed of(Model model) {
    ShapeFacts facts = ShapeInference.of(model);
    AxisAnalysis analysis = AxisAnalysis.of(model, facts);
    return new Analysed(model, facts, analysis, TransformerRecognizer.blocks(analysis), Map.of());
  }

  public static Analysed vit(VitArchitecture architecture) {
    return of(VitBuilder.build(architecture, 7));
  }

  public static Analysed fixture(String name) {
    return normalized(read(name));
  }

  public static Model read(String fixture) {
    return OnnxReader.read(Path.of("..", "testdata", "fixtures", fixture, "model.onnx"));
  }

  /** As the program prunes it: see {@link WorkingModel}. */
  public static Analysed normalized(Model original) {
    WorkingModel working = WorkingModel.normalized(original);
    return new Analysed(
        working.model(), working.facts(), working.analysis(), working.blocks(), working.copies());
  }

  public PruningPlan select(Importance importance, SelectionOptions options) {
    return PlanSelector.select(working(), importance, options.withLosses(importance), Map.of());
  }

  public WorkingModel working() {
    return new WorkingModel(model, facts, analysis, blocks, copies);
  }

  public Importance magnitude() {
    return MagnitudeImportance.of(working());
  }

  public Importance random(long seed) {
    return RandomImportance.of(blocks, seed);
  }
}
