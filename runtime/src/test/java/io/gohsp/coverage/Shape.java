package io.gohsp.coverage;

import com.fasterxml.jackson.databind.JsonNode;
import io.gohsp.vit.AttentionPart;
import io.gohsp.vit.Block;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;

/**
 * Sizes of the parts of a transformer, in order of execution.
 *
 * @param heads of each attention
 * @param headWidths value columns of a head of each attention
 * @param neurons of each MLP
 */
record Shape(List<Integer> heads, List<Integer> headWidths, List<Integer> neurons) {

  /** As meta.json tells. */
  static Shape of(JsonNode meta) {
    return new Shape(
        integers(meta.get("heads")),
        integers(meta.get("head_dim")),
        integers(meta.get("mlp_hidden")));
  }

  /**
   * As it was recognised. The query-key width stands in where a single head's value columns cannot
   * be told from other axes.
   */
  static Shape of(List<Block> blocks) {
    List<AttentionPart> attentions =
        blocks.stream().map(Block::attention).filter(Objects::nonNull).toList();
    List<Integer> widths = new ArrayList<>();
    for (AttentionPart attention : attentions) {
      widths.add(
          attention.v() != null
              ? attention.v().size()
              : attention.qk() != null ? attention.qk().size() : 0);
    }
    return new Shape(
        attentions.stream().map(AttentionPart::headCount).toList(),
        widths,
        blocks.stream()
            .map(Block::mlp)
            .filter(Objects::nonNull)
            .map(mlp -> mlp.neurons().size())
            .toList());
  }

  private static List<Integer> integers(JsonNode list) {
    return StreamSupport.stream(list.spliterator(), false).map(JsonNode::asInt).toList();
  }

  /** For people: "2×4h6; 2×42". */
  String summary() {
    List<String> attentions = new ArrayList<>();
    for (int i = 0; i < heads.size(); i++) {
      attentions.add(heads.get(i) + "h" + headWidths.get(i));
    }
    List<String> mlps = neurons.stream().map(Object::toString).toList();
    String all =
        Stream.of(attentions, mlps)
            .filter(list -> !list.isEmpty())
            .map(Shape::counted)
            .collect(Collectors.joining("; "));
    return all.isEmpty() ? "none" : all;
  }

  private static String counted(List<String> all) {
    Map<String, Long> counts =
        all.stream()
            .collect(
                Collectors.groupingBy(what -> what, LinkedHashMap::new, Collectors.counting()));
    return counts.entrySet().stream()
        .map(e -> e.getValue() == 1 ? e.getKey() : e.getValue() + "×" + e.getKey())
        .collect(Collectors.joining(", "));
  }
}
