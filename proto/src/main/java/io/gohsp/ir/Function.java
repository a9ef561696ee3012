package io.gohsp.ir;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A model-local function: an operator defined by a graph. Its values have their own name scope.
 *
 * @param id what nodes call it
 * @param body inputs and outputs are the formal parameters; attributes of the call appear as {@link
 *     Attribute.Reference}
 * @param attributes names of attributes without default
 * @param defaults attributes with a default, by name
 * @param opsets operator set versions the body was written for
 */
public record Function(
    OpId id,
    Graph body,
    List<String> attributes,
    Map<String, Attribute> defaults,
    Map<String, Long> opsets,
    @Nullable Residue residue) {
  public Function {
    attributes = List.copyOf(attributes);
    defaults = new LinkedHashMap<>(defaults);
    opsets = new LinkedHashMap<>(opsets);
    opsets.forEach(
        body.model().opsets()::putIfAbsent); // where the nodes of the body look for theirs
  }
}
