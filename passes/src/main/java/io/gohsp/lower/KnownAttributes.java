package io.gohsp.lower;

import io.gohsp.ir.Attribute;
import io.gohsp.ir.ModelException;
import io.gohsp.ir.Node;
import io.gohsp.ir.OpId;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;

/**
 * Which attributes the rules of training know, for each operator. Known is what a rule follows,
 * refuses by its value, or may ignore; anything else, as an attribute of a later operator set, is
 * refused, because a rule that does not know it would train another model.
 */
public final class KnownAttributes {
  private static final Map<OpId, Set<String>> TABLE = new LinkedHashMap<>();

  static {
    standard("Attention", "is_causal", "kv_num_heads", "left_window_size", "q_num_heads");
    // In training softmax is computed in FLOAT, and outputs after the first are refused.
    standard("Attention", "qk_matmul_output_mode", "right_window_size", "scale", "softcap");
    standard("Attention", "softmax_precision");
    standard("AveragePool", "auto_pad", "ceil_mode", "count_include_pad", "dilations");
    standard("AveragePool", "kernel_shape", "pads", "strides");
    standard("BatchNormalization", "epsilon", "momentum", "training_mode");
    standard("Cast", "round_mode", "saturate", "to"); // the first two are about 8-bit floats
    standard("CastLike", "round_mode", "saturate");
    standard("Concat", "axis");
    standard("Conv", "auto_pad", "dilations", "group", "kernel_shape", "pads", "strides");
    standard("ConvTranspose", "auto_pad", "dilations", "group", "kernel_shape");
    standard("ConvTranspose", "output_padding", "output_shape", "pads", "strides");
    standard("CumSum", "exclusive", "reverse");
    standard("DepthToSpace", "blocksize", "mode");
    standard("Dropout", "seed");
    standard("Einsum", "equation");
    standard("Elu", "alpha");
    standard("Flatten", "axis");
    standard("Gather", "axis");
    standard("GatherElements", "axis");
    standard("GatherND", "batch_dims");
    standard("Gelu", "approximate");
    standard("Gemm", "alpha", "beta", "transA", "transB");
    standard("HardSigmoid", "alpha", "beta");
    standard("InstanceNormalization", "epsilon");
    standard("LayerNormalization", "axis", "epsilon", "stash_type");
    standard("LeakyRelu", "alpha");
    standard("LogSoftmax", "axis");
    standard("MaxPool", "auto_pad", "ceil_mode", "dilations", "kernel_shape", "pads");
    standard("MaxPool", "storage_order", "strides");
    standard("Pad", "mode");
    standard("RMSNormalization", "axis", "epsilon", "stash_type");
    for (String reduction :
        new String[] {"LogSum", "LogSumExp", "L1", "L2", "Max", "Mean", "Min", "Prod", "Sum"}) {
      standard("Reduce" + reduction, "keepdims", "noop_with_empty_axes");
    }
    standard("ReduceSumSquare", "keepdims", "noop_with_empty_axes");
    standard("Reshape", "allowzero");
    standard("Resize", "antialias", "axes", "coordinate_transformation_mode", "cubic_coeff_a");
    standard(
        "Resize", "exclude_outside", "extrapolation_value", "keep_aspect_ratio_policy", "mode");
    standard("Resize", "nearest_mode");
    standard("RotaryEmbedding", "interleaved", "num_heads", "rotary_embedding_dim");
    standard("ScatterElements", "axis", "reduction");
    standard("ScatterND", "reduction");
    standard("SimplifiedLayerNormalization", "axis", "epsilon", "stash_type");
    standard("Softmax", "axis");
    standard("SpaceToDepth", "blocksize");
    standard("Split", "axis", "num_outputs");
    standard("Transpose", "perm");
    standard("Trilu", "upper");
    microsoft(
        "Attention", "do_rotary", "mask_filter_value", "num_heads", "past_present_share_buffer");
    microsoft("Attention", "qkv_hidden_sizes", "rotary_embedding_dim", "scale", "unidirectional");
    microsoft("EmbedLayerNormalization", "epsilon", "mask_index_type");
    microsoft("FusedGemm", "activation", "activation_alpha", "activation_beta");
    microsoft("FusedGemm", "activation_gamma", "alpha", "beta", "transA", "transB");
    microsoft("FusedMatMul", "alpha", "transA", "transB", "transBatchA", "transBatchB");
    microsoft("MultiHeadAttention", "mask_filter_value", "num_heads", "scale", "unidirectional");
    microsoft("QuickGelu", "alpha");
    microsoft("RotaryEmbedding", "interleaved", "is_packed_batching", "num_heads");
    microsoft("RotaryEmbedding", "rotary_embedding_dim", "scale");
    microsoft("SkipLayerNormalization", "epsilon");
    microsoft("SkipSimplifiedLayerNormalization", "epsilon");
  }

  private KnownAttributes() {}

  private static void standard(String type, String... names) {
    put(OpId.of(type), names);
  }

  private static void microsoft(String type, String... names) {
    put(OpId.of(OpId.MICROSOFT, type), names);
  }

  private static void put(OpId op, String... names) {
    TABLE.computeIfAbsent(op, o -> new TreeSet<>()).addAll(Set.of(names));
  }

  /** Those of an operator; empty if it has none. */
  public static Set<String> of(OpId op) {
    return Collections.unmodifiableSet(TABLE.getOrDefault(op, Set.of()));
  }

  /**
   * Refuses what is not in the table.
   *
   * @throws ModelException.Unsupported naming the attribute
   */
  public static void require(Node node) {
    for (Attribute attribute : node.attributes()) {
      if (!of(node.op()).contains(attribute.name())) {
        throw new ModelException.Unsupported(
            node.location(),
            "attribute \"" + attribute.name() + "\" is not known in training",
            "export the model with an earlier operator set, without it");
      }
    }
  }
}
