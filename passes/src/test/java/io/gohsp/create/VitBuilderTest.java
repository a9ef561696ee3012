package io.gohsp.create;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.gohsp.ir.IrVerifier;
import io.gohsp.ir.Model;
import io.gohsp.ir.Node;
import io.gohsp.ir.Value;
import io.gohsp.tensor.Tensor;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class VitBuilderTest {
  private static final VitArchitecture SMALL = new VitArchitecture(8, 3, 4, 12, 2, 3, 20, 5);

  private static Map<String, Tensor> weights(Model model) {
    Map<String, Tensor> weights = new LinkedHashMap<>();
    for (Value value : model.graph().initializers()) {
      Tensor tensor = Objects.requireNonNull(value.constant());
      if (tensor.type().isFloating() && tensor.size() > 1) {
        weights.put(value.name(), tensor);
      }
    }
    return weights;
  }

  @Test
  void namesAndShapesWeightsAsTimmDoes() {
    Map<String, String> shapes = new LinkedHashMap<>();
    Model model = VitBuilder.build(SMALL.with(Map.of(VitSize.DEPTH, 1)), 0);
    weights(model).forEach((name, tensor) -> shapes.put(name, tensor.toString()));

    assertThat(shapes)
        .containsExactlyInAnyOrderEntriesOf(
            Map.ofEntries(
                Map.entry("cls_token", "FLOAT[1, 1, 12]"),
                Map.entry("pos_embed", "FLOAT[1, 5, 12]"),
                Map.entry("patch_embed.proj.weight", "FLOAT[12, 3, 4, 4]"),
                Map.entry("patch_embed.proj.bias", "FLOAT[12]"),
                Map.entry("blocks.0.norm1.weight", "FLOAT[12]"),
                Map.entry("blocks.0.norm1.bias", "FLOAT[12]"),
                Map.entry("blocks.0.attn.qkv.weight", "FLOAT[36, 12]"),
                Map.entry("blocks.0.attn.qkv.bias", "FLOAT[36]"),
                Map.entry("blocks.0.attn.proj.weight", "FLOAT[12, 12]"),
                Map.entry("blocks.0.attn.proj.bias", "FLOAT[12]"),
                Map.entry("blocks.0.norm2.weight", "FLOAT[12]"),
                Map.entry("blocks.0.norm2.bias", "FLOAT[12]"),
                Map.entry("blocks.0.mlp.fc1.weight", "FLOAT[20, 12]"),
                Map.entry("blocks.0.mlp.fc1.bias", "FLOAT[20]"),
                Map.entry("blocks.0.mlp.fc2.weight", "FLOAT[12, 20]"),
                Map.entry("blocks.0.mlp.fc2.bias", "FLOAT[12]"),
                Map.entry("norm.weight", "FLOAT[12]"),
                Map.entry("norm.bias", "FLOAT[12]"),
                Map.entry("head.weight", "FLOAT[5, 12]"),
                Map.entry("head.bias", "FLOAT[5]")));
  }

  @Test
  void declaresADynamicBatch() {
    Model model = VitBuilder.build(SMALL, 0);

    assertThat(model.graph().inputs()).singleElement().hasToString("%image");
    assertThat(model.graph().inputs().get(0).type()).hasToString("FLOAT[batch, 3, 8, 8]");
    assertThat(model.graph().outputs()).singleElement().hasToString("%logits");
    assertThat(model.graph().outputs().get(0).type()).hasToString("FLOAT[batch, 5]");
    IrVerifier.verify(model);
  }

  @Test
  void namesNodesAfterTheirLayer() {
    Model model = VitBuilder.build(SMALL, 0);

    assertThat(model.graph().nodes().stream().map(Node::name))
        .doesNotHaveDuplicates()
        .contains(
            "/patch_embed/proj",
            "/blocks.1/norm1",
            "/blocks.1/attn/qkv",
            "/blocks.1/attn/softmax",
            "/blocks.1/attn/proj",
            "/blocks.1/mlp/fc1",
            "/blocks.1/mlp/gelu/Erf",
            "/head");
  }

  @Test
  void startsBiasesAtZeroAndNormsAtOne() {
    weights(VitBuilder.build(SMALL, 0))
        .forEach(
            (name, tensor) -> {
              if (name.endsWith(".bias")) {
                assertThat(tensor.floats()).as(name).containsOnly(0f);
              } else if (name.contains("norm")) {
                assertThat(tensor.floats()).as(name).containsOnly(1f);
              } else {
                assertThat(tensor.floats()).as(name).doesNotContain(0f);
              }
            });
  }

  @Test
  void drawsWeightsWithMeanZeroAndDeviationOneFiftieth() {
    float[] draws = new InitialWeights(1).normal(400, 500).floats();
    double mean =
        IntStream.range(0, draws.length).mapToDouble(i -> draws[i]).average().orElseThrow();
    double square =
        IntStream.range(0, draws.length)
            .mapToDouble(i -> draws[i] * draws[i])
            .average()
            .orElseThrow();
    long beyondTwoDeviations =
        IntStream.range(0, draws.length).filter(i -> Math.abs(draws[i]) > 0.04).count();

    // Five standard errors of 200,000 draws.
    assertThat(mean).isCloseTo(0, within(5 * 0.02 / Math.sqrt(draws.length)));
    assertThat(Math.sqrt(square)).isCloseTo(0.02, within(5 * 0.02 / Math.sqrt(2.0 * draws.length)));
    assertThat(beyondTwoDeviations / (double) draws.length).isCloseTo(0.0455, within(0.0024));
  }

  /** As a convolution starts in PyTorch, for 4x4 patches of 3 channels: within 1/sqrt(48). */
  @Test
  void drawsThePatchEmbeddingFromAWiderUniformDistribution() {
    float[] draws = weights(VitBuilder.build(SMALL, 7)).get("patch_embed.proj.weight").floats();
    double bound = 1 / Math.sqrt(3 * 4 * 4);
    double square =
        IntStream.range(0, draws.length)
            .mapToDouble(i -> draws[i] * draws[i])
            .average()
            .orElseThrow();

    assertThat(draws).hasSize(12 * 48);
    for (float draw : draws) {
      assertThat((double) draw).isBetween(-bound, bound);
    }
    // Variance bound²/3; its standard error over 576 draws is 0.037 of it.
    assertThat(square).isCloseTo(bound * bound / 3, within(5 * 0.037 * bound * bound / 3));
  }

  @Test
  void givesTheSameBytesForTheSameSeed() {
    Map<String, Tensor> first = weights(VitBuilder.build(SMALL, 7));
    Map<String, Tensor> second = weights(VitBuilder.build(SMALL, 7));
    Map<String, Tensor> other = weights(VitBuilder.build(SMALL, 8));

    first.forEach(
        (name, tensor) ->
            assertThat(tensor.data().bytes()).as(name).isEqualTo(second.get(name).data().bytes()));
    assertThat(first.get("pos_embed").floats()).isNotEqualTo(other.get("pos_embed").floats());
  }

  /** Files made with one Java version must not depend on it. */
  @Test
  void drawsTheseNumbersOnEveryJavaVersion() {
    assertThat(new InitialWeights(0).normal(4).floats())
        .containsExactly(-0.0034941928f, 0.012921866f, 0.04287234f, -0.047225863f);
  }
}
