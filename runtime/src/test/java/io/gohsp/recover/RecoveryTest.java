package io.gohsp.recover;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.gohsp.calibration.Calibration;
import io.gohsp.calibration.RandomArrays;
import io.gohsp.create.VitArchitecture;
import io.gohsp.create.VitBuilder;
import io.gohsp.data.NamedArrays;
import io.gohsp.data.Samples;
import io.gohsp.fixture.Cuts;
import io.gohsp.fixture.Cuts.Part;
import io.gohsp.fixture.Fixture;
import io.gohsp.ir.Model;
import io.gohsp.ir.ModelCopy;
import io.gohsp.ir.ModelException;
import io.gohsp.ir.Traversal;
import io.gohsp.ir.Value;
import io.gohsp.ir.ValueType.TensorType;
import io.gohsp.linalg.Matrix;
import io.gohsp.linear.ErrorGraph;
import io.gohsp.normalize.WorkingModel;
import io.gohsp.ort.HostTensor;
import io.gohsp.ort.OrtOptions;
import io.gohsp.ort.OrtProgram;
import io.gohsp.plan.BlockPlan;
import io.gohsp.plan.PruningPlan;
import io.gohsp.prune.Pruning;
import io.gohsp.tensor.ElementType;
import io.gohsp.tensor.Tensor;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.Set;
import java.util.stream.IntStream;
import org.apache.commons.math3.linear.Array2DRowRealMatrix;
import org.apache.commons.math3.linear.QRDecomposition;
import org.apache.commons.math3.linear.RealMatrix;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class RecoveryTest {
  private static final VitArchitecture SMALL = new VitArchitecture(8, 1, 4, 24, 2, 4, 16, 5);
  private static final int SAMPLES = 48;

  /** Next to nothing: what is left of a ridge that is there for rounding alone. */
  private static final RecoverySettings FREE = new RecoverySettings(1e-9);

  /** All weights of a size at which every part of the model matters. */
  private static Model model() {
    Model model = VitBuilder.build(SMALL, 3);
    Random random = new Random(5);
    for (Value value : model.graph().initializers()) {
      Tensor tensor = Objects.requireNonNull(value.constant());
      if (tensor.type() == ElementType.FLOAT && value.name().matches("blocks.*(qkv|proj|fc.).*")) {
        float[] numbers = new float[(int) tensor.size()];
        for (int i = 0; i < numbers.length; i++) {
          numbers[i] = (float) (0.4 * random.nextGaussian());
        }
        value.setConstant(Tensor.ofFloats(tensor.dims(), numbers));
      }
    }
    return model;
  }

  private static RandomArrays data(Model model, int size) {
    Value input = model.graph().inputs().get(0);
    List<Integer> dims = RandomArrays.sampleDims(Objects.requireNonNull(input.type()));
    return RandomArrays.of(input.name(), dims, size, 0);
  }

  private static PruningPlan plan(Model model, Set<Part> parts) {
    return Cuts.halves(WorkingModel.normalized(model).blocks(), parts, 11);
  }

  private static List<RecoveredLayer> recover(
      Model dense, PruningPlan plan, Model pruned, int batch, RecoverySettings settings) {
    return Recovery.of(dense, plan, data(dense, SAMPLES).calibration(batch), settings)
        .apply(pruned);
  }

  /** All outputs on the calibration samples, as one row. */
  private static double[] outputs(Model model, int batch) {
    RandomArrays data = data(model, SAMPLES);
    Value input = model.graph().inputs().get(0);
    ElementType type = ((TensorType) input.type()).element();
    List<double[]> all = new ArrayList<>();
    try (OrtProgram program = OrtProgram.compile(model, OrtOptions.VERIFY.withThreads(1))) {
      for (int from = 0; from + batch <= SAMPLES; from += batch) {
        long[] dims = new long[data.field().dims().size() + 1];
        dims[0] = batch;
        Arrays.setAll(dims, i -> i == 0 ? batch : data.field().dims().get(i - 1));
        float[] numbers = new float[batch * data.field().elements()];
        for (int i = 0; i < batch; i++) {
          ByteBuffer row = data.row(from + i, 0).order(ByteOrder.LITTLE_ENDIAN);
          row.asFloatBuffer().get(numbers, i * data.field().elements(), data.field().elements());
        }
        Map<String, HostTensor> feed = new LinkedHashMap<>();
        feed.put(input.name(), HostTensor.ofFloats(type, dims, numbers));
        program.run(feed).values().forEach(result -> all.add(result.doubles()));
      }
    }
    return all.stream().flatMapToDouble(Arrays::stream).toArray();
  }

  private static double distance(double[] a, double[] b) {
    double sum = 0;
    for (int i = 0; i < a.length; i++) {
      sum += (a[i] - b[i]) * (a[i] - b[i]);
    }
    return Math.sqrt(sum / a.length);
  }

  private static double largestDifference(double[] a, double[] b) {
    return IntStream.range(0, a.length).mapToDouble(i -> Math.abs(a[i] - b[i])).max().orElseThrow();
  }

  /** Odd heads and neurons compute what the even one before them does, and go. */
  @Test
  void whatDependsLinearlyOnTheRestIsRecoveredExactly() {
    Model dense = model();
    for (Value value : dense.graph().initializers()) {
      if (value.name().startsWith("blocks.") && value.name().contains("fc1")) {
        repeatRows(value, 1);
      } else if (value.name().startsWith("blocks.") && value.name().contains("qkv")) {
        repeatRows(value, SMALL.headDim());
      }
    }
    List<BlockPlan> blocks = new ArrayList<>();
    List<Integer> even = IntStream.range(0, SMALL.mlp() / 2).map(i -> 2 * i).boxed().toList();
    WorkingModel.normalized(dense)
        .blocks()
        .forEach(block -> blocks.add(Cuts.plan(block, List.of(0, 2), null, null, even)));
    PruningPlan plan = new PruningPlan(blocks, Map.of());
    Model pruned = Pruning.prune(dense, plan);
    double[] expected = outputs(dense, 8);
    assertThat(largestDifference(outputs(pruned, 8), expected)).isGreaterThan(0.1);
    List<RecoveredLayer> layers = recover(dense, plan, pruned, 8, FREE);
    assertThat(layers).allMatch(RecoveredLayer::isCorrected).hasSize(4);
    assertThat(largestDifference(outputs(pruned, 8), expected)).isLessThan(1e-4);
  }

  /** Every odd group of so many rows becomes a copy of the one before. */
  private static void repeatRows(Value value, int rows) {
    Tensor tensor = Objects.requireNonNull(value.constant());
    float[] numbers = tensor.floats();
    int group = rows * (int) (tensor.size() / tensor.dim(0));
    for (int from = 0; from + 2 * group <= numbers.length; from += 2 * group) {
      System.arraycopy(numbers, from, numbers, from + group, group);
    }
    value.setConstant(Tensor.ofFloats(tensor.dims(), numbers));
  }

  /** The first layer that is corrected, against a QR decomposition of the tokens themselves. */
  @Test
  void firstCorrectionIsTheLeastSquaresSolution() {
    Model dense = model();
    PruningPlan plan = plan(dense, EnumSet.of(Part.HEADS, Part.V, Part.NEURONS));
    Model cut = Pruning.prune(dense, plan);
    double ridge = 1e-2;
    double[][] x = rows(cut, "/blocks.0/attn/merge");
    double[][] stream = rows(cut, "/blocks.0/residual1");
    double[][] target = rows(dense, "/blocks.0/residual1");
    double[][] solution = leastSquares(x, target, stream, ridge);

    Model pruned = Pruning.prune(dense, plan);
    recover(dense, plan, pruned, 8, new RecoverySettings(ridge));
    float[] weight = numbers(pruned, "blocks.0.attn.proj.weight");
    float[] before = numbers(cut, "blocks.0.attn.proj.weight");
    float[] bias = numbers(pruned, "blocks.0.attn.proj.bias");
    float[] biasBefore = numbers(cut, "blocks.0.attn.proj.bias");
    int inputs = x[0].length;
    for (int o = 0; o < SMALL.dim(); o++) {
      for (int i = 0; i < inputs; i++) {
        double change = weight[o * inputs + i] - before[o * inputs + i];
        assertThat(change).isCloseTo(solution[i][o], within(1e-4)); // sums of FLOAT activations
      }
      assertThat((double) bias[o] - biasBefore[o]).isCloseTo(solution[inputs][o], within(1e-4));
    }
  }

  /** [inputs and a one, outputs]; tokens count by one over their variance in the target. */
  private static double[][] leastSquares(
      double[][] x, double[][] target, double[][] actual, double ridge) {
    int n = x.length;
    int inputs = x[0].length;
    int outputs = target[0].length;
    double[] weights =
        Arrays.stream(target).mapToDouble(row -> 1 / (variance(row) + 1e-5)).toArray();
    double all = Arrays.stream(weights).sum();
    double trace = 0;
    for (int i = 0; i < inputs; i++) {
      int column = i;
      double mean =
          IntStream.range(0, n).mapToDouble(row -> weights[row] * x[row][column]).sum() / all;
      trace +=
          IntStream.range(0, n)
              .mapToDouble(row -> weights[row] * Math.pow(x[row][column] - mean, 2) / all)
              .sum();
    }
    RealMatrix a = new Array2DRowRealMatrix(n + inputs, inputs + 1);
    RealMatrix b = new Array2DRowRealMatrix(n + inputs, outputs);
    for (int row = 0; row < n; row++) {
      double factor = Math.sqrt(weights[row]);
      for (int i = 0; i < inputs; i++) {
        a.setEntry(row, i, factor * x[row][i]);
      }
      a.setEntry(row, inputs, factor);
      for (int o = 0; o < outputs; o++) {
        b.setEntry(row, o, factor * (target[row][o] - actual[row][o]));
      }
    }
    for (int i = 0; i < inputs; i++) {
      a.setEntry(n + i, i, Math.sqrt(all * ridge * trace / inputs));
    }
    return new QRDecomposition(a).getSolver().solve(b).getData();
  }

  private static double variance(double[] channels) {
    double mean = Arrays.stream(channels).average().orElseThrow();
    return Arrays.stream(channels).map(c -> (c - mean) * (c - mean)).average().orElseThrow();
  }

  /** A value of a model on all samples. */
  private static double[][] rows(Model model, String name) {
    Model copy = ModelCopy.of(model).model();
    Value value = ErrorGraph.producer(copy, name).output();
    copy.graph().clearOutputs();
    copy.graph().addOutput(value);
    double[] all = outputs(copy, 8);
    int tokens = SAMPLES * SMALL.tokens();
    int width = all.length / tokens;
    double[][] rows = new double[tokens][];
    Arrays.setAll(rows, i -> Arrays.copyOfRange(all, i * width, (i + 1) * width));
    return rows;
  }

  private static float[] numbers(Model model, String name) {
    return model.graph().initializers().stream()
        .filter(value -> value.name().equals(name))
        .map(value -> Objects.requireNonNull(value.constant()).floats())
        .findFirst()
        .orElseThrow();
  }

  /** Forms of one network: how layers are written, where their biases are, what is behind them. */
  @ParameterizedTest
  @ValueSource(
      strings = {
        "timm_vit_legacy_op17_fused_dynbatch",
        "timm_vit_legacy_op17_fused",
        "timm_vit_legacy_op11_dynbatch",
        "timm_vit__gemm_transB",
        "rep_gemm2d",
        "rep_einsum",
        "rep_hf4__weight_transposes",
        "hf_vit_dynamo__constants",
        "timm_vit__functions",
        "timm_vit__ort_extended",
        "timm_vit_fused__fused_vit",
        "timm_vit__fp16_weights_cast",
        "timm_vit__fp16_keepio",
        "hf_vit__ms_mha",
        "timm_swin_legacy_dynbatch",
        "timm_vit_layerscale",
        "timm_vit_conv_mlp",
        "timm_vit_parallel_scaling",
        "timm_vit_respost",
        "timm_vit_swiglu",
        "timm_vit_tap_hidden",
        "timm_xcit"
      })
  void comesNearerToTheDenseModel(String name) {
    Model dense = Fixture.of(name).model();
    PruningPlan plan = plan(dense, EnumSet.allOf(Part.class));
    Model pruned = Pruning.prune(dense, plan);
    double[] expected = outputs(dense, 2);
    double cut = distance(outputs(pruned, 2), expected);
    Map<String, List<Long>> shapes = shapes(pruned);
    List<RecoveredLayer> layers = recover(dense, plan, pruned, 2, RecoverySettings.STANDARD);
    assertThat(layers).allSatisfy(layer -> assertThat(layer.leftAlone()).isNull());
    assertThat(layers).allSatisfy(layer -> assertThat(layer.after()).isLessThan(layer.before()));
    assertThat(distance(outputs(pruned, 2), expected)).isLessThan(cut);
    assertThat(shapes(pruned)).containsAllEntriesOf(shapes); // shared biases get copies
  }

  /** Layers that cannot be corrected stay bit for bit, with the reason. */
  @ParameterizedTest
  @CsvSource({
    "timm_vit__int8_qdq, not stored as real numbers",
    "timm_vit__int4_matmulnbits, not known as a linear layer",
    "hf_vit__int8_dynamic_perchannel, not known as a linear layer",
    "timm_vit_tied_blocks, shares its weight",
    "timm_vit__if_captured, main graph"
  })
  void leavesAlone(String name, String reason) {
    Model dense = Fixture.of(name).model();
    PruningPlan plan = plan(dense, EnumSet.allOf(Part.class));
    Model pruned = Pruning.prune(dense, plan);
    double[] cut = outputs(pruned, 2);
    List<RecoveredLayer> layers = recover(dense, plan, pruned, 2, RecoverySettings.STANDARD);
    assertThat(layers).isNotEmpty();
    assertThat(layers).allSatisfy(layer -> assertThat(layer.leftAlone()).contains(reason));
    assertThat(outputs(pruned, 2)).containsExactly(cut);
  }

  /**
   * Attention and MLP of two blocks are the same layers: the shared MLP stays, the rest is made up.
   */
  @Test
  void correctsWhatIsNotTied() {
    Model dense = Fixture.of("timm_vit_tied_mlp").model();
    PruningPlan plan = plan(dense, EnumSet.allOf(Part.class));
    List<RecoveredLayer> layers =
        recover(dense, plan, Pruning.prune(dense, plan), 2, RecoverySettings.STANDARD);
    assertThat(layers).extracting(RecoveredLayer::part).containsOnly("attention", "mlp");
    assertThat(layers)
        .allSatisfy(
            layer -> assertThat(layer.isCorrected()).isEqualTo(layer.part().equals("attention")));
  }

  /** An MLP that makes a bias for each head loses outputs with the heads. */
  @Test
  void leavesAloneWhatReturnsLess() {
    Model dense = Fixture.of("timm_vit_relpos_mlp").model();
    PruningPlan plan = plan(dense, EnumSet.allOf(Part.class));
    List<RecoveredLayer> layers =
        recover(dense, plan, Pruning.prune(dense, plan), 2, RecoverySettings.STANDARD);
    assertThat(layers).filteredOn(RecoveredLayer::isCorrected).hasSize(4);
    assertThat(layers)
        .filteredOn(layer -> !layer.isCorrected())
        .isNotEmpty()
        .allSatisfy(layer -> assertThat(layer.leftAlone()).contains("returns less"));
  }

  /** Some tokens are padding. */
  @Test
  void encoderOfText() {
    Model dense = Fixture.of("hf_bert_static").model();
    PruningPlan plan = plan(dense, EnumSet.allOf(Part.class));
    Model pruned = Pruning.prune(dense, plan);
    List<RecoveredLayer> layers =
        Recovery.of(dense, plan, new Sentences(9, 40).calibration(), RecoverySettings.STANDARD)
            .apply(pruned);
    assertThat(layers).hasSize(4).allMatch(RecoveredLayer::isCorrected);
    assertThat(layers).allSatisfy(layer -> assertThat(layer.after()).isLessThan(layer.before()));
    assertThat(layers.get(3).after()).isLessThan(0.8 * layers.get(0).before());
  }

  record Sentences(int tokens, int size) implements NamedArrays {
    Calibration calibration() {
      return new Calibration(
          inputs -> Samples.of(this, inputs), 2, OrtOptions.VERIFY.withThreads(1), 0);
    }

    @Override
    public List<Field> fields() {
      return List.of(
          new Field("input_ids", ElementType.INT64, List.of(tokens)),
          new Field("attention_mask", ElementType.INT64, List.of(tokens)));
    }

    @Override
    public ByteBuffer row(int index, int field) {
      Random random = new Random(index);
      int length = 5 + random.nextInt(tokens - 4);
      ByteBuffer row = ByteBuffer.allocate(8 * tokens).order(ByteOrder.LITTLE_ENDIAN);
      for (int i = 0; i < tokens; i++) {
        int id = i < length ? 1 + random.nextInt(20) : 0;
        row.putLong(field == 0 ? id : i < length ? 1 : 0);
      }
      return row.flip();
    }

    @Override
    public boolean isLabelled() {
      return false;
    }

    @Override
    public int label(int index) {
      return -1;
    }

    @Override
    public List<String> classes() {
      return List.of();
    }

    @Override
    public String name(int index) {
      return "sentence " + index;
    }
  }

  private static Map<String, List<Long>> shapes(Model model) {
    Map<String, List<Long>> shapes = new LinkedHashMap<>();
    Traversal.initializersWithin(model.graph())
        .forEach(
            value ->
                shapes.put(
                    value.name(),
                    Arrays.stream(Objects.requireNonNull(value.constant()).dims())
                        .boxed()
                        .toList()));
    return shapes;
  }

  @Test
  void isTheSameEachTimeAndInBatchesOfAnySize() {
    Model dense = model();
    PruningPlan plan = plan(dense, EnumSet.allOf(Part.class));
    RecoverySettings standard = RecoverySettings.STANDARD;
    assertThat(recovered(dense, plan, 16, standard))
        .containsExactly(recovered(dense, plan, 16, standard));
    // Of several ridges one is chosen by every other run, so that runs of other sizes choose
    // others.
    RecoverySettings one = new RecoverySettings(1e-3);
    double[] whole = recovered(dense, plan, 16, one);
    for (int batch : new int[] {5, 1}) {
      assertThat(largestDifference(recovered(dense, plan, batch, one), whole))
          .isLessThan(1e-3); // sums in other orders
    }
  }

  private static double[] recovered(
      Model dense, PruningPlan plan, int batch, RecoverySettings settings) {
    Model pruned = Pruning.prune(dense, plan);
    recover(dense, plan, pruned, batch, settings);
    return outputs(pruned, 8);
  }

  /** What it says is left is what there is. */
  @Test
  void errorsAreThoseOfTheModel() {
    Model dense = model();
    PruningPlan plan = plan(dense, EnumSet.allOf(Part.class));
    Model pruned = Pruning.prune(dense, plan);
    List<RecoveredLayer> layers = recover(dense, plan, pruned, 8, RecoverySettings.STANDARD);
    double[][] target = rows(dense, "/blocks.1/residual2");
    double[][] actual = rows(pruned, "/blocks.1/residual2");
    double error = 0;
    double variance = 0;
    for (int column = 0; column < SMALL.dim(); column++) {
      int c = column;
      double mean = Arrays.stream(target).mapToDouble(row -> row[c]).average().orElseThrow();
      for (int row = 0; row < target.length; row++) {
        error += Math.pow(actual[row][c] - target[row][c], 2);
        variance += Math.pow(target[row][c] - mean, 2);
      }
    }
    assertThat(layers.get(3).layer()).isEqualTo("/blocks.1/mlp/fc2");
    assertThat(layers.get(3).after()).isCloseTo(error / variance, within(1e-4));
  }

  /** Blocks before the first that loses something stay bit for bit. */
  @Test
  void startsWhereSomethingIsLost() {
    Model dense = model();
    PruningPlan whole = plan(dense, EnumSet.of(Part.NEURONS));
    BlockPlan first = whole.blocks().get(0);
    BlockPlan kept =
        new BlockPlan(
            first.block(),
            first.heads(),
            first.qkWidth(),
            first.vWidth(),
            first.neurons(),
            null,
            null,
            null,
            null);
    PruningPlan plan = new PruningPlan(List.of(kept, whole.blocks().get(1)), Map.of());
    Model pruned = Pruning.prune(dense, plan);
    List<RecoveredLayer> layers = recover(dense, plan, pruned, 8, RecoverySettings.STANDARD);
    assertThat(layers).extracting(RecoveredLayer::block).containsOnly("block 1");
    assertThat(layers).extracting(RecoveredLayer::part).containsExactly("attention", "mlp");
    assertThat(layers.get(0).leftAlone()).contains("nothing was lost");
    assertThat(layers.get(1).isCorrected()).isTrue();
    assertThat(numbers(pruned, "blocks.0.mlp.fc2.weight"))
        .containsExactly(numbers(dense, "blocks.0.mlp.fc2.weight"));
    assertThat(numbers(pruned, "blocks.1.attn.proj.weight"))
        .containsExactly(numbers(dense, "blocks.1.attn.proj.weight"));
  }

  @Test
  void activationsThatAreNotFinite() {
    Model dense = model();
    PruningPlan plan = plan(dense, EnumSet.of(Part.NEURONS));
    for (Value value : dense.graph().initializers()) {
      if (value.name().equals("pos_embed")) {
        float[] numbers = Objects.requireNonNull(value.constant()).floats();
        numbers[0] = Float.NaN;
        value.setConstant(Tensor.ofFloats(value.constant().dims(), numbers));
      }
    }
    Model pruned = Pruning.prune(dense, plan);
    assertThatThrownBy(() -> recover(dense, plan, pruned, 8, RecoverySettings.STANDARD))
        .isInstanceOf(ModelException.Unsupported.class)
        .hasMessageContaining("not finite on the data (its weight \"pos_embed\" has elements");
  }

  /** From fewer tokens than the widest layer has inputs, measured on other samples. */
  @ParameterizedTest
  @ValueSource(ints = {1, 2, 3, 4, 5, 6})
  void isNoWorseThanNoneOnOtherSamples(int seed) {
    int few = 3;
    Model dense = model();
    PruningPlan plan =
        Cuts.halves(WorkingModel.normalized(dense).blocks(), EnumSet.allOf(Part.class), seed);
    double[] expected = others(dense, few);
    double cut = distance(others(Pruning.prune(dense, plan), few), expected);
    double fixed = corrected(dense, plan, few, new RecoverySettings(1e-3), expected);
    double chosen = corrected(dense, plan, few, RecoverySettings.STANDARD, expected);
    assertThat(chosen).isLessThan(cut).isLessThan(fixed);
  }

  private static double corrected(
      Model dense, PruningPlan plan, int few, RecoverySettings settings, double[] expected) {
    Model pruned = Pruning.prune(dense, plan);
    Recovery.of(dense, plan, data(dense, few).calibration(1), settings).apply(pruned);
    return distance(others(pruned, few), expected);
  }

  /** What a model answers to all samples but the first. */
  private static double[] others(Model model, int first) {
    double[] all = outputs(model, 8);
    return Arrays.copyOfRange(all, first * all.length / SAMPLES, all.length);
  }

  /** What a change leaves, against the rows themselves; each output has its own ridge. */
  @Test
  void errorOfAChangeIsThatOfItsRows() {
    Random random = new Random(4);
    Matrix x = Matrix.zeros(40, 6);
    Matrix e = Matrix.zeros(40, 3);
    Arrays.setAll(x.values(), i -> 1 + random.nextGaussian());
    Arrays.setAll(e.values(), i -> 2 + random.nextGaussian());
    double[] one = new double[40];
    Arrays.fill(one, 1.0 / 40);
    Matrix mean = Matrix.of(1, 40, one);
    double[] inputMean = mean.times(x).values();
    double[] errorMean = mean.times(e).values();
    Matrix a = x.transposedTimes(x);
    Matrix b = x.transposedTimes(e);
    for (int i = 0; i < 6; i++) {
      for (int j = 0; j < 6; j++) {
        a.values()[i * 6 + j] = a.at(i, j) / 40 - inputMean[i] * inputMean[j];
      }
      for (int o = 0; o < 3; o++) {
        b.values()[i * 3 + o] = b.at(i, o) / 40 - inputMean[i] * errorMean[o];
      }
    }
    double[] squares = new double[3];
    for (int row = 0; row < 40; row++) {
      for (int o = 0; o < 3; o++) {
        squares[o] += e.at(row, o) * e.at(row, o) / 40;
      }
    }
    Regression regression = new Regression(a, b, inputMean, errorMean, squares);
    for (double ridge : new double[] {1e-3, 1, Double.POSITIVE_INFINITY}) {
      Regression.Change change = regression.solve(ridge);
      Matrix moved = x.times(change.weight());
      double[] left = new double[3];
      for (int row = 0; row < 40; row++) {
        for (int o = 0; o < 3; o++) {
          double off = e.at(row, o) - moved.at(row, o) - change.bias()[o];
          left[o] += off * off / 40;
        }
      }
      assertThat(regression.left(change)).containsExactly(left, within(1e-12));
      assertThat(regression.of(new int[] {2}).left(regression.of(new int[] {2}).solve(ridge)))
          .containsExactly(new double[] {left[2]}, within(1e-12));
    }
  }

  @ParameterizedTest
  @ValueSource(doubles = {0, -1, Double.NaN})
  void ridgesThatAreNone(double ridge) {
    assertThatThrownBy(() -> new RecoverySettings(ridge))
        .isInstanceOf(IllegalArgumentException.class);
  }

  /** A run that goes on knows its settings by their text. */
  @Test
  void settingsAreTheSameByTheirNumbers() {
    assertThat(new RecoverySettings(1e-3, 1)).isEqualTo(new RecoverySettings(1e-3, 1));
    assertThat(new RecoverySettings(1e-3, 1)).hasToString("RecoverySettings[ridges=[0.001, 1.0]]");
  }

  @Test
  void ridgesRise() {
    assertThatThrownBy(() -> new RecoverySettings(1e-2, 1e-3))
        .isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(RecoverySettings::new).isInstanceOf(IllegalArgumentException.class);
  }
}
