package io.gohsp.vit;

import static org.assertj.core.api.Assertions.assertThat;

import io.gohsp.axis.Contraction;
import io.gohsp.axis.Fixed;
import io.gohsp.ir.Model;
import io.gohsp.text.GraphAssert;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Blocks of tiny models whose structure differs from the plain one in one thing each. */
class TransformerRecognizerTest {
  private static List<Block> blocks(String inputs, String weights, String nodes) {
    return TinyTransformer.blocks(TinyTransformer.model(inputs, weights, nodes));
  }

  /** "2h3/3; 10": heads, query-key and value columns; neurons. */
  private static List<String> describe(List<Block> blocks) {
    return blocks.stream().map(TransformerRecognizerTest::describe).toList();
  }

  private static String describe(Block block) {
    List<String> parts = new ArrayList<>();
    AttentionPart attention = block.attention();
    if (attention != null) {
      parts.add(attention.headCount() + "h" + size(attention.qk()) + "/" + size(attention.v()));
    }
    if (block.mlp() != null) {
      parts.add(size(block.mlp().neurons()));
    }
    return String.join("; ", parts);
  }

  private static String size(@Nullable PrunableAxis axis) {
    return axis == null
        ? "-"
        : axis.size()
            + (axis.isPrunable() ? "" : "!")
            + (axis.positionsPerUnit() == 1 ? "" : " by " + axis.positionsPerUnit());
  }

  private static AttentionPart attention(List<Block> blocks, int index) {
    return Objects.requireNonNull(blocks.get(index).attention());
  }

  private static MlpPart mlp(List<Block> blocks, int index) {
    return Objects.requireNonNull(blocks.get(index).mlp());
  }

  private static List<String> layers(List<Contraction> outputs) {
    return outputs.stream().map(layer -> layer.node().output().name()).toList();
  }

  @Test
  void plainBlocks() {
    List<Block> blocks =
        blocks(
            "float[2,5,8] x",
            String.join(
                ", ",
                TinyTransformer.TWO_HEADS,
                TinyTransformer.weights("a_"),
                TinyTransformer.weights("b_")),
            TinyTransformer.attention("a_", "x", "x1")
                + TinyTransformer.mlp("a_", "x1", "x2")
                + TinyTransformer.attention("b_", "x2", "x3")
                + TinyTransformer.mlp("b_", "x3", "y"));
    assertThat(describe(blocks)).containsExactly("2h3/3; 10", "2h3/3; 10");
    assertThat(blocks).extracting(Block::name).containsExactly("block 0", "block 1");
    PrunableAxis v = Objects.requireNonNull(attention(blocks, 0).v());
    assertThat(v.dependsOn())
        .as("each head chooses its own columns")
        .containsExactly(Objects.requireNonNull(attention(blocks, 0).heads()).factor());
  }

  @Test
  void oneHeadIsToldByItsColumns() {
    List<Block> blocks =
        blocks(
            "float[2,5,8] x",
            TinyTransformer.weights("a_") + ", float scale = {0.5}",
            """
            a_q = MatMul(x, a_wq)
            a_k0 = MatMul(x, a_wk)
            a_v = MatMul(x, a_wv)
            a_k = Transpose<perm = [0,2,1]>(a_k0)
            s = MatMul(a_q, a_k)
            a = Softmax<axis = -1>(s)
            c = MatMul(a, a_v)
            o = MatMul(c, a_wo)
            x1 = Add(x, o)
            """
                + TinyTransformer.mlp("a_", "x1", "y"));
    assertThat(describe(blocks)).containsExactly("1h6/6; 10");
    assertThat(attention(blocks, 0).heads()).isNull();
  }

  /** Two blocks with the same weights have the same axes: what goes, goes in both. */
  @Test
  void tiedBlocks() {
    List<Block> blocks =
        blocks(
            "float[2,5,8] x",
            TinyTransformer.TWO_HEADS + ", " + TinyTransformer.weights("t_"),
            TinyTransformer.attention("t_", "x", "x1").replaceAll("t_(?!w)", "a_")
                + TinyTransformer.mlp("t_", "x1", "x2").replaceAll("t_(?!w)", "a_")
                + TinyTransformer.attention("t_", "x2", "x3").replaceAll("t_(?!w)", "b_")
                + TinyTransformer.mlp("t_", "x3", "y").replaceAll("t_(?!w)", "b_"));
    assertThat(describe(blocks)).containsExactly("2h3/3; 10", "2h3/3; 10");
    assertThat(blocks.get(1).axes().toList()).isEqualTo(blocks.get(0).axes().toList());
    assertThat(layers(attention(blocks, 0).outputs())).containsExactly("a_o", "b_o");
    assertThat(layers(attention(blocks, 1).outputs())).as("own first").startsWith("b_o");
    assertThat(attention(blocks, 0).scores()).hasSize(2);
    assertThat(layers(mlp(blocks, 0).outputs())).containsExactly("a_f", "b_f");
    OwnLayers own = new OwnLayers(blocks);
    assertThat(layers(own.of(attention(blocks, 1).outputs()))).containsExactly("b_o");
    assertThat(layers(own.of(mlp(blocks, 0).outputs()))).containsExactly("a_f");
  }

  /** Attentions of their own, and one MLP for both. */
  @Test
  void tiedMlps() {
    List<Block> blocks =
        blocks(
            "float[2,5,8] x",
            String.join(
                ", ",
                TinyTransformer.TWO_HEADS,
                TinyTransformer.weights("a_"),
                TinyTransformer.weights("b_")),
            TinyTransformer.attention("a_", "x", "x1")
                + TinyTransformer.mlp("a_", "x1", "x2")
                + TinyTransformer.attention("b_", "x2", "x3")
                + TinyTransformer.mlp("b_", "x3", "y").replaceAll("b_w", "a_w"));
    assertThat(describe(blocks)).containsExactly("2h3/3; 10", "2h3/3; 10");
    assertThat(mlp(blocks, 1).neurons()).isEqualTo(mlp(blocks, 0).neurons());
    assertThat(attention(blocks, 1).heads()).isNotEqualTo(attention(blocks, 0).heads());
  }

  /** The second attention reads the keys and values of the first, with queries of its own. */
  @Test
  void keysAndValuesOfAnEarlierBlock() {
    List<Block> blocks =
        blocks(
            "float[2,5,8] x",
            String.join(
                ", ",
                TinyTransformer.TWO_HEADS,
                TinyTransformer.weights("a_"),
                TinyTransformer.weights("b_")),
            TinyTransformer.attention("a_", "x", "x1")
                + TinyTransformer.mlp("a_", "x1", "x2")
                + TinyTransformer.attention("b_", "x2", "x3")
                    .replaceAll("(?m)^b_[kv]\\d? = .*$", "")
                    .replaceAll("b_([kv])\\b", "a_$1")
                + TinyTransformer.mlp("b_", "x3", "y"));
    assertThat(describe(blocks)).containsExactly("2h3/3; 10", "2h3/3; 10");
    assertThat(attention(blocks, 1).heads()).isEqualTo(attention(blocks, 0).heads());
    assertThat(attention(blocks, 1).qk()).isEqualTo(attention(blocks, 0).qk());
    assertThat(attention(blocks, 1).v()).isEqualTo(attention(blocks, 0).v());
    assertThat(mlp(blocks, 1).neurons()).isNotEqualTo(mlp(blocks, 0).neurons());
  }

  /** Two layers that read the same hidden units are one MLP. */
  @Test
  void anotherReaderIsNoOtherUse() {
    List<Block> blocks =
        blocks(
            "float[2,5,8] x",
            TinyTransformer.mlpWeights("a_") + ", float[10,8] a_w3 = range",
            TinyTransformer.mlp("a_", "x", "x1")
                + "a_f3 = MatMul(a_r, a_w3)\n"
                + "y = Add(x1, a_f3)\n");
    assertThat(describe(blocks)).containsExactly("10");
    assertThat(layers(mlp(blocks, 0).outputs())).containsExactly("a_f", "a_f3");
    assertThat(new OwnLayers(blocks).of(mlp(blocks, 0).outputs())).hasSize(2);
  }

  /** Copies of a layer of which queries and keys alone are stored twice. */
  @Test
  void blocksTiedInPart() {
    List<Block> blocks =
        blocks(
            "float[2,5,8] x",
            String.join(
                ", ",
                TinyTransformer.TWO_HEADS,
                TinyTransformer.weights("t_"),
                "float[8,6] b_wq = range, float[8,6] b_wk = range"),
            TinyTransformer.attention("t_", "x", "x1").replaceAll("t_(?!w)", "a_")
                + TinyTransformer.attention("t_", "x1", "x2").replaceAll("t_(?!wv|wo)", "b_")
                + TinyTransformer.mlp("t_", "x2", "y"));

    AttentionPart part = attention(blocks, 0);

    assertThat(Objects.requireNonNull(Objects.requireNonNull(part.qk()).obstacle()).reason())
        .isEqualTo("has the same heads, but compares columns of its own");
    assertThat(Objects.requireNonNull(part.heads()).isPrunable()).isTrue();
    assertThat(Objects.requireNonNull(part.v()).isPrunable()).isTrue();
  }

  @Test
  void crossAttentionIsABlockOfItsOwn() {
    List<Block> blocks =
        blocks(
            "float[2,5,8] x, float[2,7,8] memory",
            String.join(
                ", ",
                TinyTransformer.TWO_HEADS,
                TinyTransformer.weights("a_"),
                TinyTransformer.weights("b_")),
            TinyTransformer.attention("a_", "x", "x1")
                + TinyTransformer.attention("b_", "x1", "memory", "x2")
                + TinyTransformer.mlp("b_", "x2", "y"));
    assertThat(describe(blocks)).containsExactly("2h3/3", "2h3/3; 10");
  }

  @Test
  void parallelAttentionAndMlp() {
    List<Block> blocks =
        blocks(
            "float[2,5,8] x",
            TinyTransformer.TWO_HEADS + ", " + TinyTransformer.weights("a_"),
            TinyTransformer.attention("a_", "x", "x1")
                + TinyTransformer.mlp("a_", "x", "x2")
                + "y = Add(x1, x2)\n");
    assertThat(describe(blocks)).containsExactly("2h3/3; 10");
  }

  /** Divided by its norm across heads, written out: one head less changes the others. */
  @ParameterizedTest
  @CsvSource(
      delimiter = ';',
      value = {
        "a_s = MatMul(a_q, NORMED); a_k; ReduceL2<axes = [1], keepdims = 1>(a_k)",
        "a_c0 = MatMul(a_a, NORMED); a_v; ReduceL2<axes = [1], keepdims = 1>(a_v)",
        "a_c1 = Transpose<perm = [0,2,1,3]>(NORMED); a_c0; ReduceL2<axes = [1], keepdims = 1>(a_c0)",
        "a_s = MatMul(a_q, NORMED); a_k; Einsum<equation = \"bhij,bhij->ij\">(a_k, a_k)"
      })
  void headsThatAreAddedUpForAll(String read, String value, String sum) {
    AttentionPart part =
        attention(
            ofTwoHeads(normed(TinyTransformer.attention("a_", "x", "x1"), read, value, sum)), 0);

    assertThat(Objects.requireNonNull(Objects.requireNonNull(part.heads()).obstacle()).reason())
        .isEqualTo(
            "is added up by "
                + sum.substring(0, sum.indexOf('<'))
                + ", too: removing a position would change what reads that sum");
    assertThat(Objects.requireNonNull(part.qk()).isPrunable()).isTrue();
    assertThat(Objects.requireNonNull(part.v()).isPrunable()).isTrue();
  }

  /** Values divided by their own norm: one column less changes the others. */
  @Test
  void valueColumnsThatAreAddedUpForAll() {
    AttentionPart part =
        attention(
            ofTwoHeads(
                normed(
                    TinyTransformer.attention("a_", "x", "x1"),
                    "a_c0 = MatMul(a_a, NORMED)",
                    "a_v",
                    "ReduceL2<axes = [3], keepdims = 1>(a_v)")),
            0);

    assertThat(Objects.requireNonNull(Objects.requireNonNull(part.v()).obstacle()).reason())
        .startsWith("is added up by ReduceL2, too: removing a position");
    assertThat(Objects.requireNonNull(part.heads()).isPrunable()).isTrue();
  }

  /** Values scaled by what a layer makes of all their columns. */
  @Test
  void valueColumnsThatALayerReads() {
    List<Block> blocks =
        blocks(
            "float[2,5,8] x",
            String.join(
                ", ",
                TinyTransformer.TWO_HEADS,
                TinyTransformer.weights("a_"),
                "float[3,1] gate = range"),
            TinyTransformer.attention("a_", "x", "x1")
                    .replace(
                        "a_c0 = MatMul(a_a, a_v)",
                        "a_g = MatMul(a_v, gate)\na_vg = Mul(a_v, a_g)\na_c0 = MatMul(a_a, a_vg)")
                + TinyTransformer.mlp("a_", "x1", "y"));
    PrunableAxis v = Objects.requireNonNull(attention(blocks, 0).v());
    assertThat(Objects.requireNonNull(v.obstacle()).reason())
        .startsWith("is added up by MatMul, too");
  }

  /** The nodes of an attention in which a value is divided by a sum before it is read. */
  private static String normed(String attention, String read, String value, String sum) {
    String before = read.replace("NORMED", value);
    assertThat(attention).contains(before);
    return attention.replace(
        before,
        "a_n = " + sum + "\na_vn = Div(" + value + ", a_n)\n" + read.replace("NORMED", "a_vn"));
  }

  /** Added up for something behind the block, not only for its output layer. */
  @ParameterizedTest
  @ValueSource(strings = {"a_q", "a_l", "a_v", "a_c0"})
  void headsThatAreReadBesideTheBlock(String value) {
    List<Block> blocks =
        ofTwoHeads(
            TinyTransformer.attention("a_", "x", "x0")
                + "a_n = ReduceL1<axes = [0,1,2,3], keepdims = 0>("
                + value
                + ")\nx1 = Add(x0, a_n)\n");

    assertThat(Objects.requireNonNull(attention(blocks, 0).heads()).isPrunable()).isFalse();
  }

  private static List<Block> ofTwoHeads(String attention) {
    return blocks(
        "float[2,5,8] x",
        String.join(", ", TinyTransformer.TWO_HEADS, TinyTransformer.weights("a_")),
        attention + TinyTransformer.mlp("a_", "x1", "y"));
  }

  /** Heads are mixed before and after the softmax by constant matrices over the head axis. */
  @Test
  void talkingHeads() {
    String talking =
        TinyTransformer.attention("a_", "x", "x1")
            .replace(
                "a_a = Softmax<axis = -1>(a_l)",
                """
                a_t0 = Transpose<perm = [0,2,3,1]>(a_l)
                a_t1 = MatMul(a_t0, mix)
                a_t2 = Transpose<perm = [0,3,1,2]>(a_t1)
                a_a = Softmax<axis = -1>(a_t2)""");
    List<Block> blocks =
        blocks(
            "float[2,5,8] x",
            String.join(
                ", ",
                TinyTransformer.TWO_HEADS,
                TinyTransformer.weights("a_"),
                "float[2,2] mix = range"),
            talking + TinyTransformer.mlp("a_", "x1", "y"));
    assertThat(describe(blocks)).containsExactly("2h3/3; 10");
    assertThat(Objects.requireNonNull(attention(blocks, 0).qk()).dependsOn())
        .as("the heads of queries and keys are others than those of values")
        .doesNotContain(Objects.requireNonNull(attention(blocks, 0).heads()).factor());
  }

  /**
   * What adds up over heads comes back to them: a head that is switched off at the output layer
   * still adds to what the others get, one that is removed does not.
   *
   * @param read what of the value the layer reads
   * @param joined what is made of the value and the layer's result
   */
  @ParameterizedTest
  @CsvSource(
      delimiter = ';',
      value = {
        "a_c0; ReduceMean<axes = [2,3]>(VALUE); MatMul(e, mix); Sigmoid(m); Mul; mixed",
        "a_c0; ReduceMean<axes = [2,3]>(VALUE); MatMul(e, few); MatMul(m, more); Mul; added up",
        "a_c0; Identity(VALUE); MatMul(e, mix); Identity(m); Add; mixed",
        "a_v;  Identity(VALUE); MatMul(e, mix); Identity(m); Add; mixed",
        "a_l;  Identity(VALUE); MatMul(e, mix); Identity(m); Add; mixed",
        "a_a;  Identity(VALUE); MatMul(e, mix); Identity(m); Add; mixed",
      })
  void headsThatComeBack(
      String value, String read, String layer, String gate, String joined, String how) {
    String mixed =
        "r = "
            + read.replace("VALUE", value)
            + "\ne = Transpose<perm = [0,2,3,1]>(r)\nm = "
            + layer
            + "\ng = "
            + gate
            + "\nt = Transpose<perm = [0,3,1,2]>(g)\nc = "
            + joined
            + "("
            + value
            + ", t)\n";
    Fixed obstacle =
        obstacleOfHeads(
            value,
            mixed,
            "float[2,2] mix = range, float[2,1] few = range, float[1,2] more = range");
    assertThat(obstacle.reason()).startsWith("is " + how + " by MatMul");
    assertThat(Objects.requireNonNull(obstacle.node()).output().name()).isEqualTo("m");
  }

  /** Gates of heads that layers make of the heads with all their columns. */
  @ParameterizedTest
  @ValueSource(strings = {"m = MatMul(a_c, all)", "m = MatMul(a_c, few)\ng = MatMul(m, more)"})
  void headsWithColumnsThatComeBack(String layers) {
    String made = layers.contains("g = ") ? "g" : "m";
    Fixed obstacle =
        obstacleOfHeads(
            "a_c",
            layers + "\nc = Mul(a_c, " + made + ")\n",
            "float[6,6] all = range, float[6,4] few = range, float[4,6] more = range");
    assertThat(Objects.requireNonNull(obstacle.node()).output().name()).isEqualTo("m");
  }

  /** Why heads stay where more nodes make c of a value, which the rest reads instead. */
  private static Fixed obstacleOfHeads(String value, String more, String weights) {
    String nodes = TinyTransformer.attention("a_", "x", "x1");
    int end = nodes.indexOf('\n', nodes.indexOf(value + " = ")) + 1;
    List<Block> blocks =
        blocks(
            "float[2,5,8] x",
            String.join(", ", TinyTransformer.TWO_HEADS, TinyTransformer.weights("a_"), weights),
            nodes.substring(0, end)
                + more
                + nodes.substring(end).replaceAll(value + "\\b", "c")
                + TinyTransformer.mlp("a_", "x1", "y"));
    return Objects.requireNonNull(Objects.requireNonNull(attention(blocks, 0).heads()).obstacle());
  }

  /** A bias that has heads, added in both blocks: all heads go alike, columns as they like. */
  @Test
  void headsOfBlocksThatShareABias() {
    List<Block> blocks =
        blocks(
            "float[2,5,8] x, float[2,1,1,5] mask",
            String.join(
                ", ",
                TinyTransformer.TWO_HEADS,
                TinyTransformer.weights("a_"),
                TinyTransformer.weights("b_"),
                "float[1,2,5,5] table = range"),
            "bias = Add(table, mask)\n"
                + biased("a_", "x", "x1")
                + TinyTransformer.mlp("a_", "x1", "x2")
                + biased("b_", "x2", "x3")
                + TinyTransformer.mlp("b_", "x3", "y"));

    assertThat(describe(blocks)).containsExactly("2h3/3; 10", "2h3/3; 10");
    assertThat(attention(blocks, 1).heads()).isEqualTo(attention(blocks, 0).heads());
    assertThat(attention(blocks, 1).v()).isNotEqualTo(attention(blocks, 0).v());
  }

  private static String biased(String prefix, String in, String out) {
    return TinyTransformer.attention(prefix, in, out)
        .replace("Softmax<axis = -1>(" + prefix + "l)", "Softmax<axis = -1>(" + prefix + "b)")
        .replace(prefix + "a = ", prefix + "b = Add(" + prefix + "l, bias)\n" + prefix + "a = ");
  }

  private static List<Block> grouped(int groups) {
    return blocks(
        "float[2,5,8] x",
        "float[8,12] wq = range, float[8,%1$d] wk = range, float[8,%1$d] wv = range, float[12,8] wo = range"
            .formatted(3 * groups),
        """
        q = MatMul(x, wq)
        k = MatMul(x, wk)
        v = MatMul(x, wv)
        a = Attention<q_num_heads = 4, kv_num_heads = %d>(q, k, v)
        o = MatMul(a, wo)
        y = Add(x, o)
        """
            .formatted(groups));
  }

  @Test
  void groupedQueries() {
    List<Block> blocks = grouped(2);
    assertThat(describe(blocks)).containsExactly("4h3/3");
    assertThat(size(attention(blocks, 0).heads())).isEqualTo("4 by 2");
  }

  @Test
  void oneKeyForAllQueries() {
    List<Block> blocks = grouped(1);
    assertThat(size(attention(blocks, 0).heads())).isEqualTo("4");
    assertThat(Objects.requireNonNull(attention(blocks, 0).v()).dependsOn())
        .as("all heads share the columns of the one key and value")
        .isEmpty();
  }

  /** A hidden layer that is a graph output keeps its size, and says so. */
  @Test
  void neuronsThatAreReturned() {
    Model model =
        GraphAssert.parse(
            "g (float[2,5,8] x) => (float[2,5,8] y, float[2,5,10] a_r) <"
                + TinyTransformer.mlpWeights("a_")
                + "> {\n"
                + TinyTransformer.mlp("a_", "x", "y")
                + "}");
    List<Block> blocks = TinyTransformer.blocks(model);
    PrunableAxis neurons = Objects.requireNonNull(blocks.get(0).mlp()).neurons();
    assertThat(neurons.isPrunable()).isFalse();
    assertThat(Objects.requireNonNull(neurons.obstacle()).reason())
        .isEqualTo("is an axis of the model's output \"a_r\"");
  }

  /** Where an unknown operator stands in the stream, it is named. */
  @Test
  void headsBehindAnUnknownOperator() {
    List<Block> blocks =
        blocks(
            "float[2,5,8] x",
            TinyTransformer.TWO_HEADS + ", " + TinyTransformer.weights("a_"),
            "x0 = my.Weird(x)\n" + TinyTransformer.attention("a_", "x0", "y"));
    PrunableAxis heads = Objects.requireNonNull(attention(blocks, 0).heads());
    assertThat(Objects.requireNonNull(heads.obstacle()).reason())
        .isEqualTo("the shape of \"a_q0\" is not known, nor what my::Weird returns");
  }

  /** Likewise one whose number of neurons is an output, or a part of one. */
  @Test
  void neuronsWhoseNumberIsReturned() {
    Model model =
        GraphAssert.parse(
            "g (float[B,5,8] x) => (float[B,5,8] y, int64[1] n) <int64 two = {2}, int64[1] first = {0}, "
                + TinyTransformer.mlpWeights("a_")
                + "> {\n"
                + TinyTransformer.mlp("a_", "x", "y")
                + "s = Shape(a_r)\n k = Gather<axis = 0>(s, two)\n n = Unsqueeze(k, first)\n}");
    PrunableAxis neurons =
        Objects.requireNonNull(TinyTransformer.blocks(model).get(0).mlp()).neurons();
    assertThat(Objects.requireNonNull(neurons.obstacle()).reason())
        .isEqualTo("has its extents returned by the model's output \"n\"");
  }

  /** A classifier's two layers join no stream, and a softmax makes no attention. */
  @Test
  void noBlocks() {
    assertThat(
            blocks(
                "float[2,5,8] x",
                TinyTransformer.mlpWeights("a_"),
                """
                a_h = MatMul(x, a_w1)
                a_r = Relu(a_h)
                a_f = MatMul(a_r, a_w2)
                y = Softmax<axis = -1>(a_f)
                """))
        .isEmpty();
  }
}
