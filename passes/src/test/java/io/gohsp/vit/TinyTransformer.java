package io.gohsp.vit;

import io.gohsp.axis.AxisAnalysis;
import io.gohsp.ir.Model;
import io.gohsp.shape.ShapeInference;
import io.gohsp.text.GraphAssert;
import java.util.List;

/**
 * Transformers small enough to read: [2,5,8] tokens, two heads of three columns, ten neurons. Names
 * of values and weights get a prefix, so that blocks can be put together, or tied.
 */
public final class TinyTransformer {
  /** Prefix P_, reads IN (keys and values from MEMORY), adds to the stream as OUT. */
  private static final String ATTENTION =
      """
      P_q0 = MatMul(IN, P_wq)
      P_k0 = MatMul(MEMORY, P_wk)
      P_v0 = MatMul(MEMORY, P_wv)
      P_q1 = Reshape(P_q0, split)
      P_k1 = Reshape(P_k0, split)
      P_v1 = Reshape(P_v0, split)
      P_q = Transpose<perm = [0,2,1,3]>(P_q1)
      P_k = Transpose<perm = [0,2,3,1]>(P_k1)
      P_v = Transpose<perm = [0,2,1,3]>(P_v1)
      P_s = MatMul(P_q, P_k)
      P_l = Mul(P_s, scale)
      P_a = Softmax<axis = -1>(P_l)
      P_c0 = MatMul(P_a, P_v)
      P_c1 = Transpose<perm = [0,2,1,3]>(P_c0)
      P_c = Reshape(P_c1, join)
      P_o = MatMul(P_c, P_wo)
      OUT = Add(IN, P_o)
      """;

  private static final String ATTENTION_WEIGHTS =
      "float[8,6] P_wq = range, float[8,6] P_wk = range, float[8,6] P_wv = range,"
          + " float[6,8] P_wo = range";

  private static final String MLP =
      """
      P_h = MatMul(IN, P_w1)
      P_r = Relu(P_h)
      P_f = MatMul(P_r, P_w2)
      OUT = Add(IN, P_f)
      """;

  private static final String MLP_WEIGHTS = "float[8,10] P_w1 = range, float[10,8] P_w2 = range";

  /** Constants of all attentions. */
  public static final String TWO_HEADS =
      "float scale = {0.5}, int64[4] split = {0,0,2,3}, int64[3] join = {0,0,6}";

  private TinyTransformer() {}

  /** An attention over {@code in} itself. */
  public static String attention(String prefix, String in, String out) {
    return attention(prefix, in, in, out);
  }

  /** An attention whose keys and values come from {@code memory}. */
  public static String attention(String prefix, String in, String memory, String out) {
    return part(ATTENTION, prefix, in, memory, out);
  }

  public static String mlp(String prefix, String in, String out) {
    return part(MLP, prefix, in, in, out);
  }

  /** The weights of an attention and an MLP. */
  public static String weights(String prefix) {
    return ATTENTION_WEIGHTS.replace("P_", prefix) + ", " + mlpWeights(prefix);
  }

  public static String mlpWeights(String prefix) {
    return MLP_WEIGHTS.replace("P_", prefix);
  }

  private static String part(String template, String prefix, String in, String memory, String out) {
    return template
        .replace("P_", prefix)
        .replace("MEMORY", memory)
        .replace("IN", in)
        .replace("OUT", out);
  }

  /** A model that returns "y". */
  public static Model model(String inputs, String weights, String nodes) {
    return GraphAssert.parse(
        "g (" + inputs + ") => (float[2,5,8] y) <" + weights + "> {\n" + nodes + "}");
  }

  /** Two plain blocks. */
  public static Model twoBlocks() {
    return model(
        "float[2,5,8] x",
        String.join(", ", TWO_HEADS, weights("a_"), weights("b_")),
        attention("a_", "x", "x1")
            + mlp("a_", "x1", "x2")
            + attention("b_", "x2", "x3")
            + mlp("b_", "x3", "y"));
  }

  public static List<Block> blocks(Model model) {
    return TransformerRecognizer.blocks(AxisAnalysis.of(model, ShapeInference.of(model)));
  }
}
