package io.gohsp.normalize;

import io.gohsp.ir.Model;
import io.gohsp.ir.Traversal;
import io.gohsp.ir.Use;
import io.gohsp.ir.Value;
import io.gohsp.op.ConstantValue;
import io.gohsp.tensor.ElementType;
import io.gohsp.tensor.Tensor;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Tells parameters apart that an exporter stored once because they were equal.
 *
 * <p>PyTorch's and Keras' exporters store equal tensors once, so that all zero biases, unit scales
 * and zero tokens of an untrained model are a single constant, which the TorchScript exporter hands
 * on through Identity nodes. The rule by which they are told from weights that are tied on purpose:
 *
 * <ol>
 *   <li>A constant that holds several numbers, not all equal, is one parameter. That two parameters
 *       have the same random or trained numbers by chance does not happen: it is tied.
 *   <li>A constant whose elements are all equal says nothing about who shares it. Each reader has a
 *       parameter of its own, unless {@link LayerOf} finds them beside the same matrix in different
 *       products, which is then tied by the first rule: what belongs to a tied layer is tied with
 *       it.
 * </ol>
 *
 * <p>Single numbers and INT64 (shapes, indices) are no parameters.
 */
public final class SeparateParameters {
  private SeparateParameters() {}

  /**
   * Gives each parameter of the model its own constant, in place. Idempotent; names depend on the
   * model alone.
   *
   * @return every constant made, with the one it was stored in
   */
  public static Map<Value, Value> run(Model model) {
    Map<Value, Value> copies = new LinkedHashMap<>();
    List<Value> constants = new ArrayList<>(Traversal.initializersWithin(model.graph()).toList());
    Traversal.nodesWithin(model.graph())
        .filter(node -> node.is("Constant"))
        .forEach(node -> constants.add(node.output()));
    for (Value constant : constants) {
      if (!constant.isGraphInput() && !constant.isGraphOutput() && isMergeable(constant)) {
        separate(constant, copies);
      }
    }
    return copies;
  }

  /** Whether a constant holds one number several times. */
  public static boolean isUniform(Value constant) {
    Tensor tensor = ConstantValue.of(constant);
    return tensor != null && tensor.size() > 1 && Uniform.is(tensor);
  }

  private static boolean isMergeable(Value constant) {
    if (readers(constant).size() < 2) {
      return false;
    }
    Tensor tensor = ConstantValue.of(constant);
    return tensor != null && tensor.type() != ElementType.INT64 && isUniform(constant);
  }

  /** Where a constant is read, directly or through Identity nodes. */
  static List<Use> readers(Value constant) {
    List<Use> readers = new ArrayList<>();
    for (Use use : constant.uses()) {
      if (isPassedOn(use)) {
        readers.addAll(readers(use.node().output()));
      } else {
        readers.add(use);
      }
    }
    return readers;
  }

  private static boolean isPassedOn(Use use) {
    return use.node().is("Identity") && !use.node().output().isGraphOutput();
  }

  private static void separate(Value constant, Map<Value, Value> copies) {
    LayerOf layerOf = new LayerOf(readers(constant));
    Map<Object, Value> parameters = new LinkedHashMap<>(); // by the layer they belong to
    for (Use use : constant.uses()) {
      List<Use> readers = isPassedOn(use) ? readers(use.node().output()) : List.of(use);
      List<Object> layers = readers.stream().map(layerOf::reader).distinct().toList();
      if (layers.size() <= 1) {
        Object layer = layers.isEmpty() ? use : layers.get(0);
        give(use, parameter(layer, constant, use, parameters, copies));
      } else { // one Identity serves several layers
        readers.forEach(
            reader ->
                give(reader, parameter(layerOf.reader(reader), constant, use, parameters, copies)));
      }
    }
  }

  private static void give(Use use, Value parameter) {
    if (use.node().input(use.index()) != parameter) {
      use.replaceWith(parameter);
    }
  }

  private static Value parameter(
      Object layer,
      Value constant,
      Use use,
      Map<Object, Value> parameters,
      Map<Value, Value> copies) {
    Value known = parameters.get(layer);
    if (known != null) {
      return known;
    }
    Value parameter = constant;
    if (!parameters.isEmpty()) {
      String name = isPassedOn(use) ? use.node().output().name() : constant.name();
      parameter = Constants.copy(constant, name);
      copies.put(parameter, constant);
    }
    parameters.put(layer, parameter);
    return parameter;
  }
}
