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
import java.util.Map;
import java.util.Objects;
import java.util.Set;
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

  /** Where only run time knows that a mask has as many numbers as there are tokens. */
  @ParameterizedTest
  @CsvSource({
    "Identity(mask), true",
    "'Mul(inverse, hidden)', true",
    "'Gather<axis = 1>(mask, places)', false"
  })
  void itIsSaidWhereNothingTiesAMaskToTokens(String picked, boolean tied) {
    Model model =
        OnnxText.parse(
            """
            <ir_version: 8, opset_import: ["" : 17]>
            g (float[b,s,2] x, float[c,t] mask) => (float[b,s,2] y)
              <int64 zero = {0}, int64 one = {1}, int64[1] axis = {1}, float yes = {1}, float hidden = {-1e9}> {
              shape = Shape(x) tokens = Gather(shape, one) places = Range(zero, tokens, one)
              across = Transpose<perm = [0, 2, 1]>(x) scores = MatMul(x, across)
              inverse = Sub(yes, mask) picked = %s spread = Unsqueeze(picked, axis) masked = Add(scores, spread)
              map = Softmax(masked) y = MatMul(map, x)
            }
            """
                .formatted(picked));
    assertThat(TokenMask.find(model).orElseThrow().isOfTokens(model)).isEqualTo(tied);
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
