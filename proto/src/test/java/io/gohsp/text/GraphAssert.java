package io.gohsp.text;

import static org.assertj.core.api.Assertions.assertThat;

import io.gohsp.ir.IrVerifier;
import io.gohsp.ir.Model;
import io.gohsp.ir.Traversal;
import io.gohsp.ir.Value;
import java.util.Set;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * Tests of passes, with the model before and after as ONNX text. Texts are compared as the printer
 * writes them, so spaces and comments do not matter; names, order and contents do. Large tensors
 * are compared by checksum.
 *
 * <p>A text without a header gets {@code <ir_version: 8, opset_import: ["" : 17, "com.microsoft" :
 * 1]>}. In the expected text, {@code float[2,3] w = {...}} accepts any contents of that type.
 */
public final class GraphAssert {
  private static final String HEADER =
      "<ir_version: 8, opset_import: [\"\" : 17, \"com.microsoft\" : 1]> ";

  private GraphAssert() {}

  /** The model that the text describes; where it has no header, it gets the usual one. */
  public static Model parse(String text) {
    return OnnxText.parse(withHeader(text));
  }

  /** Checks that the pass makes {@code after} of {@code before}, and leaves a sound graph. */
  public static void assertRewrite(Consumer<Model> pass, String before, String after) {
    Model model = parse(before);
    pass.accept(model);
    IrVerifier.verify(model);
    assertModel(model, after);
  }

  /** Checks that the pass leaves the model as it is, and does not claim to have changed it. */
  public static void assertUnchanged(Consumer<Model> pass, String before) {
    Model model = parse(before);
    long edits = model.modificationCount();
    pass.accept(model);
    IrVerifier.verify(model);
    assertModel(model, before);
    assertThat(model.modificationCount())
        .as("edits, which cancelled each other out")
        .isEqualTo(edits);
  }

  /** Checks that the model is what the text describes. */
  public static void assertModel(Model actual, String expected) {
    Model model = OnnxText.parseElided(withHeader(expected));
    Set<String> elided =
        Stream.concat(
                Stream.of(model.graph()),
                model.functions().stream().map(function -> function.body()))
            .flatMap(Traversal::initializersWithin)
            .filter(
                value ->
                    value.constant() != null && value.constant().origin() == TensorParser.ELIDED)
            .map(Value::name)
            .collect(Collectors.toSet());
    TensorText contents =
        (name, tensor) ->
            elided.contains(name) ? TensorText.ELIDED : TensorText.DIGEST.contents(name, tensor);
    assertThat(OnnxPrinter.print(actual, contents)).isEqualTo(OnnxPrinter.print(model, contents));
  }

  private static String withHeader(String text) {
    return text.stripLeading().startsWith("<") ? text : HEADER + text;
  }
}
