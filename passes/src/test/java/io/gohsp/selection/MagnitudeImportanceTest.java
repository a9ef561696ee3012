package io.gohsp.selection;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.gohsp.cost.Weights;
import io.gohsp.create.VitArchitecture;
import io.gohsp.ir.Attribute;
import io.gohsp.ir.Dim;
import io.gohsp.ir.Location;
import io.gohsp.ir.Model;
import io.gohsp.ir.OpId;
import io.gohsp.ir.Value;
import io.gohsp.ir.ValueType;
import io.gohsp.plan.Analysed;
import io.gohsp.plan.BlockPlan;
import io.gohsp.plan.Keeps;
import io.gohsp.plan.PlanResolver;
import io.gohsp.plan.PruningPlan;
import io.gohsp.rewrite.GraphBuilder;
import io.gohsp.tensor.ElementType;
import io.gohsp.tensor.Selection;
import io.gohsp.tensor.Tensor;
import io.gohsp.vit.Block;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.assertj.core.data.Offset;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class MagnitudeImportanceTest {
  /** Sums of at most some thousand squares in doubles, in another order. */
  private static final Offset<Double> ROUNDING = within(1e-9);

  private static List<Integer> without(int size, int gone) {
    return IntStream.range(0, size).filter(i -> i != gone).boxed().toList();
  }

  /**
   * The norm of what a plan removes, over the root of its size: found by slicing, not by sums over
   * coordinates.
   */
  private static double removed(Analysed model, BlockPlan plan, int block) {
    List<BlockPlan> plans = new ArrayList<>();
    for (Block b : model.blocks()) {
      plans.add(new BlockPlan(b.name(), null, null, null, null, null, null, null, null));
    }
    plans.set(block, plan);
    Keeps keeps =
        PlanResolver.resolve(new PruningPlan(plans, Map.of()), model.blocks(), Location.UNKNOWN);
    double[] sums = new double[2];
    Weights.of(model.model())
        .forEach(
            weight -> {
              var layouts = model.analysis().layout(weight.value());
              if (layouts == null || layouts.stream().noneMatch(keeps::touches)) {
                return;
              }
              Selection kept = keeps.selection(layouts);
              sums[0] += squares(weight.tensor()) - squares(weight.tensor().select(kept));
              sums[1] += weight.tensor().size() - weight.tensor().select(kept).size();
            });
    return Math.sqrt(sums[0] / sums[1]);
  }

  private static double squares(Tensor tensor) {
    double sum = 0;
    for (float x : tensor.floats()) {
      sum += (double) x * x;
    }
    return sum;
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "timm_vit_legacy_op17_unfused",
        "hf_vit_eager_dynamo",
        "hf_vit__fused_vit",
        "timm_vit__gemm_transB",
        "timm_vit__fp16_weights_cast",
        "rep_einsum",
        "timm_vit_swiglu_packed",
        "rep_interleaved_qkv"
      })
  void isTheNormOfWhatGoes(String fixture) {
    Analysed model = Analysed.fixture(fixture);
    Importance importance = model.magnitude();
    for (int b = 0; b < model.blocks().size(); b++) {
      Block block = model.blocks().get(b);
      Importance.Scores scores = importance.blocks().get(b);
      String name = block.name();
      for (int n = 0; n < scores.neurons().length; n += 5) {
        BlockPlan plan =
            new BlockPlan(
                name,
                null,
                null,
                null,
                null,
                null,
                null,
                null,
                without(scores.neurons().length, n));
        assertThat(scores.neurons()[n]).isCloseTo(removed(model, plan, b), ROUNDING);
      }
      int heads = scores.heads().length;
      for (int h = 0; h < heads; h++) {
        BlockPlan plan =
            new BlockPlan(name, null, null, null, null, without(heads, h), null, null, null);
        assertThat(scores.heads()[h]).isCloseTo(removed(model, plan, b), ROUNDING);
      }
      int width = scores.v()[0].length;
      for (int i = 0; i < width; i++) {
        // The same column of every head: the root mean square of the single ones.
        List<List<Integer>> rows = Collections.nCopies(heads, without(width, i));
        BlockPlan plan = new BlockPlan(name, null, null, null, null, null, null, rows, null);
        double sum = 0;
        for (double[] row : scores.v()) {
          sum += row[i] * row[i] / heads;
        }
        assertThat(Math.sqrt(sum)).isCloseTo(removed(model, plan, b), ROUNDING);
      }
    }
  }

  @Test
  void tellsTheColumnsOfHeadsApart() {
    Analysed vit = Analysed.vit(new VitArchitecture(8, 3, 4, 12, 1, 3, 20, 5));
    Importance.Scores scores = vit.magnitude().blocks().get(0);

    assertThat(scores.qk()).hasDimensions(3, 4);
    for (int h = 0; h < 3; h++) {
      for (int i = 0; i < 4; i++) {
        // Two different choices that differ in column i of head h alone, with another column gone
        // everywhere else.
        List<List<Integer>> rows = new ArrayList<>(Collections.nCopies(3, without(4, (i + 1) % 4)));
        double all = Math.pow(removed(vit, qk(rows), 0), 2);
        rows.set(h, without(4, i));
        double other = Math.pow(removed(vit, qk(rows), 0), 2);
        double difference =
            Math.pow(scores.qk()[h][i], 2) - Math.pow(scores.qk()[h][(i + 1) % 4], 2);
        assertThat(3 * (other - all)).isCloseTo(difference, ROUNDING);
      }
    }
  }

  private static BlockPlan qk(List<List<Integer>> rows) {
    return new BlockPlan("block 0", null, null, null, null, null, rows, null, null);
  }

  /**
   * x + W2 · relu(W1 · x), with W1 quantised: two neurons, of which only the scale tells which is
   * larger.
   */
  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void readsQuantisedWeightsAsWhatTheyStandFor(boolean floating) {
    Model model = new Model("mlp", null);
    model.opsets().put("", 19L);
    GraphBuilder g = GraphBuilder.appendingTo(model.graph());
    Value x =
        model
            .graph()
            .addInput(
                "x", new ValueType.TensorType(ElementType.FLOAT, List.of(Dim.of("n"), Dim.of(2))));
    Value q =
        g.constant(
            "w1",
            floating
                ? eightBits(new long[] {2, 2}, 0x44, 0x38, 0x44, 0x38) // 3 and 1
                : Tensor.ofIntegers(ElementType.INT8, new long[] {2, 2}, 13, 11, 13, 11));
    Value scale = g.constant("scale", Tensor.ofFloats(new long[] {2}, 0.5f, 4f));
    Value zero =
        g.constant(
            "zero",
            floating
                ? eightBits(new long[] {2}, 0, 0)
                : Tensor.ofIntegers(ElementType.INT8, new long[] {2}, 10, 10));
    Value w1 = g.op("DequantizeLinear", List.of(Attribute.of("axis", 1L)), q, scale, zero);
    Value hidden = g.node(OpId.of("Relu"), List.of(), 1, g.matMul(x, w1)).output();
    Value w2 = g.constant("w2", Tensor.ofFloats(new long[] {2, 2}, 1, 0, 0, 2));
    model.graph().addOutput(g.add(x, g.matMul(hidden, w2)));
    Analysed analysed = Analysed.of(model);

    assertThat(analysed.blocks()).hasSize(1);
    double[] neurons = analysed.magnitude().blocks().get(0).neurons();
    assertThat(neurons[0]).isCloseTo(Math.sqrt((2 * 1.5 * 1.5 + 1) / 4), ROUNDING);
    assertThat(neurons[1]).isCloseTo(Math.sqrt((2 * 4 * 4 + 4) / 4.0), ROUNDING);
  }

  private static Tensor eightBits(long[] dims, long... codes) {
    Tensor bytes = Tensor.ofIntegers(ElementType.UINT8, dims, codes);
    return new Tensor(ElementType.FLOAT8E4M3FN, dims, bytes.data());
  }

  @Test
  void scoresAQuantisedModelLikeTheOneItWasMadeFrom() {
    double[] exact = Analysed.fixture("hf_vit_eager_legacy").magnitude().blocks().get(0).neurons();
    double[] quantised =
        Analysed.fixture("hf_vit__int8_dynamic_perchannel").magnitude().blocks().get(0).neurons();

    assertThat(quantised).hasSameSizeAs(exact);
    for (int n = 0; n < exact.length; n++) {
      assertThat(quantised[n] / exact[n])
          .isBetween(0.95, 1.05); // steps of 1/127 of the largest weight
    }
  }

  @Test
  void chanceDependsOnTheSeedAlone() {
    List<Block> blocks = Analysed.vit(new VitArchitecture(8, 3, 4, 12, 2, 3, 20, 5)).blocks();

    assertThat(RandomImportance.of(blocks, 1)).isEqualTo(RandomImportance.of(blocks, 1));
    assertThat(RandomImportance.of(blocks, 1)).isNotEqualTo(RandomImportance.of(blocks, 2));
  }
}
