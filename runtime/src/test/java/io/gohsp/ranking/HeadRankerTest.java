package io.gohsp.ranking;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.gohsp.axis.AxisLayout;
import io.gohsp.axis.Factor;
import io.gohsp.data.Augmentation;
import io.gohsp.data.DataSource;
import io.gohsp.data.Dataset;
import io.gohsp.data.Datasets;
import io.gohsp.data.Samples;
import io.gohsp.fixture.Fixture;
import io.gohsp.ir.Model;
import io.gohsp.ir.Value;
import io.gohsp.normalize.WorkingModel;
import io.gohsp.ort.OrtOptions;
import io.gohsp.rank.HeadOrder;
import io.gohsp.rank.HeadRanking;
import io.gohsp.rank.MarkovChain;
import io.gohsp.rank.Similarity;
import io.gohsp.selection.MagnitudeImportance;
import io.gohsp.tensor.Tensor;
import io.gohsp.vit.Coordinates;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

class HeadRankerTest {
  private static final Fixture DYNAMIC = Fixture.of("timm_vit_legacy_op17_unfused_dynbatch");

  /** The batch is built in: 2. */
  private static final Fixture STATIC = Fixture.of("timm_vit_legacy_op17_unfused");

  private static final OrtOptions OPTIONS = OrtOptions.DEFAULT.withThreads(1);

  /** What HeadRanker promises for another order or division of the samples. */
  private static final double PROMISED = 1e-6;

  private static HeadSimilarities measure(
      Model model, Similarity similarity, int[] indices, int batch) {
    try (DataSource digits = Datasets.open(Datasets.DIGITS)) {
      Dataset chosen = digits.train().subset(indices);
      return HeadRanker.measure(
          model,
          similarity,
          inputs -> Samples.of(chosen, inputs, null, Augmentation.NONE),
          batch,
          OPTIONS);
    }
  }

  private static double[] pi(HeadSimilarities similarities, String block) {
    return MarkovChain.of(similarities.byBlock().get(block), MarkovChain.Options.DEFAULT)
        .stationary();
  }

  @ParameterizedTest
  @EnumSource(Similarity.class)
  void neitherOrderNorBatchMatters(Similarity similarity) {
    Model model = DYNAMIC.model();
    int[] forwards = IntStream.range(0, 13).toArray();
    int[] backwards = IntStream.range(0, 13).map(i -> 12 - i).toArray();
    HeadSimilarities expected = measure(model, similarity, forwards, 13);
    assertThat(expected.samples()).isEqualTo(13);
    for (int batch : new int[] {1, 4, 5}) {
      HeadSimilarities actual = measure(model, similarity, backwards, batch);
      for (String block : expected.byBlock().keySet()) {
        assertThat(pi(actual, block)).containsExactly(pi(expected, block), within(PROMISED));
      }
    }
    assertThat(pi(measure(model, similarity, new int[] {20, 21, 22}, 3), "block 0"))
        .as("other samples")
        .isNotEqualTo(pi(expected, "block 0"));
  }

  /** Rows that only fill up a batch that is built in do not count. */
  @Test
  void fillingUpDoesNotCount() {
    double[] filled =
        pi(measure(STATIC.model(), Similarity.ATTENTION, new int[] {0, 1, 2}, 9), "block 1");
    double[] twice =
        pi(
            measure(STATIC.model(), Similarity.ATTENTION, new int[] {0, 1, 2, 2, 1, 0}, 9),
            "block 1");
    assertThat(filled).containsExactly(twice, within(PROMISED));
  }

  @ParameterizedTest
  @EnumSource(Similarity.class)
  void permutingHeadsPermutesPi(Similarity similarity) {
    int[] order = {2, 0, 3, 1};
    int[] samples = {0, 1, 2, 3};
    double[] before = pi(measure(DYNAMIC.model(), similarity, samples, 4), "block 0");
    double[] after =
        pi(measure(permuted(DYNAMIC.model(), order), similarity, samples, 4), "block 0");
    for (int h = 0; h < order.length; h++) {
      assertThat(after[h]).isCloseTo(before[order[h]], within(PROMISED));
      assertThat(before[h]).isNotCloseTo(before[order[h]], within(PROMISED));
    }
  }

  /** The same network with the heads of its first block in another order. */
  private static Model permuted(Model original, int[] order) {
    WorkingModel working = WorkingModel.plain(original);
    Factor heads = working.blocks().get(0).attention().heads().factor();
    int changed = 0;
    for (Value weight : working.model().graph().initializers()) {
      List<AxisLayout> axes = working.analysis().layout(weight);
      for (int axis = 0; axes != null && axis < axes.size(); axis++) {
        if (axes.get(axis).factors().anyMatch(factor -> factor == heads)) {
          int[] source = source(Coordinates.of(axes.get(axis), heads), order);
          weight.setConstant(gathered(weight.constant(), axis, source));
          changed++;
        }
      }
    }
    assertThat(changed).as("weights and biases of projections").isEqualTo(3);
    return working.model();
  }

  /** For each position where its numbers come from. */
  private static int[] source(int[] headOf, int[] order) {
    List<List<Integer>> positions = new ArrayList<>();
    for (int h = 0; h < order.length; h++) {
      int head = h;
      positions.add(
          IntStream.range(0, headOf.length).filter(p -> headOf[p] == head).boxed().toList());
    }
    int[] source = new int[headOf.length];
    int[] seen = new int[order.length];
    for (int p = 0; p < headOf.length; p++) {
      source[p] = positions.get(order[headOf[p]]).get(seen[headOf[p]]++);
    }
    return source;
  }

  private static Tensor gathered(Tensor tensor, int axis, int[] source) {
    int inner = 1;
    for (int i = axis + 1; i < tensor.rank(); i++) {
      inner *= (int) tensor.dim(i);
    }
    float[] from = tensor.floats();
    float[] to = new float[from.length];
    for (int i = 0; i < to.length; i++) {
      int at = i / inner % source.length;
      to[i] = from[i + (source[at] - at) * inner];
    }
    return Tensor.ofFloats(tensor.dims(), to);
  }

  @ParameterizedTest
  @ValueSource(strings = {"GRAPH", "MMR", "MAGNITUDE", "RANDOM"})
  void ranksEveryBlockWithAttention(HeadOrder by) {
    WorkingModel working = WorkingModel.normalized(DYNAMIC.model());
    HeadSimilarities similarities =
        measure(DYNAMIC.model(), Similarity.ATTENTION, new int[] {0, 1}, 2);
    HeadRanking.Options options = new HeadRanking.Options(by, false, 1, 0);
    List<RankedBlock> ranked =
        RankedBlock.of(
            working,
            similarities,
            MarkovChain.Options.DEFAULT,
            options,
            MagnitudeImportance.of(working));
    assertThat(ranked).extracting(RankedBlock::block).containsExactly("block 0", "block 1");
    assertThat(ranked)
        .allSatisfy(
            block -> assertThat(block.ranking().order()).containsExactlyInAnyOrder(0, 1, 2, 3));
    assertThat(HeadPicture.svg("a & b", ranked))
        .contains("a &amp; b", "block 1", "head 3: stationary probability")
        .doesNotContain("<script", "href");
  }

  @Test
  void pictureMarksWhatGoesAndDrawsEdgesThatMatterAlone() {
    int heads = 6;
    double[][] s = new double[heads][heads];
    for (int i = 0; i < heads; i++) {
      for (int j = 0; j < heads; j++) {
        s[i][j] = i == j ? 1 : 0.997 + 0.0005 * Math.min(i, j) + 0.00001 * Math.max(i, j);
      }
    }
    MarkovChain chain = MarkovChain.of(s, MarkovChain.Options.DEFAULT);
    HeadRanking.Options options = new HeadRanking.Options(HeadOrder.GRAPH, false, 1, 0);
    RankedBlock block =
        new RankedBlock(
            "block 7", s, chain, HeadRanking.of("block 7", 7, heads, s, chain, null, options));
    String panel = HeadPicture.panels(List.of(block), ranked -> Set.of(1, 2, 3, 4, 5)).get(0);
    assertThat(panel.split("hg-removed\"", -1)).hasSize(2);
    assertThat(panel).contains("place", ", removed", "0.9970", "0.9990", "prefers-color-scheme");
    // Each head's two most alike: 5 and 4 of 0 to 3, 5 and 3 of 4, 4 and 3 of 5.
    assertThat(panel.split("<line", -1).length - 1).isEqualTo(9);
  }
}
