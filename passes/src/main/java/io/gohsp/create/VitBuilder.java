package io.gohsp.create;

import io.gohsp.ir.Attribute;
import io.gohsp.ir.Dim;
import io.gohsp.ir.Model;
import io.gohsp.ir.OpId;
import io.gohsp.ir.Value;
import io.gohsp.ir.ValueType;
import io.gohsp.rewrite.GraphBuilder;
import io.gohsp.tensor.ElementType;
import io.gohsp.tensor.Tensor;
import java.util.Arrays;
import java.util.List;

/**
 * Writes an untrained Vision Transformer as ONNX: input {@code image} FLOAT [batch, channels,
 * image, image], output {@code logits} FLOAT [batch, classes].
 *
 * <p>Weights have timm's names, shapes ([out, in]) and first values ({@link InitialWeights}; biases
 * zero, norms one). Nodes are named after the layer they belong to, such as {@code
 * /blocks.0/attn/qkv}, so that profiles can be read.
 *
 * <p>Operator set 17: the oldest, and so the most widely accepted, in which LayerNormalization is
 * one operator. Later sets add nothing here: exact GELU, an operator since 20, is fused from its
 * parts just as well.
 *
 * <p>The spelling was chosen by timing variants in ONNX Runtime on a CPU (DeiT-Tiny, batch 8; the
 * small one for 32² images, batch 32). The blocks keep the tokens of all images in one matrix
 * [batch*tokens, dim], so that every linear layer is a Gemm, which adds the bias as it goes: 2 to
 * 10 % less time than MatMul and Add on three axes. How q, k and v come apart makes no measurable
 * difference, so they are split along the columns, which after pruning lets q and k be narrower
 * than v. GELU in another spelling, or approximated by tanh, is 2 to 6 % slower because it is not
 * fused. The scale is on q, where it costs least; either way it becomes a factor of the product.
 */
public final class VitBuilder {
  private static final long OPSET = 17;

  /** The file format version that came with the operator set. */
  private static final long IR_VERSION = 8;

  private static final float EPSILON = 1e-6f;

  private final VitArchitecture size;
  private final InitialWeights random;
  private final Model model = new Model("vit", null);

  private VitBuilder(VitArchitecture size, long seed) {
    this.size = size;
    this.random = new InitialWeights(seed);
  }

  /** The model; the same architecture and seed give the same bytes. */
  public static Model build(VitArchitecture architecture, long seed) {
    return new VitBuilder(architecture, seed).build();
  }

  private Model build() {
    model.opsets().put("", OPSET);
    model.setIrVersion(IR_VERSION);
    GraphBuilder root = GraphBuilder.appendingTo(model.graph());
    Dim batch = Dim.of("batch");
    Value image =
        model
            .graph()
            .addInput(
                "image",
                floats(batch, Dim.of(size.channels()), Dim.of(size.image()), Dim.of(size.image())));
    Value tokens = embed(root, image);
    for (int i = 0; i < size.depth(); i++) {
      tokens = block(root.in("blocks." + i), "blocks." + i, tokens);
    }
    Value logits = classify(root, tokens);
    logits.setType(floats(batch, Dim.of(size.classes())));
    model.graph().addOutput(logits);
    return model;
  }

  private static ValueType floats(Dim... shape) {
    return new ValueType.TensorType(ElementType.FLOAT, List.of(shape));
  }

  /**
   * [batch, channels, image, image] to [batch*tokens, dim]: patches, class token in front,
   * positions.
   */
  private Value embed(GraphBuilder root, Value image) {
    GraphBuilder g = root.in("patch_embed");
    List<Long> stride = List.of((long) size.patch(), (long) size.patch());
    Value patches =
        g.as("proj")
            .op(
                "Conv",
                List.of(
                    Attribute.ofInts("kernel_shape", stride), Attribute.ofInts("strides", stride)),
                image,
                patchWeight(),
                zeros("patch_embed.proj.bias", size.dim()));
    Value rows = g.transpose(g.reshape(patches, 0, size.dim(), size.patches()), 0, 2, 1);

    GraphBuilder c = root.in("cls_token");
    Value batch = c.op("Shape", List.of(Attribute.of("start", 0L), Attribute.of("end", 1L)), image);
    Value shape = c.concat(0, batch, c.longs(1, 1));
    Value token = c.op("Expand", weight("cls_token", 1, 1, size.dim()), shape);

    Value tokens = root.as("tokens").concat(1, token, rows);
    Value placed =
        root.as("pos_embed").add(tokens, weight("pos_embed", 1, size.tokens(), size.dim()));
    return root.as("residual").reshape(placed, -1, size.dim());
  }

  private Value block(GraphBuilder g, String name, Value x) {
    Value attended =
        g.as("residual1")
            .add(x, attention(g.in("attn"), name, norm(g, name + ".norm1", "norm1", x)));
    Value hidden = norm(g, name + ".norm2", "norm2", attended);
    return g.as("residual2").add(attended, mlp(g.in("mlp"), name + ".mlp", hidden));
  }

  private Value attention(GraphBuilder g, String block, Value x) {
    String name = block + ".attn";
    long dim = size.dim();
    List<Value> qkv =
        g.as("qkv_split")
            .split(linear(g, name + ".qkv", "qkv", x, 3 * dim, dim), -1, dim, dim, dim);
    Value q = heads(g, "q", qkv.get(0), 0, 2, 1, 3);
    Value k = heads(g, "k", qkv.get(1), 0, 2, 3, 1);
    Value v = heads(g, "v", qkv.get(2), 0, 2, 1, 3);
    Value scaled =
        g.as("q_scaled").mul(q, g.as("scale").scalar((float) (1 / Math.sqrt(size.headDim()))));
    Value weights = g.as("softmax").softmax(g.as("scores").matMul(scaled, k));
    Value context = g.as("context").matMul(weights, v);
    Value merged =
        g.as("merge").reshape(g.as("merge_heads").transpose(context, 0, 2, 1, 3), -1, dim);
    return linear(g, name + ".proj", "proj", merged, dim, dim);
  }

  /**
   * [batch*tokens, dim] to [batch, heads, tokens, width of a head], or with the last two swapped.
   */
  private Value heads(GraphBuilder g, String name, Value x, long... permutation) {
    Value apart = g.as(name + "_heads").reshape(x, -1, size.tokens(), size.heads(), size.headDim());
    return g.as(name).transpose(apart, permutation);
  }

  private Value mlp(GraphBuilder g, String name, Value x) {
    Value hidden = g.gelu(linear(g, name + ".fc1", "fc1", x, size.mlp(), size.dim()));
    return linear(g, name + ".fc2", "fc2", hidden, size.dim(), size.mlp());
  }

  /**
   * [batch*tokens, dim] to [batch, classes]. The norm treats rows alone, so only the class token's
   * is computed.
   */
  private Value classify(GraphBuilder root, Value x) {
    Value tokens = root.in("head").reshape(x, -1, size.tokens(), size.dim());
    Value token = root.as("pool").gather(tokens, 1, 0);
    Value normed = norm(root, "norm", "norm", token);
    Value weight = weight("head.weight", size.classes(), size.dim());
    Value bias = zeros("head.bias", size.classes());
    Value logits = model.graph().newValue("logits");
    model
        .graph()
        .append(OpId.of("Gemm"), "/head", List.of(normed, weight, bias), List.of(logits))
        .setAttribute(Attribute.of("transB", 1L));
    return logits;
  }

  private Value linear(GraphBuilder g, String name, String layer, Value x, long out, long in) {
    return g.as(layer).linear(x, weight(name + ".weight", out, in), zeros(name + ".bias", out));
  }

  private Value norm(GraphBuilder g, String name, String layer, Value x) {
    Value scale = model.graph().addInitializer(name + ".weight", filled(1, size.dim()));
    return g.as(layer).layerNorm(x, scale, zeros(name + ".bias", size.dim()), EPSILON);
  }

  /** Uniform within one over the root of the inputs of an output. */
  private Value patchWeight() {
    long[] dims = {size.dim(), size.channels(), size.patch(), size.patch()};
    double inputs = (double) size.channels() * size.patch() * size.patch();
    return model
        .graph()
        .addInitializer("patch_embed.proj.weight", random.uniform(1 / Math.sqrt(inputs), dims));
  }

  private Value weight(String name, long... dims) {
    return model.graph().addInitializer(name, random.normal(dims));
  }

  private Value zeros(String name, long length) {
    return model.graph().addInitializer(name, filled(0, length));
  }

  private static Tensor filled(float value, long length) {
    float[] values = new float[Math.toIntExact(length)];
    Arrays.fill(values, value);
    return Tensor.ofFloats(new long[] {length}, values);
  }
}
