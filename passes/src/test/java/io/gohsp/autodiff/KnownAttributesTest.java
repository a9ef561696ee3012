package io.gohsp.autodiff;

import static io.gohsp.text.GraphAssert.parse;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.gohsp.ir.Model;
import io.gohsp.ir.ModelException;
import io.gohsp.ir.OpId;
import io.gohsp.lower.KnownAttributes;
import io.gohsp.lower.Lowering;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Training follows, refuses or may ignore every attribute of every operator; none unawares. */
class KnownAttributesTest {
  /** What the newest schemas have and no rule knows, so that it is refused. */
  private static final Map<OpId, Set<String>> REFUSED =
      Map.of(OpId.of("SpaceToDepth"), Set.of("mode"));

  /** Of every operator, by the newest schemas. */
  private static Map<OpId, Set<String>> schemas() throws IOException {
    Map<OpId, Set<String>> schemas = new LinkedHashMap<>();
    for (String line : Files.readAllLines(Path.of("../testdata/schemas/attributes.txt"))) {
      List<String> words = Arrays.asList(line.split(" "));
      String name = words.get(0);
      OpId op =
          name.startsWith("com.microsoft.")
              ? OpId.of(OpId.MICROSOFT, name.substring("com.microsoft.".length()))
              : OpId.of(name);
      schemas.put(op, new TreeSet<>(words.subList(1, words.size())));
    }
    return schemas;
  }

  @Test
  void theTableAgreesWithTheSchemas() throws IOException {
    Map<OpId, Set<String>> schemas = schemas();
    Set<OpId> rules = new LinkedHashSet<>(GradientRules.standard().operators());
    rules.addAll(Lowering.operators());
    rules.remove(OpId.of("SimplifiedLayerNormalization")); // ONNX Runtime's own, without a schema
    assertThat(rules).hasSizeGreaterThan(80);
    for (OpId op : rules) {
      Set<String> schema = schemas.get(op);
      assertThat(schema).as("schema of %s", op).isNotNull();
      Set<String> unknown = new TreeSet<>(schema);
      unknown.removeAll(KnownAttributes.of(op));
      assertThat(KnownAttributes.of(op)).as("attributes of %s", op).isSubsetOf(schema);
      assertThat(unknown).as("of %s", op).isEqualTo(REFUSED.getOrDefault(op, Set.of()));
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "y = Softmax<axis = 1, novelty = 1>(h)",
        "y = com.microsoft.QuickGelu<alpha = 1.5, novelty = 1>(h)",
        "y = Relu<novelty = 1>(h)"
      })
  void othersAreRefused(String node) {
    Model model =
        parse(
            """
            <ir_version: 10, opset_import: ["" : 20, "com.microsoft" : 1]>
            g (float[2,3] x) => (float[2,3] y) <float[3,3] w = {1,2,3,4,5,6,7,8,9}> {
              h = MatMul(x, w)
              %s
            }
            """
                .formatted(node));
    TrainingOptions options =
        new TrainingOptions(
            Parameters::trainable,
            List.of(new Loss.FeatureMatch(model.graph().outputs().get(0), 1)),
            List.of());
    assertThatThrownBy(() -> TrainingGraph.of(model, options))
        .isInstanceOf(ModelException.Unsupported.class)
        .hasMessageContaining("attribute \"novelty\" is not known in training");
  }
}
