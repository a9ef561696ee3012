package io.gohsp.cli;

import io.gohsp.axis.Factor;
import io.gohsp.vit.AttentionPart;
import io.gohsp.vit.Block;
import io.gohsp.vit.PrunableAxis;
import java.io.IOException;
import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * One axis that several blocks name: their weights are tied, or they share a table. What goes of
 * one goes of all.
 *
 * @param blocks by part (heads, qk, v, neurons) the blocks that have the axis, as their numbers
 */
record SharedAxis(Map<String, List<Integer>> blocks) {
  /** Those of a model, each once, in the order of blocks. */
  static List<SharedAxis> in(List<Block> blocks) {
    Map<Factor, Map<String, List<Integer>>> byFactor = new LinkedHashMap<>();
    for (int i = 0; i < blocks.size(); i++) {
      AttentionPart attention = blocks.get(i).attention();
      if (attention != null) {
        add("heads", i, attention.heads(), byFactor);
        add("qk", i, attention.qk(), byFactor);
        add("v", i, attention.v(), byFactor);
      }
      if (blocks.get(i).mlp() != null) {
        add("neurons", i, blocks.get(i).mlp().neurons(), byFactor);
      }
    }
    return byFactor.values().stream()
        .filter(named -> named.values().stream().flatMap(List::stream).distinct().count() > 1)
        .map(SharedAxis::new)
        .toList();
  }

  private static void add(
      String part,
      int block,
      @Nullable PrunableAxis axis,
      Map<Factor, Map<String, List<Integer>>> byFactor) {
    if (axis != null && axis.factor() != null) {
      byFactor
          .computeIfAbsent(axis.factor(), f -> new LinkedHashMap<>())
          .computeIfAbsent(part, p -> new ArrayList<>())
          .add(block);
    }
  }

  /** A line for the blocks whose parts are shared alike. */
  static void print(PrintWriter out, List<SharedAxis> all) {
    if (all.isEmpty()) {
      return;
    }
    out.println();
    out.println("One axis, so that what goes of one block goes of all:");
    Map<String, Set<String>> parts = new LinkedHashMap<>();
    for (SharedAxis axis : all) {
      if (axis.blocks().size() == 1) {
        axis.blocks()
            .forEach(
                (part, blocks) ->
                    parts.computeIfAbsent(ranges(blocks), b -> new LinkedHashSet<>()).add(part));
      } else {
        List<String> named = new ArrayList<>();
        axis.blocks().forEach((part, blocks) -> named.add(part + " of block " + ranges(blocks)));
        out.println("  " + String.join(", ", named));
      }
    }
    parts.forEach(
        (blocks, some) -> out.println("  " + String.join(", ", some) + " of block " + blocks));
  }

  /** {@code 0 .. 3, 5}. */
  private static String ranges(List<Integer> blocks) {
    List<String> ranges = new ArrayList<>();
    for (int from = 0; from < blocks.size(); ) {
      int to = from;
      while (to + 1 < blocks.size() && blocks.get(to + 1) == blocks.get(to) + 1) {
        to++;
      }
      ranges.add(blocks.get(from) + (to == from ? "" : " .. " + blocks.get(to)));
      from = to + 1;
    }
    return String.join(", ", ranges);
  }

  private void writeParts(Json parts, List<Block> all) throws IOException {
    for (Map.Entry<String, List<Integer>> part : blocks.entrySet()) {
      for (int block : part.getValue()) {
        parts.element(
            object -> {
              object.put("block", all.get(block).name());
              object.put("part", part.getKey());
            });
      }
    }
  }

  /** An array "shared" with an array of parts for each axis. */
  static void write(Json json, List<SharedAxis> all, List<Block> blocks) throws IOException {
    json.array(
        "shared",
        array -> {
          for (SharedAxis axis : all) {
            array.element(object -> object.array("parts", parts -> axis.writeParts(parts, blocks)));
          }
        });
  }
}
