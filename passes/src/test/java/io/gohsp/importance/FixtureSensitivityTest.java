package io.gohsp.importance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import ai.onnxruntime.OrtSession.SessionOptions.OptLevel;
import io.gohsp.autodiff.FixtureGradientsTest;
import io.gohsp.autodiff.Loss;
import io.gohsp.autodiff.Numbers;
import io.gohsp.fixture.FixtureNames;
import io.gohsp.io.OnnxReader;
import io.gohsp.ir.Model;
import io.gohsp.ir.ModelException;
import io.gohsp.ir.Value;
import io.gohsp.normalize.WorkingModel;
import io.gohsp.selection.BlockGroups;
import io.gohsp.selection.Importance.Scores;
import io.gohsp.text.OnnxText;
import io.gohsp.vit.Block;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

/** The two ways to measure, against each other: what {@link SensitivityGraph} derives. */
class FixtureSensitivityTest {
  /** Where a head's or a column's weights do not enter linearly, or are not its alone, and why. */
  private static final Map<String, String> OTHERWISE =
      Map.ofEntries(
          Map.entry("hf_llama_gqa_dynamo_op23", "qk v heads: groups of heads share keys, values"),
          Map.entry("rep_mqa", "qk v heads: all heads share keys and values"),
          Map.entry("hf_wavlm", "gates heads: the stream's columns, by head, weigh positions"),
          Map.entry("hf_modernbert", "qk heads: rotation mixes two columns"),
          Map.entry("timm_eva02_dynamo", "qk heads: rotation mixes two columns"),
          Map.entry("rep_sam_dynbatch", "qk heads: positions are scored by the queries as well"),
          Map.entry(
              "rep_lightglue_dynbatch", "gates qk v heads: all three have one axis of columns"),
          Map.entry("timm_swinv2_dynbatch", "qk heads: a norm between projection and product"),
          Map.entry("timm_vit_qknorm", "qk heads: a norm between projection and product"),
          Map.entry("timm_vit_qknorm_dynamo", "qk heads: a norm between projection and product"),
          Map.entry("timm_vit_diff_parallel", "v heads: a norm between product and projection"),
          Map.entry("timm_levit", "qk v heads: batch normalisation; a bias for each head"),
          Map.entry("timm_cait", "qk heads: layers that mix heads"),
          Map.entry(
              "timm_xcit", "qk v heads: attends over columns, normed; a temperature for each head"),
          Map.entry("hf_t5_encoder", "heads: a position bias for each head"),
          Map.entry("hf_swin_dynamo", "heads: a position bias for each head"),
          Map.entry("hf_swin_legacy", "heads: a position bias for each head"),
          Map.entry("timm_swin_legacy", "heads: a position bias for each head"),
          Map.entry("timm_swin_legacy_dynbatch", "heads: a position bias for each head"),
          Map.entry("timm_beit_dynamo", "heads: a position bias for each head"),
          Map.entry("timm_vit_relpos_bias", "heads: a position bias for each head"),
          Map.entry("timm_vit_relpos_mlp", "heads: a position bias for each head"),
          Map.entry("timm_convit", "heads: a position bias for each head"));

  /** The one activation that is homogeneous. */
  private static final Set<String> RELU =
      Set.of("timm_vit_relu", "nn_encoder_seqfirst_relu", "hf_t5_encoder");

  /** Its last attention has a single key, whose weight is 1 whatever queries and keys are. */
  private static final Set<String> ONE_KEY = Set.of("timm_levit");

  /** Sums of thousands of products in FLOAT, two ways round, relative to the largest. */
  private static final double ROUNDING = 2e-5;

  static Stream<String> fixtures() {
    return FixtureNames.sample("FixtureSensitivityTest").stream()
        .filter(fixture -> !FixtureGradientsTest.NOT_TRAINABLE.containsKey(fixture));
  }

  @ParameterizedTest
  @MethodSource("fixtures")
  void weightsContributeAsDerived(String fixture) throws Exception {
    List<Scores> gates = sums(fixture, Measured.GATES);
    List<Scores> weights = sums(fixture, Measured.WEIGHTS);
    List<Block> blocks = WorkingModel.normalized(model(fixture)).blocks();
    if (!ONE_KEY.contains(fixture)) {
      assertInfluence(blocks, gates, Measured.GATES);
      assertInfluence(blocks, weights, Measured.WEIGHTS);
    }
    String otherwise = OTHERWISE.getOrDefault(fixture, "");
    for (int b = 0; b < gates.size(); b++) {
      Scores gate = gates.get(b);
      Scores weight = weights.get(b);
      double[] values = rowSums(gate.v());
      double[] columns = added(values, rowSums(gate.qk()));
      String block = fixture + " block " + b;
      if (columns.length > 1
          && !otherwise.contains("gates")) { // a single head is no axis of its own
        assertClose(block + " gates of heads", gate.heads(), values);
      }
      if (!otherwise.contains("qk ")) {
        assertClose(block + " query-key columns", flat(weight.qk()), twice(flat(gate.qk())));
      }
      if (!otherwise.contains("v ")) {
        assertClose(block + " value columns", flat(weight.v()), twice(flat(gate.v())));
      }
      if (!otherwise.contains("heads") && columns.length > 1) {
        assertClose(block + " heads", weight.heads(), twice(columns));
      }
      if (RELU.contains(fixture)) {
        assertClose(block + " neurons", weight.neurons(), twice(gate.neurons()));
      }
    }
  }

  /** Otherwise the comparisons would be of zeroes. */
  private static void assertInfluence(List<Block> blocks, List<Scores> sums, Measured measured) {
    for (int b = 0; b < blocks.size(); b++) {
      for (BlockGroups groups : BlockGroups.of(blocks).get(b)) {
        if (groups.axis().isPrunable()) {
          assertThat(largest(flat(sums.get(b).of(groups.kind()))))
              .as("%s of %s, %s", groups.kind(), blocks.get(b).name(), measured)
              .isPositive();
        }
      }
    }
  }

  private static double[] flat(double[][] rows) {
    return Arrays.stream(rows).flatMapToDouble(Arrays::stream).toArray();
  }

  private static double[] rowSums(double[][] rows) {
    return Arrays.stream(rows).mapToDouble(row -> Arrays.stream(row).sum()).toArray();
  }

  private static double[] added(double[] a, double[] b) {
    if (a.length == 0 || b.length == 0) {
      return a.length == 0 ? b : a;
    }
    return IntStream.range(0, a.length).mapToDouble(i -> a[i] + b[i]).toArray();
  }

  private static double[] twice(double[] values) {
    return added(values, values);
  }

  private static double largest(double[] values) {
    return Arrays.stream(values).map(Math::abs).max().orElse(0);
  }

  private static void assertClose(String what, double[] actual, double[] expected) {
    assertThat(actual)
        .as(what)
        .containsExactly(expected, within(ROUNDING * Math.max(1e-3, largest(expected))));
  }

  private static Model model(String fixture) {
    return OnnxReader.read(FixtureNames.ROOT.resolve(fixture).resolve("model.onnx"));
  }

  /** Tokens and samples, both open, share an axis in front of the output layer of attention. */
  @Test
  void samplesThatShareAnAxisWithTokensAreToldApart() throws Exception {
    Sums all = bySample("hf_wavlm", Measured.GATES, -1);
    assertThat(all.bySample()).hasNumberOfRows(3);
    for (int i = 0; i < 3; i++) {
      double[] alone = bySample("hf_wavlm", Measured.GATES, i).bySample()[0];
      double[] share = Arrays.stream(all.bySample()[i]).map(sum -> 3 * sum).toArray(); // of a mean
      assertThat(largest(alone)).isPositive();
      assertClose("sample " + i, share, alone);
    }
  }

  /** A mask with a batch of its own hides heads until the batch is one. */
  @ParameterizedTest
  @CsvSource({
    "Tanh(h), '(prune it without data, or export it another way)'",
    "com.microsoft.FastGelu(h), such as without the fused com.microsoft::FastGelu"
  })
  void whatIsShownOnlyByTheLoweredCopyIsSaid(String activation, String wayOut) {
    WorkingModel working =
        WorkingModel.normalized(
            OnnxText.parse(
                """
                <ir_version: 8, opset_import: ["" : 17, "com.microsoft" : 1]>
                g (float[b,s,8] x, float[c,1,1,s] mask) => (float[b,s,8] y)
                <float[8,6] wq = range, float[8,6] wk = range, float[8,6] wv = range,
                 float[6,8] wo = range, float[8,12] w1 = range, float[12,8] w2 = range,
                 int64[4] split = {0, 0, 2, 3}, int64[1] rest = {-1}> {
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
                  size = Shape<start = 0, end = 2>(x)
                  target = Concat<axis = 0>(size, rest)
                  o2 = Reshape(o1, target)
                  o3 = MatMul(o2, wo)
                  r = Add(x, o3)
                  h = MatMul(r, w1)
                  a = %s
                  m = MatMul(a, w2)
                  y = Add(r, m)
                }
                """
                    .formatted(activation)));
    Loss loss = new Loss.Projection(working.model().graph().outputs().get(0), 1);
    assertThatThrownBy(() -> SensitivityGraph.of(working, loss, Measured.GATES))
        .isInstanceOf(ModelException.Unsupported.class)
        .hasMessageContaining("other heads")
        .hasMessageContaining(wayOut);
  }

  private static List<Scores> sums(String fixture, Measured measured) throws Exception {
    Sums sums = bySample(fixture, measured, -1);
    double[] total = new double[sums.groups().count()];
    for (double[] sample : sums.bySample()) {
      for (int i = 0; i < total.length; i++) {
        total[i] += sample[i];
      }
    }
    return sums.groups().importance(total).blocks();
  }

  /** Sums, [samples][groups] as {@link GroupSums#of} has them. */
  @SuppressWarnings("ArrayRecordComponent") // made and read once, never compared
  private record Sums(GroupSums groups, double[][] bySample) {}

  /**
   * @param only the sample that is run by itself; -1 for all in one batch
   */
  private static Sums bySample(String fixture, Measured measured, int only) throws Exception {
    Path folder = FixtureNames.ROOT.resolve(fixture);
    Model model = model(fixture);
    WorkingModel working = WorkingModel.normalized(model);
    Value output = working.model().graph().outputs().get(0);
    SensitivityGraph graph = SensitivityGraph.of(working, new Loss.Projection(output, 1), measured);
    Map<String, Numbers.Fed> feeds = new LinkedHashMap<>();
    int index = 0;
    long batch = 1;
    for (Value input : model.graph().inputs()) {
      if (input.constant() == null) {
        Numbers.Fed fed =
            Numbers.Fed.of(FixtureGradientsTest.read(folder.resolve("input_" + index++ + ".pb")));
        feeds.put(input.name(), fed);
        batch = index == 1 && fed.dims().length > 0 ? fed.dims()[0] : batch;
      }
    }
    Numbers.Fed given = Numbers.Fed.of(FixtureGradientsTest.read(folder.resolve("output_0.pb")));
    Random random = new Random(3);
    double[] signs = random.doubles(given.values().length, -1, 1).toArray();
    feeds.put(graph.target().name(), new Numbers.Fed(given.dims(), signs));
    if (only >= 0) {
      feeds.replaceAll((name, fed) -> row(fed, only));
      batch = 1;
    }
    try (Numbers program = new Numbers(graph.model(), OptLevel.NO_OPT)) {
      List<double[]> results = new ArrayList<>(program.run(feeds));
      GroupSums sums = new GroupSums(graph);
      return new Sums(sums, sums.of(results.subList(1, results.size()), Math.toIntExact(batch)));
    }
  }

  private static Numbers.Fed row(Numbers.Fed fed, int row) {
    long[] dims = fed.dims().clone();
    int each = Math.toIntExact(fed.values().length / dims[0]);
    dims[0] = 1;
    return new Numbers.Fed(dims, Arrays.copyOfRange(fed.values(), row * each, (row + 1) * each));
  }
}
