package io.gohsp.plan;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.TextNode;
import io.gohsp.ir.Location;
import io.gohsp.ir.ModelException;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * A place in a JSON document, which knows its way from the root: everything is read through it, so
 * that every message says where.
 *
 * @param path such as {@code blocks[2].heads}; empty for the root
 * @param location the document
 */
public record JsonPlace(JsonNode node, String path, Location location) {
  /** What a message quotes of a wrong value. */
  private static final int LONGEST_QUOTE = 40;

  /**
   * The refusal of what stands here: where, what is wrong, and what would do (null: nothing known).
   */
  public ModelException.BadPlan bad(String problem, @Nullable String hint) {
    return new ModelException.BadPlan(
        location, path.isEmpty() ? problem : path + ": " + problem, hint);
  }

  /** Of a message that says itself which place it is about. */
  public ModelException.BadPlan wrong(String message) {
    return new ModelException.BadPlan(location, message, null);
  }

  private ModelException.BadPlan expected(String what) {
    return bad("expected " + what + ", found " + quoted(), null);
  }

  /** What stands here, shortened, for messages. */
  public String quoted() {
    String text = node.isMissingNode() ? "nothing" : node.toString();
    return text.length() <= LONGEST_QUOTE ? text : text.substring(0, LONGEST_QUOTE) + "…";
  }

  /** This very place, known to be an object with no other than these fields. */
  public JsonPlace object(Set<String> fields) {
    if (!node.isObject()) {
      throw expected("an object");
    }
    for (Iterator<String> names = node.fieldNames(); names.hasNext(); ) {
      String name = names.next();
      if (!fields.contains(name)) {
        throw bad(
            "unknown field " + TextNode.valueOf(name), "known are " + String.join(", ", fields));
      }
    }
    return this;
  }

  /** A field; null if it is absent or null. */
  @Nullable JsonPlace optional(String field) {
    JsonNode inner = node.get(field);
    return inner == null || inner.isNull() ? null : at(field, inner);
  }

  /** A field that must be there. */
  public JsonPlace required(String field) {
    JsonPlace inner = optional(field);
    if (inner == null) {
      throw bad("field \"" + field + "\" is missing", null);
    }
    return inner;
  }

  JsonPlace at(String field, JsonNode inner) {
    // Names from outside may hold anything; quoted, they stay on one line.
    String step = field.matches("\\w+") ? field : TextNode.valueOf(field).toString();
    return new JsonPlace(inner, path.isEmpty() ? step : path + "." + step, location);
  }

  private JsonPlace at(int index) {
    return new JsonPlace(node.get(index), path + "[" + index + "]", location);
  }

  List<JsonPlace> elements(int most) {
    int count = count(most);
    List<JsonPlace> all = new ArrayList<>(count);
    for (int i = 0; i < count; i++) {
      all.add(at(i));
    }
    return all;
  }

  private int count(int most) {
    if (!node.isArray()) {
      throw expected("a list");
    }
    if (node.size() > most) {
      throw bad("expected a list of at most " + most + ", found " + node.size(), null);
    }
    return node.size();
  }

  /**
   * A text.
   *
   * @throws ModelException.BadPlan if it is none
   */
  public String text() {
    if (!node.isTextual()) {
      throw expected("text");
    }
    return node.textValue();
  }

  /**
   * A whole number from {@code least} to {@code most}.
   *
   * @throws ModelException.BadPlan if it is none
   */
  public int wholeNumber(int least, int most) {
    if (!node.isIntegralNumber()
        || !node.canConvertToInt()
        || node.intValue() < least
        || node.intValue() > most) {
      throw expected("a whole number from " + least + " to " + most);
    }
    return node.intValue();
  }

  /** Positions out of {@code size}, at least one, each once, rising. */
  List<Integer> positions(int size) {
    if (count(size) == 0) {
      throw bad("nothing would stay", "keep at least one; leave the field out to keep all");
    }
    return positionsOrNone(size);
  }

  /** Positions out of {@code size}, each once, rising. */
  List<Integer> positionsOrNone(int size) {
    int count = count(size);
    List<Integer> all = new ArrayList<>(count);
    int last = -1;
    for (int i = 0; i < count; i++) {
      JsonNode element = node.get(i);
      boolean fits = element.isIntegralNumber() && element.canConvertToInt();
      if (!fits || element.intValue() < 0 || element.intValue() >= size) {
        throw at(i).expected("a whole number from 0 to " + (size - 1));
      }
      if (element.intValue() <= last) {
        throw at(i)
            .bad(element.intValue() + " after " + last, "name each position once, in rising order");
      }
      last = element.intValue();
      all.add(last);
    }
    return all;
  }
}
