package io.gohsp.selection;

import io.gohsp.plan.InvalidOption;
import io.gohsp.plan.JsonPlace;
import io.gohsp.plan.PlanJson;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * A file of wishes: a JSON object whose names are patterns of blocks, as {@link Exclusion} has
 * them, and whose values are {@code "keep"}, for what stays as it is, or objects of shares ({@code
 * heads}, {@code qk}, {@code v}, {@code neurons}: a count, or a percentage as text; no heads or no
 * neurons drop the attention or the MLP) and floors ({@code minHeads}, {@code minWidth}, {@code
 * minNeurons}; where layers compete, 0 lets a branch go).
 *
 * @param exclude what stays as it is; may name weights too
 * @param blocks what others keep
 */
public record Wishes(List<Exclusion> exclude, List<BlockWish> blocks) {
  /** None. */
  public static final Wishes NONE = new Wishes(List.of(), List.of());

  private static final int LARGEST = 1 << 24;

  private static final String KEEP = "keep";

  private static final Map<String, GroupKind> SHARES =
      Map.of(
          "heads", GroupKind.HEADS,
          "qk", GroupKind.QK,
          "v", GroupKind.V,
          "neurons", GroupKind.NEURONS);

  private static final Map<String, List<GroupKind>> FLOORS =
      Map.of(
          "minHeads", List.of(GroupKind.HEADS),
          "minWidth", List.of(GroupKind.QK, GroupKind.V),
          "minNeurons", List.of(GroupKind.NEURONS));

  public Wishes {
    exclude = List.copyOf(exclude);
    blocks = List.copyOf(blocks);
  }

  /**
   * Reads a file.
   *
   * @throws io.gohsp.ir.ModelException.BadPlan if it is not of this form
   * @throws IOException if it cannot be read
   */
  public static Wishes read(Path file) throws IOException {
    JsonPlace root = PlanJson.root(file);
    if (!root.node().isObject()) {
      root.object(Set.of());
    }
    List<Exclusion> exclude = new ArrayList<>();
    List<BlockWish> blocks = new ArrayList<>();
    for (Iterator<String> names = root.node().fieldNames(); names.hasNext(); ) {
      String name = names.next();
      JsonPlace wish = root.required(name);
      if (wish.node().isTextual() && wish.text().equals(KEEP)) {
        exclude.add(Exclusion.parse(name).after(blocks)); // the first that says something counts
      } else {
        blocks.add(wish(name, wish));
      }
    }
    return new Wishes(exclude, blocks);
  }

  private static BlockWish wish(String name, JsonPlace place) {
    if (!place.node().isObject()) {
      throw place.bad(
          "expected \"" + KEEP + "\" or an object, found " + place.quoted(),
          "such as {\"heads\": 4, \"neurons\": \"50%\", \"minWidth\": 8}");
    }
    Map<GroupKind, Share> shares = new EnumMap<>(GroupKind.class);
    Map<GroupKind, Integer> floors = new EnumMap<>(GroupKind.class);
    for (Iterator<String> fields = place.node().fieldNames(); fields.hasNext(); ) {
      String field = fields.next();
      JsonPlace value = place.required(field);
      if (SHARES.containsKey(field)) {
        shares.put(SHARES.get(field), share(value, least(SHARES.get(field))));
      } else if (FLOORS.containsKey(field)) {
        List<GroupKind> kinds = FLOORS.get(field);
        int floor = value.wholeNumber(least(kinds.get(0)), LARGEST);
        kinds.forEach(kind -> floors.put(kind, floor));
      } else {
        throw value.bad(
            "is not known", "known are heads, qk, v, neurons, minHeads, minWidth, minNeurons");
      }
    }
    return new BlockWish(Exclusion.parse(name), shares, floors);
  }

  /** A branch goes with all its heads or neurons; a head that stays has columns. */
  private static int least(GroupKind kind) {
    return kind.isColumns() ? 1 : 0;
  }

  private static Share share(JsonPlace value, int least) {
    if (value.node().isTextual()) {
      try {
        return Share.parse(value.path(), value.text());
      } catch (InvalidOption e) { // its message begins with the path
        throw value.wrong(String.valueOf(e.getMessage()));
      }
    }
    int count = value.wholeNumber(least, LARGEST);
    return count == 0 ? Share.NONE : new Share.Count(count);
  }
}
