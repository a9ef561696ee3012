package io.gohsp.ranking;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.gohsp.create.VitArchitecture;
import io.gohsp.create.VitBuilder;
import io.gohsp.fixture.Fixture;
import io.gohsp.ir.Model;
import io.gohsp.ir.ModelException;
import io.gohsp.ir.Node;
import io.gohsp.normalize.WorkingModel;
import io.gohsp.op.ConstantValue;
import io.gohsp.ort.HostTensor;
import io.gohsp.ort.OrtOptions;
import io.gohsp.ort.OrtProgram;
import io.gohsp.plan.InvalidOption;
import io.gohsp.rank.HeadGraph;
import io.gohsp.rank.Similarity;
import io.gohsp.tensor.Tensor;
import io.gohsp.text.OnnxText;
import io.gohsp.vit.Block;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Similarities computed inside ONNX Runtime against the definitions in double precision. */
class HeadGraphTest {
  private static final OrtOptions OPTIONS = OrtOptions.DEFAULT.withThreads(1);

  /**
   * Maps and outputs are FLOAT in both; what follows is a sum of a few hundred FLOAT terms of about
   * one, and one subtraction of such sums.
   */
  private static final double ROUNDING = 5e-6;

  private static Map<String, HostTensor> run(Fixture fixture, HeadGraph graph) {
    try (OrtProgram program = OrtProgram.compile(graph.model(), OPTIONS)) {
      return program.run(HeadReference.inputs(fixture, program));
    }
  }

  private static void assertMatrix(HostTensor actual, int image, double[][] expected) {
    int heads = expected.length;
    assertThat(actual.dims()).endsWith(heads, heads);
    double[] values = actual.doubles();
    for (int i = 0; i < heads; i++) {
      for (int j = 0; j < heads; j++) {
        assertThat(values[(image * heads + i) * heads + j])
            .as("image %d, heads %d and %d", image, i, j)
            .isCloseTo(expected[i][j], within(ROUNDING));
      }
    }
  }

  /** Which tokens count, as the fixture's own mask says; empty if it has none. */
  private static boolean[][] real(Fixture fixture) {
    try (OrtProgram program = OrtProgram.compile(fixture.model(), OPTIONS)) {
      Map<String, HostTensor> feed = fixture.inputs(program);
      boolean inverted = feed.containsKey("pad");
      HostTensor mask = inverted ? feed.get("pad") : feed.get("attention_mask");
      if (mask == null) {
        return new boolean[0][];
      }
      long[] values = mask.longs();
      int tokens = (int) mask.dims()[1];
      boolean[][] real = new boolean[(int) mask.dims()[0]][tokens];
      for (int i = 0; i < values.length; i++) {
        real[i / tokens][i % tokens] = (values[i] == 0) == inverted;
      }
      return real;
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "timm_vit_legacy_op17_unfused", // plain
        "timm_vit_legacy_op17_unfused_dynbatch",
        "timm_vit__fused_vit", // com.microsoft.Attention
        "hf_vit__ms_mha", // com.microsoft.MultiHeadAttention
        "hf_vit__onnx_attention23_3d", // ONNX Attention
        "hf_vit_dynamo_op23",
        "hf_llama_gqa_dynamo_op23", // two query heads for each key head, causal
        "rep_mqa", // one key head for all
        "rep_mergedbatch_dynbatch", // batch and heads on one axis
        "hf_swin_legacy", // windows, shifted with a mask, relative bias
        "timm_vit_relpos_bias",
        "timm_xcit", // maps between channels
        "hf_bert_eager_legacy", // padding
        "hf_bert__fused_bert",
        "hf_modernbert", // padding and a sliding window
        "nn_encoder_padmask", // true where a token does not count
        "timm_vit__fp16_io16"
      })
  void attentionIsWhatTheDefinitionSays(String name) {
    Fixture fixture = Fixture.of(name);
    HeadGraph graph = HeadGraph.of(fixture.model(), Similarity.ATTENTION);
    Map<String, HostTensor> results = run(fixture, graph);
    boolean[][] real = real(fixture);
    for (int layer = 0; layer < graph.parts().size(); layer++) {
      HeadGraph.Part part = graph.parts().get(layer);
      HostTensor actual = results.get(Objects.requireNonNull(part.output()).name());
      int images = (int) actual.dims()[0];
      HeadReference reference = new HeadReference(fixture, part.heads(), images, real);
      assertThat(reference.layers()).isEqualTo(graph.parts().size());
      for (int image = 0; image < images; image++) {
        assertMatrix(actual, image, reference.attention(layer, image));
      }
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "timm_vit_legacy_op17_unfused_dynbatch",
        "timm_vit__fused_vit",
        "hf_vit__onnx_attention23_3d",
        "hf_llama_gqa_dynamo_op23",
        "rep_mergedbatch_dynbatch",
        "rep_gemm2d", // tokens of all images on one axis
        "hf_swin_legacy",
        "hf_bert_eager_legacy",
        "nn_encoder_padmask"
      })
  void outputsAndContributionsAreWhatTheDefinitionsSay(String name) {
    Fixture fixture = Fixture.of(name);
    boolean[][] real = real(fixture);
    HeadGraph outputs = HeadGraph.of(fixture.model(), Similarity.OUTPUT);
    HeadGraph contributions = HeadGraph.of(fixture.model(), Similarity.CONTRIBUTION);
    Map<String, HostTensor> byOutput = run(fixture, outputs);
    Map<String, HostTensor> byContribution = run(fixture, contributions);
    List<Block> blocks =
        WorkingModel.plain(fixture.model()).blocks().stream()
            .filter(block -> block.attention() != null)
            .toList();
    for (int layer = 0; layer < outputs.parts().size(); layer++) {
      HostTensor o = byOutput.get(outputs.parts().get(layer).output().name());
      HostTensor c = byContribution.get(contributions.parts().get(layer).output().name());
      int images = (int) o.dims()[0];
      HeadReference reference =
          new HeadReference(fixture, outputs.parts().get(layer).heads(), images, real);
      double[][] weight = projection(blocks.get(layer));
      for (int image = 0; image < images; image++) {
        assertMatrix(o, image, reference.output(layer, image));
        assertMatrix(c, image, reference.contribution(layer, image, weight));
      }
    }
  }

  /** The output projection as [heads * d, D]. */
  private static double[][] projection(Block block) {
    Node node = block.attention().outputs().get(0).node();
    Tensor weight = Objects.requireNonNull(ConstantValue.of(node.input(1)));
    boolean turned = node.intAttribute("transB", 0) != 0;
    float[] values = weight.floats();
    int columns = (int) weight.dim(1);
    int rows = (int) weight.dim(0);
    double[][] matrix = new double[turned ? columns : rows][turned ? rows : columns];
    for (int i = 0; i < values.length; i++) {
      matrix[turned ? i % columns : i / columns][turned ? i / columns : i % columns] = values[i];
    }
    return matrix;
  }

  /** Every exporter's form of one network ranks alike. */
  @ParameterizedTest
  @EnumSource(Similarity.class)
  void formsOfOneNetworkAgree(Similarity similarity) {
    Fixture plain = Fixture.of("timm_vit_legacy_op17_unfused");
    HeadGraph expected = HeadGraph.of(plain.model(), similarity);
    double[] first = run(plain, expected).values().iterator().next().doubles();
    for (String name :
        List.of(
            "timm_vit_dynamo_op18_fused",
            "timm_vit__fused_vit",
            "timm_vit__ort_extended",
            "timm_vit__functions",
            "timm_vit__shuffled",
            "timm_vit_legacy_op11_unfused")) {
      Fixture other = Fixture.of(name);
      HeadGraph graph = HeadGraph.of(other.model(), similarity);
      double[] same = run(other, graph).values().iterator().next().doubles();
      assertThat(same).as(name).containsExactly(first, within(ROUNDING));
    }
  }

  /** All that leaves the runtime is one number for each pair of heads and image. */
  @Test
  void returnsMatricesOnly() {
    Model model = Fixture.of("timm_vit_legacy_op17_unfused").model();
    HeadGraph graph = HeadGraph.of(model, Similarity.ATTENTION);
    assertThat(graph.model().graph().outputs())
        .hasSize(2)
        .containsExactlyElementsOf(graph.parts().stream().map(HeadGraph.Part::output).toList());
    assertThat(graph.parts())
        .extracting(HeadGraph.Part::block)
        .containsExactly("block 0", "block 1");
    assertThat(model.graph().outputs()).as("the original is left alone").hasSize(1);
  }

  /** Tied weights: each block is compared by what it looks at itself. */
  @Test
  void tiedBlocksAreLookedAtApart() {
    Fixture fixture = Fixture.of("hf_albert_tied");
    HeadGraph graph = HeadGraph.of(fixture.model(), Similarity.ATTENTION);
    assertThat(graph.parts())
        .extracting(HeadGraph.Part::block)
        .containsExactly("block 0", "block 1");
    List<HostTensor> found = List.copyOf(run(fixture, graph).values());
    HeadReference reference = new HeadReference(fixture, 4, 2, real(fixture));
    assertThat(reference.layers()).isEqualTo(2);
    for (int block = 0; block < 2; block++) {
      assertThat(found.get(block).doubles()[1])
          .isCloseTo(reference.attention(block, 0)[0][1], within(ROUNDING));
    }
  }

  @Test
  void everyNthRow() {
    Fixture fixture = Fixture.of("timm_vit_legacy_op17_unfused");
    HeadGraph graph = HeadGraph.of(fixture.model(), Similarity.ATTENTION, 4);
    HostTensor some = run(fixture, graph).values().iterator().next();
    boolean[][] rows = new boolean[2][17];
    for (boolean[] row : rows) {
      for (int q = 2; q < row.length; q += 4) {
        row[q] = true;
      }
    }
    HeadReference reference = new HeadReference(fixture, 4, 2, rows);
    assertMatrix(some, 1, reference.attention(0, 1));
  }

  /** All rows that were left might be padding. */
  @Test
  void padsKeepEveryRow() {
    Model model = Fixture.of("hf_bert_eager_legacy").model();
    assertThatThrownBy(() -> HeadGraph.of(model, Similarity.ATTENTION, 4))
        .isInstanceOf(InvalidOption.class)
        .hasMessageContaining("--row-step 4: samples of this model may be padded");
    assertThat(HeadGraph.of(model, Similarity.OUTPUT, 4).parts()).isNotEmpty();
  }

  /** Named, an input says what it otherwise is seen to do, and more where the model ignores it. */
  @Test
  void namedMasksSayWhichQueriesCount() {
    Fixture fixture = Fixture.of("hf_bert_eager_legacy");
    Model model = fixture.model();
    HostTensor found =
        run(fixture, HeadGraph.of(model, Similarity.ATTENTION)).values().iterator().next();
    HostTensor named =
        run(fixture, HeadGraph.of(model, Similarity.ATTENTION, 1, "attention_mask"))
            .values()
            .iterator()
            .next();
    assertThat(named.doubles()).containsExactly(found.doubles(), within(ROUNDING));
    HostTensor other =
        run(fixture, HeadGraph.of(model, Similarity.ATTENTION, 1, "input_ids"))
            .values()
            .iterator()
            .next();
    assertThat(other.doubles()).isNotEqualTo(found.doubles());
    assertThatThrownBy(() -> HeadGraph.of(model, Similarity.ATTENTION, 1, "mask"))
        .isInstanceOf(ModelException.Unsupported.class)
        .hasMessageContaining("has no input \"mask\" to say which tokens count");
  }

  /**
   * By logarithms for each multiply-accumulate; the narrow one has six times those of DeiT-Small.
   */
  @Test
  void narrowModelsCompareFewerRows() {
    assertThat(affordableStep(VitArchitecture.named("deit-tiny"))).isEqualTo(2);
    assertThat(affordableStep(VitArchitecture.named("deit-small"))).isEqualTo(3);
    assertThat(affordableStep(new VitArchitecture(32, 3, 4, 128, 6, 8, 512, 10))).isEqualTo(13);
    // Two wide heads on five tokens: next to no logarithms.
    assertThat(affordableStep(new VitArchitecture(16, 3, 8, 768, 1, 2, 3072, 10))).isEqualTo(1);
  }

  private static long affordableStep(VitArchitecture architecture) {
    Model model = VitBuilder.build(architecture, 0);
    HeadGraph graph = HeadGraph.of(model, Similarity.ATTENTION, HeadGraph.AFFORDABLE_ROWS);
    return graph.model().graph().nodes().stream()
        .filter(node -> node.is("Slice") && node.optionalInput(4) != null)
        .mapToLong(node -> Objects.requireNonNull(ConstantValue.of(node.input(4))).longs()[0])
        .max()
        .orElse(1);
  }

  @Test
  void saysWhyMixedHeadsHaveNoMaps() {
    Model model = Fixture.of("timm_cait").model();
    assertThatThrownBy(() -> HeadGraph.of(model, Similarity.ATTENTION))
        .isInstanceOf(ModelException.Unsupported.class)
        .hasMessageContaining("not simply the result of a Softmax")
        .hasMessageContaining("--similarity output");
    assertThat(HeadGraph.of(model, Similarity.OUTPUT).parts()).isNotEmpty();
  }

  @Test
  void oneHeadIsNotCompared() {
    assertThatThrownBy(
            () -> HeadGraph.of(Fixture.of("timm_vit_onehead").model(), Similarity.ATTENTION))
        .isInstanceOf(ModelException.NothingToPrune.class);
  }

  /** The bounds are casts of fractions; nothing is declared of what lies between. */
  @Test
  void findsHeadsUnderAMaskMadeOfARange() {
    Model model =
        OnnxText.parse(
            """
            <ir_version: 8, opset_import: ["" : 17]>
            g (float[b,s,8] x) => (float[b,s,8] y)
            <float[8,6] wq = range, float[8,6] wk = range, float[8,6] wv = range,
             float[6,8] wo = range, int64[4] split = {0, 0, 2, 3}, int64[1] rest = {-1},
             float zero = {0.0}, float one = {1.0}, int64 i0 = {0}, int64[3] inner = {1, 2, 3}> {
              size = Shape<start = 0, end = 2>(x)
              n = Gather(size, i0)
              first = CastLike(zero, n)
              step = CastLike(one, n)
              range = Range(first, n, step)
              numbers = Cast<to = 1>(range)
              mask = Unsqueeze(numbers, inner)
              q0 = MatMul(x, wq)
              q1 = Reshape(q0, split)
              q = Transpose<perm = [0, 2, 1, 3]>(q1)
              k0 = MatMul(x, wk)
              k1 = Reshape(k0, split)
              k = Transpose<perm = [0, 2, 3, 1]>(k1)
              v0 = MatMul(x, wv)
              v1 = Reshape(v0, split)
              v = Transpose<perm = [0, 2, 1, 3]>(v1)
              scores = MatMul(q, k)
              masked = Add(scores, mask)
              p = Softmax<axis = -1>(masked)
              o = MatMul(p, v)
              o1 = Transpose<perm = [0, 2, 1, 3]>(o)
              target = Concat<axis = 0>(size, rest)
              o2 = Reshape(o1, target)
              o3 = MatMul(o2, wo)
              y = Add(x, o3)
            }
            """);
    assertThat(HeadGraph.of(model, Similarity.ATTENTION).parts())
        .extracting(HeadGraph.Part::heads)
        .containsExactly(2);
  }
}
