package io.gohsp.recover;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.gohsp.calibration.Calibration;
import io.gohsp.calibration.TokenWeights;
import io.gohsp.data.LastBatch;
import io.gohsp.data.Samples;
import io.gohsp.fixture.Cuts;
import io.gohsp.fixture.Cuts.Part;
import io.gohsp.fixture.Fixture;
import io.gohsp.fixture.PaddedTexts;
import io.gohsp.ir.Dim;
import io.gohsp.ir.Model;
import io.gohsp.ir.ModelException;
import io.gohsp.ir.Value;
import io.gohsp.ir.ValueType.TensorType;
import io.gohsp.linear.ErrorGraph;
import io.gohsp.linear.LinearLayer;
import io.gohsp.linear.TokenMask;
import io.gohsp.normalize.WorkingModel;
import io.gohsp.ort.HostTensor;
import io.gohsp.ort.OrtOptions;
import io.gohsp.plan.PruningPlan;
import io.gohsp.prune.Pruning;
import io.gohsp.rank.Similarity;
import io.gohsp.ranking.HeadRanker;
import io.gohsp.text.OnnxText;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What pads samples changes nothing. */
class PaddingTest {
  /** FLOAT sums in another order. */
  private static final double ROUNDING = 2e-3;

  /** Forms of an encoder: how it is exported and fused, and what its mask is made of. */
  @ParameterizedTest
  @ValueSource(
      strings = {
        "hf_bert_eager_legacy",
        "hf_bert__fused_bert",
        "hf_bert__ort_extended",
        "hf_bert_eager_dynamo",
        "hf_bert_static",
        "hf_distilbert_dynamo",
        "hf_modernbert",
        "hf_t5_encoder",
        "nn_encoder_padmask",
        "rep_bert4",
        "rep_bert4__fused_bert",
        "rep_bert4_static_op11"
      })
  void tokensThatCountAreFound(String name) {
    Model model = Fixture.of(name).model();
    PaddedTexts texts = new PaddedTexts(model, 9, 1);
    TokenMask mask = texts.calibration().tokens(model);
    assertThat(mask).isNotNull();
    try (TokenWeights weights = new TokenWeights(mask, OrtOptions.VERIFY)) {
      texts
          .calibration()
          .forEach(
              model,
              Set.of(),
              LastBatch.DROP,
              batch -> {
                HostTensor counted = Objects.requireNonNull(weights.of(batch.inputs()));
                assertThat(counted.dims()).containsExactly(2, 9);
                for (int row = 0; row < 2; row++) {
                  int length = PaddedTexts.length(batch.indices()[row]);
                  for (int token = 0; token < 9; token++) {
                    assertThat(counted.floats()[row * 9 + token])
                        .isEqualTo(token < length ? 1f : 0f);
                  }
                }
              });
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"timm_vit_legacy_op17_fused_dynbatch", "timm_swin_legacy_dynbatch", "timm_xcit"})
  void picturesHaveNoPadding(String name) {
    assertThat(TokenMask.find(Fixture.of(name).model())).isEmpty();
  }

  @Test
  void aMaskThatIsNamed() {
    Model model = Fixture.of("hf_bert_static").model();
    Calibration texts = new PaddedTexts(model, 9, 1).calibration();
    TokenMask found = Objects.requireNonNull(texts.tokens(model));
    TokenMask named = Objects.requireNonNull(texts.withMask("attention_mask").tokens(model));
    try (TokenWeights one = new TokenWeights(found, OrtOptions.VERIFY);
        TokenWeights other = new TokenWeights(named, OrtOptions.VERIFY)) {
      texts.forEach(
          model,
          Set.of(),
          LastBatch.DROP,
          batch ->
              assertThat(Objects.requireNonNull(other.of(batch.inputs())).floats())
                  .containsExactly(Objects.requireNonNull(one.of(batch.inputs())).floats()));
    }
    assertThatThrownBy(() -> texts.withMask("mask").tokens(model))
        .isInstanceOf(ModelException.Unsupported.class)
        .hasMessageContaining("[input_ids, attention_mask]");
  }

  /** Other padding, or more of it: the same statistics, and the same correction. */
  @ParameterizedTest
  @CsvSource({
    "hf_bert_eager_legacy, 9, 9",
    "hf_bert_eager_legacy, 9, 15",
    "hf_bert__fused_bert, 9, 15",
    "rep_bert4, 9, 13",
    "rep_bert4__fused_bert, 9, 13",
    "hf_bert_static, 9, 9",
    "hf_modernbert, 9, 9",
    "nn_encoder_padmask, 9, 9"
  })
  void paddingChangesNothing(String name, int tokens, int more) {
    paddingChangesNothing(Fixture.of(name).model(), tokens, more);
  }

  /** Exporters may call the same axis of each input something else, or nothing. */
  @ParameterizedTest
  @CsvSource({
    "hf_bert_eager_legacy, true",
    "hf_bert_eager_legacy, false",
    "hf_bert__fused_bert, true",
    "rep_bert4, true",
    "rep_bert4__fused_bert, true"
  })
  void namesOfAxesChangeNothing(String name, boolean named) {
    Model dense = Fixture.of(name).model();
    for (Value input : dense.graph().inputs()) {
      TensorType type = (TensorType) Objects.requireNonNull(input.type());
      List<Dim> dims = new ArrayList<>(Objects.requireNonNull(type.shape()));
      for (int axis = 0; axis < 2; axis++) {
        dims.set(axis, named ? Dim.of(input.name() + axis) : Dim.UNKNOWN);
      }
      input.setType(new TensorType(type.element(), dims));
    }
    assertThat(Objects.requireNonNull(TokenMask.of(dense, null)).isOfTokens(dense)).isTrue();
    paddingChangesNothing(dense, 9, 9);

    Map<String, double[][]> one = similarities(dense, 1);
    similarities(dense, 2)
        .forEach((block, heads) -> assertThat(heads).as(block).isDeepEqualTo(one.get(block)));
  }

  private static Map<String, double[][]> similarities(Model dense, int seed) {
    PaddedTexts texts = new PaddedTexts(dense, 9, seed);
    return HeadRanker.measure(
            dense,
            Similarity.OUTPUT,
            inputs -> Samples.of(texts, inputs),
            2,
            OrtOptions.VERIFY.withThreads(1))
        .byBlock();
  }

  /** Where only run time knows that a mask has as many numbers as there are tokens, or unlike. */
  @ParameterizedTest
  @CsvSource({
    "'float[b,s,8] x, float[c,t] mask', Identity(x), 'Unsqueeze(mask, one)', true",
    "'float[b,s,8] x, float[c,t] mask', Identity(x), 'Gather<axis = 2>(row, places)', false",
    "'float[b,s,8] x, float[b,1,q,k] mask', Identity(x), 'Squeeze(mask, one)', true",
    "'float[b,s,8] x, float[b,1,t,t] mask', Identity(x), 'Squeeze(mask, one)', true",
    "'float[b,s,8] x, float[b,s] mask', 'Pad(x, front)', 'Pad(row, front)', false"
  })
  void itIsSaidWhereNoLayerReadsTokens(String inputs, String tokens, String hides, boolean said) {
    Model model =
        OnnxText.parse(
            """
            <ir_version: 8, opset_import: ["" : 17]>
            g (%s) => (y)
              <int64 zero = {0}, int64 unit = {1}, int64[1] one = {1}, int64[6] front = {0, 1, 0, 0, 0, 0},
               float[8,8] w = {%s}> {
              shape = Shape(x) count = Gather(shape, unit) places = Range(zero, count, unit)
              tokens = %s rows = MatMul(tokens, w)
              across = Transpose<perm = [0, 2, 1]>(rows) scores = MatMul(rows, across)
              %s hidden = %s masked = Add(scores, hidden) map = Softmax(masked) y = MatMul(map, rows)
            }
            """
                .formatted(
                    inputs,
                    numbers(64, 1),
                    tokens,
                    hides.contains("row") ? "row = Unsqueeze(mask, one)" : "",
                    hides));
    assertThat(TokenMask.find(model).orElseThrow().isOfTokens(model)).isEqualTo(said);
  }

  /** Sigmoids look at tokens without a Softmax. */
  @Test
  void aMaskOfSigmoidsIsOfTokens() {
    Model model =
        OnnxText.parse(
            """
            <ir_version: 8, opset_import: ["" : 17]>
            g (float[b,s,8] x, float[b,s] mask) => (y) <int64[1] one = {1}, float[8,8] w = {%s}> {
              rows = MatMul(x, w) across = Transpose<perm = [0, 2, 1]>(rows)
              scores = MatMul(rows, across) row = Unsqueeze(mask, one) masked = Add(scores, row)
              map = Sigmoid(masked) y = MatMul(map, rows)
            }
            """
                .formatted(numbers(64, 1)));
    assertThat(TokenMask.named(model, "mask").isOfTokens(model)).isTrue();
  }

  /** One number for each pair of query and key, and the padding is none of them. */
  @ParameterizedTest
  @ValueSource(strings = {"b,1,q,k", "b,1,t,t", "b,1,s,s"})
  void aMaskOfPairs(String axes) {
    Model model = attention("float[%s] square".formatted(axes), "Identity(x)", "square");
    List<double[]> one = moments(model, "square", 1);
    List<double[]> other = moments(model, "square", 2);
    assertThat(one).hasSize(6);
    for (int i = 0; i < one.size(); i++) {
      assertThat(other.get(i)).containsExactly(one.get(i));
    }
  }

  /** Tokens of another input may be fed as one that is added to all: its own layers count it. */
  @Test
  void anAxisOfOneIsNotOfTokens() {
    String added = "Add(x, memories)";
    String mask = ", float[b,m] weights";
    Model open = attention("float[b,one,8] memory" + mask, added, UNDER);
    Model fixed = attention("float[b,1,8] memory" + mask, added, UNDER);
    assertThat(moments(open, "weights", 1)).hasSize(7);
    List<double[]> expected = moments(fixed, "weights", 1);
    List<double[]> actual = moments(open, "weights", 1);
    for (int i = 0; i < expected.size(); i++) {
      assertThat(actual.get(i)).containsExactly(expected.get(i));
    }
    assertThat(similarities(open, 1).values()).isNotEmpty();
    similarities(fixed, 1)
        .forEach(
            (block, heads) -> assertThat(similarities(open, 1).get(block)).isDeepEqualTo(heads));
  }

  /** The mask itself may meet an axis of one. */
  @Test
  void anAxisOfOneThatMeetsTheMask() {
    String added = "Add(x, seen)";
    String mask = ", float[b,m] weights";
    List<double[]> open =
        moments(attention("float[b,one,8] memory" + mask, added, UNDER), "weights", 1);
    List<double[]> fixed =
        moments(attention("float[b,1,8] memory" + mask, added, UNDER), "weights", 1);
    for (int i = 0; i < fixed.size(); i++) {
      assertThat(open.get(i)).containsExactly(fixed.get(i));
    }
  }

  /** A branch that need not be taken says nothing of what goes on outside. */
  @Test
  void aBranchIsChosenAsInTheModel() {
    String chosen =
        "If(alike) <then_branch = t () => (m) { m = Add(x, memory) }, else_branch = e () => (n) { n = Identity(x) }>";
    String text = text("float[b,one,8] memory, float[b,s] weights", chosen, UNDER);
    Model model =
        OnnxText.parse(
            text.replace("float[b,s,8] x", "float[b,s,8] kept")
                .replace("> {", "> { x = Identity(kept)"));
    Map<String, double[][]> one = similarities(model, 1);
    assertThat(one).isNotEmpty();
    similarities(model, 2)
        .forEach((block, heads) -> assertThat(heads).isDeepEqualTo(one.get(block)));
  }

  /** Where a mask of [b, t] is brought under the scores. */
  private static final String UNDER = "Unsqueeze(weights, middle)";

  private static Model attention(String more, String input, String mask) {
    return OnnxText.parse(text(more, input, mask));
  }

  /**
   * A block of two heads on x [b, s, 8].
   *
   * @param more inputs
   * @param input what becomes of x, perhaps with memories, memory seen through the mask, or whether
   *     both have as many tokens
   * @param mask of [b, 1, queries, keys] or less
   */
  private static String text(String more, String input, String mask) {
    boolean memory = more.contains("memory");
    String hidden = mask.equals(UNDER) ? "under = " + UNDER : "under = Identity(" + mask + ")";
    String beside =
        memory
            ? """
              memories = MatMul(memory, wm)
              shape = Shape<start = 1, end = 2>(x) other = Shape<start = 1, end = 2>(memory)
              same = Equal(shape, other) alike = Squeeze(same)
              column = Unsqueeze(weights, last) seen = Mul(memories, column)
              """
            : "";
    return """
        <ir_version: 8, opset_import: ["" : 17]>
        g (float[b,s,8] x, %s) => (y)
          <int64[2] middle = {1, 2}, int64[1] last = {2}, int64[4] apart = {0, 0, 2, 4}, int64[3] joined = {0, 0, 8},
           float one = {1}, float far = {-1e9}, float[8,8] wm = {%s}, float[8,8] wq = {%s}, float[8,8] wk = {%s},
           float[8,8] wv = {%s}, float[8,8] wo = {%s}, float[8,16] w1 = {%s}, float[16,8] w2 = {%s}> {
          %s
          start = %s
          q0 = MatMul(start, wq) q1 = Reshape(q0, apart) q = Transpose<perm = [0, 2, 1, 3]>(q1)
          k0 = MatMul(start, wk) k1 = Reshape(k0, apart) k = Transpose<perm = [0, 2, 3, 1]>(k1)
          v0 = MatMul(start, wv) v1 = Reshape(v0, apart) v = Transpose<perm = [0, 2, 1, 3]>(v1)
          scores = MatMul(q, k) %s inverse = Sub(one, under) added = Mul(inverse, far)
          masked = Add(scores, added) map = Softmax(masked) a = MatMul(map, v)
          a1 = Transpose<perm = [0, 2, 1, 3]>(a) a2 = Reshape(a1, joined) o = MatMul(a2, wo)
          h = Add(start, o) h1 = MatMul(h, w1) h2 = Relu(h1) h3 = MatMul(h2, w2) y = Add(h, h3)
        }
        """
        .formatted(
            more,
            numbers(64, 1),
            numbers(64, 2),
            numbers(64, 3),
            numbers(64, 4),
            numbers(64, 5),
            numbers(128, 6),
            numbers(128, 7),
            beside,
            input,
            hidden);
  }

  private static String numbers(int count, int seed) {
    return new Random(seed)
        .doubles(count, -0.5, 0.5)
        .mapToObj(number -> String.format(Locale.ROOT, "%.3f", number))
        .collect(Collectors.joining(", "));
  }

  /** Of what each layer reads. */
  private static List<double[]> moments(Model model, String mask, int seed) {
    List<LinearLayer> layers =
        model.graph().nodes().stream().flatMap(node -> LinearLayer.find(node).stream()).toList();
    Calibration texts = new PaddedTexts(model, 9, seed).calibration().withMask(mask);
    return LayerInputs.measure(model, layers, texts).stream()
        .map(inputs -> inputs.secondMoments(0).values())
        .toList();
  }

  private static void paddingChangesNothing(Model dense, int tokens, int more) {
    WorkingModel working = WorkingModel.normalized(dense);
    PruningPlan plan = Cuts.halves(working.blocks(), EnumSet.allOf(Part.class), 11);
    Calibration one = new PaddedTexts(dense, tokens, 1).calibration();
    Calibration other = new PaddedTexts(dense, more, 2).calibration();
    Model first = Pruning.prune(dense, plan);
    Model second = Pruning.prune(dense, plan);

    List<RecoveredLayer> layers =
        Recovery.of(dense, plan, one, RecoverySettings.STANDARD).apply(first);
    Recovery.of(dense, plan, other, RecoverySettings.STANDARD).apply(second);

    assertThat(layers).isNotEmpty().allMatch(RecoveredLayer::isCorrected);
    for (RecoveredLayer layer : layers) {
      assertAlike(weights(first, layer), weights(second, layer), layer.layer());
    }
    Model model = working.model();
    List<LinearLayer> linear =
        layers.stream()
            .map(layer -> LinearLayer.of(ErrorGraph.producer(model, layer.layer())))
            .toList();
    List<LayerInputs> inputs = LayerInputs.measure(model, linear, one);
    List<LayerInputs> others = LayerInputs.measure(model, linear, other);
    for (int i = 0; i < linear.size(); i++) {
      assertAlike(
          inputs.get(i).secondMoments(0).values(),
          others.get(i).secondMoments(0).values(),
          layers.get(i).layer());
    }
  }

  private static void assertAlike(double[] actual, double[] expected, String what) {
    double largest = Arrays.stream(expected).map(Math::abs).max().orElseThrow();
    assertThat(actual).as(what).containsExactly(expected, within(ROUNDING * largest));
  }

  private static double[] weights(Model model, RecoveredLayer layer) {
    return LinearLayer.of(ErrorGraph.producer(model, layer.layer())).weights();
  }
}
