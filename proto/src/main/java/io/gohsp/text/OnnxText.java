package io.gohsp.text;

import io.gohsp.ir.Model;

/**
 * Reads models written in ONNX's textual syntax:
 *
 * <pre>{@code
 * <ir_version: 8, opset_import: ["" : 17]>
 * mlp (float[B,3] x) => (float[B,2] y)
 * <float[3,4] w1 = random(7, 0.1), float[4,2] w2 = {1,2,3,4,5,6,7,8}, float[B,4] hidden>
 * {
 *   hidden = MatMul(x, w1)
 *   [activation] active = LeakyRelu<alpha = 0.1>(hidden)
 *   y = MatMul(active, w2)
 * }
 * }</pre>
 *
 * <p>The package documentation lists where it differs from {@code onnx.parser}.
 */
public final class OnnxText {
  private OnnxText() {}

  /**
   * The model that {@code text} describes.
   *
   * @throws io.gohsp.ir.ModelException.Malformed with line, column and the line itself
   */
  public static Model parse(String text) {
    return new ModelParser(new TokenStream(text), false).parse();
  }

  /**
   * A model in which <code>{...}</code> may stand for the contents of initializers; they have no
   * data then.
   */
  static Model parseElided(String text) {
    return new ModelParser(new TokenStream(text), true).parse();
  }

  /** The standard operators' domain has two spellings, of which the IR knows the empty one. */
  static String domain(String name) {
    return name.equals("ai.onnx") ? "" : name;
  }
}
