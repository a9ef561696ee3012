package io.gohsp.io;

import static io.gohsp.io.Field.MODEL_FUNCTION;
import static io.gohsp.io.Field.MODEL_GRAPH;
import static io.gohsp.io.Field.MODEL_IR_VERSION;
import static io.gohsp.io.Field.MODEL_METADATA;
import static io.gohsp.io.Field.MODEL_OPSET_IMPORT;

import io.gohsp.ir.Model;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Makes a message of a whole model. */
final class ModelWriter {
  private static final Set<Integer> MODEL_FIELDS =
      Set.of(MODEL_IR_VERSION, MODEL_GRAPH, MODEL_OPSET_IMPORT, MODEL_METADATA, MODEL_FUNCTION);

  private ModelWriter() {}

  /**
   * A ModelProto.
   *
   * @param placement knows the tensors that do not go into the model
   */
  static Rope model(Model model, Placement placement) {
    GraphWriter graphs = new GraphWriter(new TensorWriter(placement));
    WireMessage message = new WireMessage();
    Kept.@Nullable OfModel kept = kept(model);
    Span old = kept == null ? null : kept.message();
    if (old != null) {
      message.keep(old, MODEL_FIELDS);
    }
    if (model.irVersion() != 0) {
      message.put(MODEL_IR_VERSION, model.irVersion());
    }
    message.put(MODEL_GRAPH, graphs.graph(model.graph()));
    Entries.putOpsets(message, MODEL_OPSET_IMPORT, old, model.opsets());
    Entries.putMetadata(message, MODEL_METADATA, old, model.metadata());
    model.functions().forEach(function -> message.put(MODEL_FUNCTION, graphs.function(function)));
    return message.rope();
  }

  static Kept.@Nullable OfModel kept(Model model) {
    return model.residue() instanceof Kept.OfModel kept ? kept : null;
  }
}
