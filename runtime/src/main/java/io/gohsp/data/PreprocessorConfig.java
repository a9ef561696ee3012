package io.gohsp.data;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.gohsp.ir.ValueType;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Reads a Hugging Face {@code preprocessor_config.json}. */
final class PreprocessorConfig {
  /** Below this size, {@code crop_pct} enlarges and crops; from it on, pictures are warped. */
  private static final int WARPED_FROM = 384;

  /** Image processors whose plain-number size means the shorter edge; for others it is a square. */
  private static final List<String> SHORTER_EDGE = List.of("clip", "convnext", "levit");

  private final Path file;
  private final JsonNode root;

  private PreprocessorConfig(Path file, JsonNode root) {
    this.file = file;
    this.root = root;
  }

  static Preprocessing read(Path file, Map<String, ? extends ValueType> inputs) {
    JsonNode root;
    try {
      root = new ObjectMapper().readTree(file.toFile());
    } catch (JsonProcessingException e) {
      throw new DataException(
          file.toString(), "not JSON: " + e.getOriginalMessage(), "correct the file", e);
    } catch (IOException e) {
      throw DataException.unreadable(file, e);
    }
    if (!root.isObject()) {
      throw new DataException(file, "not a JSON object", "give a preprocessor_config.json");
    }
    return new PreprocessorConfig(file, root).preprocessing(inputs);
  }

  private Preprocessing preprocessing(Map<String, ? extends ValueType> inputs) {
    for (String unknown : List.of("do_flip_channel_order", "rescale_offset", "do_reduce_labels")) {
      if (root.path(unknown).asBoolean(false)) {
        throw new DataException(file, unknown + " is not supported", "set it to false");
      }
    }
    Resize resize = flag("do_resize") && root.has("size") ? resize() : new Resize.None();
    int[] size = target(resize);
    Preprocessing base = Preprocessing.forInput(inputs, size);
    boolean rescale = flag("do_rescale");
    boolean normalise = flag("do_normalize") && root.has("image_mean");
    try {
      return base.withResize(resize, interpolation())
          .withNormalisation(
              rescale ? root.path("rescale_factor").asDouble(1 / 255.0) : 1,
              normalise ? numbers("image_mean") : List.of(0.0),
              normalise ? numbers("image_std") : List.of(1.0),
              "from " + file.getFileName());
    } catch (IllegalArgumentException e) {
      throw new DataException(
          file.toString(),
          e.getMessage() + " of input " + base.input(),
          "correct image_mean and image_std",
          e);
    }
  }

  private boolean flag(String name) {
    return root.path(name).asBoolean(true);
  }

  /** Height and width after everything, or null if only the model can tell. */
  private int @Nullable [] target(Resize resize) {
    if (root.path("do_center_crop").asBoolean(false)) {
      JsonNode crop = root.path("crop_size");
      int height = crop.isInt() ? crop.asInt() : positive(crop, "height", "crop_size");
      int width = crop.isInt() ? crop.asInt() : positive(crop, "width", "crop_size");
      return new int[] {height, width};
    }
    if (resize instanceof Resize.Exact exact) {
      return new int[] {exact.height(), exact.width()};
    }
    if (root.has("crop_pct")) {
      int edge = edge();
      return new int[] {edge, edge};
    }
    return null;
  }

  private int edge() {
    JsonNode size = root.path("size");
    return size.isInt() ? size.asInt() : positive(size, "shortest_edge", "size");
  }

  private Resize resize() {
    JsonNode size = root.path("size");
    if (root.hasNonNull("crop_pct") && (size.isInt() || size.has("shortest_edge"))) {
      int edge = edge();
      return edge < WARPED_FROM
          ? new Resize.ShorterEdge((int) (edge / root.path("crop_pct").asDouble()))
          : new Resize.Exact(edge, edge);
    }
    if (size.isInt() && size.asInt() > 0) {
      String processor =
          (root.path("image_processor_type").asText("")
                  + root.path("feature_extractor_type").asText(""))
              .toLowerCase(Locale.ROOT);
      return SHORTER_EDGE.stream().anyMatch(processor::contains)
          ? new Resize.ShorterEdge(size.asInt())
          : new Resize.Exact(size.asInt(), size.asInt());
    }
    if (size.has("shortest_edge") && !size.has("longest_edge")) {
      return new Resize.ShorterEdge(positive(size, "shortest_edge", "size"));
    }
    return new Resize.Exact(positive(size, "height", "size"), positive(size, "width", "size"));
  }

  private int positive(JsonNode node, String name, String parent) {
    int value = node.path(name).asInt(0);
    if (value <= 0) {
      throw new DataException(
          file,
          parent + " is " + node + ", expected a number, shortest_edge, or height and width",
          "correct " + parent);
    }
    return value;
  }

  /** The numbers are Pillow's. */
  private Interpolation interpolation() {
    int code = root.path("resample").asInt(2);
    return switch (code) {
      case 0 -> Interpolation.NEAREST;
      case 1 -> Interpolation.LANCZOS;
      case 2 -> Interpolation.BILINEAR;
      case 3 -> Interpolation.BICUBIC;
      default ->
          throw new DataException(
              file, "resample is " + code + ", expected 0 to 3", "use 2 (bilinear) or 3 (bicubic)");
    };
  }

  private List<Double> numbers(String name) {
    List<Double> numbers = new ArrayList<>();
    JsonNode node = root.path(name);
    if (node.isNumber()) {
      numbers.add(node.asDouble());
    }
    node.forEach(
        element -> {
          if (!element.isNumber()) {
            throw new DataException(file, name + " is " + node, "give one number a channel");
          }
          numbers.add(element.asDouble());
        });
    return numbers;
  }
}
