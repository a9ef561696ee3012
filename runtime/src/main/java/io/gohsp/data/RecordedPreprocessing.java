package io.gohsp.data;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.gohsp.ir.ValueType;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * How pictures are prepared, as JSON on one line of a model's metadata: whoever uses the model
 * later does not have to say it again.
 */
public final class RecordedPreprocessing {
  /** The key in a model's metadata. */
  public static final String KEY = "gohsp.preparation";

  private static final ObjectMapper JSON = new ObjectMapper();

  private RecordedPreprocessing() {}

  /** All but the input's name, type and layout, which the model says itself. */
  public static String write(Preprocessing preprocessing) {
    ObjectNode root = JSON.createObjectNode();
    root.putArray("size").add(preprocessing.height()).add(preprocessing.width());
    Resize resize = preprocessing.resize();
    if (resize instanceof Resize.ShorterEdge edge) {
      root.put("shorterEdge", edge.size());
    } else if (resize instanceof Resize.Exact exact) {
      root.putArray("resize").add(exact.height()).add(exact.width());
    }
    root.put("interpolation", preprocessing.interpolation().name().toLowerCase(Locale.ROOT));
    root.put("scale", preprocessing.scale());
    preprocessing.mean().forEach(root.putArray("mean")::add);
    preprocessing.std().forEach(root.putArray("std")::add);
    root.put("reversed", preprocessing.reversed());
    root.put("roundedDown", preprocessing.roundedDown());
    return root.toString();
  }

  /**
   * What a model's metadata say.
   *
   * @param text what {@link #write} wrote
   * @param inputs the model's inputs
   * @throws DataException if it cannot be understood or does not fit the inputs
   */
  public static Preprocessing read(String text, Map<String, ? extends ValueType> inputs) {
    try {
      JsonNode root = JSON.readTree(text);
      int[] size = sizes(root.path("size"));
      Resize resize =
          root.has("shorterEdge")
              ? new Resize.ShorterEdge(positive(root.path("shorterEdge")))
              : root.has("resize") ? exact(sizes(root.path("resize"))) : new Resize.None();
      Interpolation interpolation = interpolation(root.path("interpolation").asText());
      Preprocessing prepared =
          Preprocessing.forInput(inputs, size)
              .withResize(resize, interpolation)
              .withNormalisation(
                  number(root.path("scale")),
                  numbers(root.path("mean")),
                  numbers(root.path("std")),
                  "from the model's metadata")
              .withReversedChannels(root.path("reversed").asBoolean());
      return root.path("roundedDown").asBoolean() ? prepared.withCentreRoundedDown() : prepared;
    } catch (JsonProcessingException | IllegalArgumentException | DataException e) {
      throw new DataException(
          "model",
          "metadata " + KEY + " cannot be understood: " + e.getMessage(),
          "say how pictures are prepared (--config, --mean, --std)",
          e);
    }
  }

  private static Interpolation interpolation(String name) {
    return Arrays.stream(Interpolation.values())
        .filter(value -> value.name().equals(name.toUpperCase(Locale.ROOT)))
        .findFirst()
        .orElseThrow(() -> new IllegalArgumentException("no interpolation is \"" + name + "\""));
  }

  private static Resize exact(int[] size) {
    return new Resize.Exact(size[0], size[1]);
  }

  private static int[] sizes(JsonNode node) {
    int[] sizes = new int[node.size()];
    Arrays.setAll(sizes, i -> positive(node.path(i)));
    if (sizes.length != 2) {
      throw new IllegalArgumentException(node + " is not height and width");
    }
    return sizes;
  }

  private static int positive(JsonNode node) {
    if (!node.isInt() || node.asInt() <= 0) {
      throw new IllegalArgumentException(node + " is no number of pixels");
    }
    return node.asInt();
  }

  private static double number(JsonNode node) {
    if (!node.isNumber() || !Double.isFinite(node.asDouble())) {
      throw new IllegalArgumentException(node + " is no number");
    }
    return node.asDouble();
  }

  private static List<Double> numbers(JsonNode node) {
    List<Double> numbers = new ArrayList<>();
    node.forEach(element -> numbers.add(number(element)));
    return numbers;
  }
}
