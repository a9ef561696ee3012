package io.gohsp.plan;

import io.gohsp.basis.Basis;
import io.gohsp.basis.HalfText;
import io.gohsp.basis.Matrix;
import io.gohsp.stream.Directions;
import io.gohsp.vit.Block;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** The fields of a plan, one method each; checks all that can be checked without the model. */
final class PlanReader {
  private static final int MOST_BLOCKS = 100_000;
  private static final int LARGEST_SIZE = 1 << 24;
  private static final int WIDEST_STREAM = 1 << 16;

  private static final Set<String> ROOT =
      fields("format", "version", "provenance", "blocks", "streams");
  private static final Set<String> STREAM = fields("name", "width", "kept", "directions");
  private static final Set<String> BLOCK =
      fields(
          "name",
          "heads",
          "qkWidth",
          "vWidth",
          "neurons",
          "headsKept",
          "qkKept",
          "vKept",
          "neuronsKept",
          "basis");

  private static final Set<String> BASIS = fields("qk", "v");

  /** Its text is within the limit on strings. */
  private static final int WIDEST_BASIS = 512;

  private PlanReader() {}

  private static Set<String> fields(String... names) {
    return Collections.unmodifiableSet(new LinkedHashSet<>(List.of(names)));
  }

  static PlanDraft read(JsonPlace root) {
    // The format comes first: a file that is none of ours should not be told about its fields.
    JsonPlace format = root.node().isObject() ? root.optional("format") : null;
    if (format == null || !format.node().isTextual() || !format.text().equals(PlanJson.FORMAT)) {
      throw root.bad(
          "is not a plan: expected \"format\": \"" + PlanJson.FORMAT + "\"",
          "give a plan that gohsp wrote");
    }
    int version = root.required("version").wholeNumber(1, Integer.MAX_VALUE);
    if (version > PlanJson.VERSION) {
      throw root.required("version")
          .bad(
              "expected at most " + PlanJson.VERSION + ", found " + version,
              "use the gohsp that wrote the plan, or a later one");
    }
    root.object(ROOT);
    List<BlockPlan> blocks = new ArrayList<>();
    List<PlanDraft.Counts> counts = new ArrayList<>();
    for (JsonPlace place : inOrder(root.required("blocks").elements(MOST_BLOCKS))) {
      blocks.add(block(place));
      counts.add(counts(place));
    }
    return new PlanDraft(
        new PruningPlan(
            blocks, provenance(root.optional("provenance")), streams(root.optional("streams"))),
        counts,
        root.location());
  }

  /** Blocks in the order of the graph, which their names say; a file may list them in any. */
  private static List<JsonPlace> inOrder(List<JsonPlace> places) {
    Map<String, @Nullable JsonPlace> named = new LinkedHashMap<>();
    for (int i = 0; i < places.size(); i++) {
      named.put(Block.nameOf(i), null);
    }
    for (JsonPlace place : places) {
      JsonPlace name = place.object(BLOCK).required("name");
      if (!named.containsKey(name.text())) {
        throw name.bad(
            name.quoted()
                + " is no block of a model of "
                + places.size()
                + ", which has \"block 0\""
                + (places.size() == 1 ? "" : " to \"" + Block.nameOf(places.size() - 1) + "\""),
            "list every block of the model once, by its name in gohsp inspect");
      }
      if (named.put(name.text(), place) != null) {
        throw name.bad(name.quoted() + " is named twice", "name each block once");
      }
    }
    return named.values().stream().map(Objects::requireNonNull).toList();
  }

  private static List<StreamPlan> streams(@Nullable JsonPlace place) {
    List<StreamPlan> streams = new ArrayList<>();
    Set<String> names = new LinkedHashSet<>();
    for (JsonPlace stream : place == null ? List.<JsonPlace>of() : place.elements(MOST_BLOCKS)) {
      stream.object(STREAM);
      JsonPlace name = stream.required("name");
      if (!names.add(name.text())) {
        throw name.bad(name.quoted() + " is named twice", "name each stream once");
      }
      int width = stream.required("width").wholeNumber(1, WIDEST_STREAM);
      streams.add(
          new StreamPlan(
              name.text(),
              width,
              stream.required("kept").wholeNumber(1, width),
              directions(stream.required("directions"), width)));
    }
    return streams;
  }

  private static Directions directions(JsonPlace place, int width) {
    List<String> texts = new ArrayList<>();
    for (JsonPlace direction : place.elements(width)) {
      try {
        HalfText.parse(width, direction.text());
      } catch (IllegalArgumentException e) {
        throw direction.bad("is no direction of " + width + " channels: " + e.getMessage(), null);
      }
      texts.add(direction.text());
    }
    if (texts.isEmpty()) {
      throw place.bad("nothing would stay", "keep at least one; leave the stream out to keep all");
    }
    return Directions.parse(width, texts);
  }

  private static Map<String, String> provenance(@Nullable JsonPlace place) {
    Map<String, String> all = new LinkedHashMap<>();
    if (place != null) {
      if (!place.node().isObject()) {
        place.object(Set.of());
      }
      place
          .node()
          .properties()
          .forEach(e -> all.put(e.getKey(), place.at(e.getKey(), e.getValue()).text()));
    }
    return all;
  }

  private static BlockPlan block(JsonPlace place) {
    Integer heads = size(place, "heads");
    Integer qkWidth = size(place, "qkWidth");
    Integer vWidth = size(place, "vWidth");
    Integer neurons = size(place, "neurons");
    List<Integer> headsKept = positions(place, "headsKept", "heads", heads);
    Integer headCount = count(place, "headsKept", "heads", heads);
    Integer rows =
        headCount != null
            ? headCount
            : headsKept == null ? heads : Integer.valueOf(headsKept.size());
    if (headCount != null) {
      requireNoRows(place, "qkKept");
      requireNoRows(place, "vKept");
    }
    return new BlockPlan(
        place.required("name").text(),
        heads,
        qkWidth,
        vWidth,
        neurons,
        headsKept,
        rows(place, "qkKept", "qkWidth", qkWidth, rows),
        rows(place, "vKept", "vWidth", vWidth, rows),
        positions(place, "neuronsKept", "neurons", neurons),
        basis(place.optional("basis"), heads, qkWidth, vWidth));
  }

  /** Where a number stands in place of a list. */
  private static PlanDraft.Counts counts(JsonPlace block) {
    return new PlanDraft.Counts(
        count(block, "headsKept", "heads", size(block, "heads")),
        count(block, "qkKept", "qkWidth", size(block, "qkWidth")),
        count(block, "vKept", "vWidth", size(block, "vWidth")),
        count(block, "neuronsKept", "neurons", size(block, "neurons")));
  }

  /** Null where there is no number, or one that keeps all or nothing, which needs no choice. */
  private static @Nullable Integer count(
      JsonPlace block, String field, String sizeField, @Nullable Integer size) {
    JsonPlace place = block.optional(field);
    if (place == null || !place.node().isNumber()) {
      return null;
    }
    requireSize(place, sizeField, size);
    int all = Objects.requireNonNull(size);
    int count = place.wholeNumber(0, Integer.MAX_VALUE);
    if (count > all) {
      throw place.bad(
          "keeps %,d of %,d".formatted(count, all),
          "give %,d at most, or leave the field out to keep all".formatted(all));
    }
    return count == 0 || count == all ? null : Integer.valueOf(count);
  }

  private static void requireSize(JsonPlace place, String sizeField, @Nullable Integer size) {
    if (size == null) {
      throw place.bad("needs \"" + sizeField + "\", which is missing", "say how many there were");
    }
  }

  private static void requireNoRows(JsonPlace block, String field) {
    JsonPlace place = block.optional(field);
    if (place != null && place.node().isArray()) {
      throw place.bad(
          "lists columns of every head that stays, but not which heads do",
          "say how many columns, or list the heads");
    }
  }

  private static @Nullable Basis basis(
      @Nullable JsonPlace place,
      @Nullable Integer heads,
      @Nullable Integer qkWidth,
      @Nullable Integer vWidth) {
    if (place == null) {
      return null;
    }
    place.object(BASIS);
    return new Basis(matrices(place, "qk", heads, qkWidth), matrices(place, "v", heads, vWidth));
  }

  private static @Nullable List<Matrix> matrices(
      JsonPlace basis, String field, @Nullable Integer heads, @Nullable Integer width) {
    JsonPlace place = basis.optional(field);
    if (place == null) {
      return null;
    }
    if (width == null || heads == null || width > WIDEST_BASIS) {
      throw place.bad(
          "needs \"heads\" and \"" + field + "Width\", at most " + WIDEST_BASIS,
          "say how many there were");
    }
    List<Matrix> matrices = new ArrayList<>();
    for (JsonPlace matrix : place.elements(heads)) {
      try {
        matrices.add(Matrix.parse(width, matrix.text()));
      } catch (IllegalArgumentException e) {
        throw matrix.bad("is no basis of " + width + " columns: " + e.getMessage(), null);
      }
    }
    if (matrices.size() != heads) {
      throw place.bad(
          "lists a basis for " + matrices.size() + " heads of " + heads, "list one for each head");
    }
    return matrices;
  }

  private static @Nullable Integer size(JsonPlace block, String field) {
    JsonPlace place = block.optional(field);
    return place == null ? null : place.wholeNumber(1, LARGEST_SIZE);
  }

  private static @Nullable List<Integer> positions(
      JsonPlace block, String field, String sizeField, @Nullable Integer size) {
    JsonPlace place = block.optional(field);
    if (place == null) {
      return null;
    }
    requireSize(place, sizeField, size);
    if (place.node().isNumber()) {
      return place.node().asDouble() == 0 ? List.of() : null; // others are counted
    }
    return place.positionsOrNone(Objects.requireNonNull(size));
  }

  private static @Nullable List<List<Integer>> rows(
      JsonPlace block,
      String field,
      String sizeField,
      @Nullable Integer size,
      @Nullable Integer heads) {
    JsonPlace place = block.optional(field);
    if (place == null) {
      return null;
    }
    if (heads != null && heads == 0) {
      throw place.bad("lists columns where no head stays", "leave the field out");
    }
    if (size == null || heads == null) {
      String missing = size == null ? sizeField : "heads";
      throw place.bad("needs \"" + missing + "\", which is missing", "say how many there were");
    }
    if (place.node().isNumber()) {
      place.wholeNumber(1, Integer.MAX_VALUE);
      return null; // counted
    }
    List<List<Integer>> rows = new ArrayList<>();
    for (JsonPlace row : place.elements(heads)) {
      List<Integer> kept = row.positions(size);
      if (!rows.isEmpty() && rows.get(0).size() != kept.size()) {
        throw row.bad(
            "keeps " + kept.size() + " columns, the first head " + rows.get(0).size(),
            "keep the same number in every head; they may be different ones");
      }
      rows.add(kept);
    }
    if (rows.size() != heads) {
      throw place.bad(
          "lists columns for " + rows.size() + " heads, but " + heads + " stay",
          "list them for every head that stays");
    }
    return rows;
  }
}
