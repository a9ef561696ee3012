package io.gohsp.autodiff;

import io.gohsp.ir.Model;
import io.gohsp.ir.Node;
import io.gohsp.ir.Use;
import io.gohsp.ir.Value;
import io.gohsp.normalize.SeparateParameters;
import io.gohsp.normalize.TransposedCopies;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** The parameters that several layers share on purpose; they stay one, cut and trained alike. */
public final class TiedParameters {
  /** What only brings a parameter into another form. */
  private static final Set<String> CARRIERS =
      Set.of("Identity", "Cast", "Transpose", "Reshape", "Squeeze", "Unsqueeze");

  /** What takes a part of a parameter, as of packed projections, or only looks at its shape. */
  private static final Set<String> PARTS = Set.of("Slice", "Split", "Shape", "Size");

  private TiedParameters() {}

  /**
   * A parameter that is read in several places.
   *
   * @param name as the file has it
   * @param uses how many operators read it
   */
  public record Tied(String name, int uses) {}

  /**
   * In the order of the file; vectors of equal numbers are never among them, {@link
   * TransposedCopies} are read as what they are copies of.
   */
  public static List<Tied> of(Model model) {
    List<Tied> tied = new ArrayList<>();
    Map<Value, Value> copies = TransposedCopies.copies(model);
    for (Value value : Parameters.candidates(model)) {
      int uses = readers(value);
      for (Map.Entry<Value, Value> copy : copies.entrySet()) {
        uses += copy.getValue() == value ? readers(copy.getKey()) : 0;
      }
      if (uses > 1 && Parameters.trainable(value) && !SeparateParameters.isUniform(value)) {
        tied.add(new Tied(value.name(), uses));
      }
    }
    return tied;
  }

  private static int readers(Value value) {
    int readers = 0;
    for (Use use : value.uses()) {
      Node node = use.node();
      String type = node.op().type();
      if (CARRIERS.contains(type)) {
        readers += readers(node.output());
      } else if (!PARTS.contains(type)) {
        readers++;
      }
    }
    return readers;
  }
}
