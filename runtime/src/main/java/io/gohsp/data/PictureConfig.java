package io.gohsp.data;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.gohsp.ir.ValueType;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * A JSON file published beside a model that says how its pictures are prepared. What the file is,
 * is told by its fields: timm's {@code config.json} has {@code pretrained_cfg}, open_clip's {@code
 * preprocess_cfg}, and everything else is taken for Hugging Face's.
 */
final class PictureConfig {
  private PictureConfig() {}

  /**
   * Reads it.
   *
   * @throws DataException if it is no such file, or asks for what this program does not do
   */
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
    if (root.path("pretrained_cfg").isObject()) {
      return TimmConfig.read(file, root.path("pretrained_cfg"), inputs);
    }
    if (root.path("preprocess_cfg").isObject()) {
      return OpenClipConfig.read(file, root, inputs);
    }
    return PreprocessorConfig.read(file, root, inputs);
  }

  /** The interpolation of a name, as torchvision has them. */
  static Interpolation interpolation(Path file, String name) {
    return switch (name) {
      case "nearest" -> Interpolation.NEAREST;
      case "bilinear" -> Interpolation.BILINEAR;
      case "bicubic" -> Interpolation.BICUBIC;
      case "lanczos" -> Interpolation.LANCZOS;
      default ->
          throw new DataException(
              file, "interpolation is " + name, "use nearest, bilinear, bicubic or lanczos");
    };
  }

  /** One number a channel. */
  static List<Double> numbers(Path file, JsonNode from, String name, List<Double> otherwise) {
    JsonNode node = from.path(name);
    if (node.isMissingNode() || node.isNull()) {
      return otherwise;
    }
    List<Double> numbers = new ArrayList<>();
    for (JsonNode element : node) {
      if (!element.isNumber()) {
        throw new DataException(file, name + " is " + node, "give one number a channel");
      }
      numbers.add(element.asDouble());
    }
    return numbers;
  }

  /**
   * Resized, cut out, divided by 255 and normalised, as torchvision does.
   *
   * @param size height and width of what is cut out
   */
  static Preprocessing prepared(
      Path file,
      Map<String, ? extends ValueType> inputs,
      int[] size,
      Resize resize,
      Interpolation interpolation,
      List<Double> mean,
      List<Double> std) {
    try {
      return Preprocessing.forInput(inputs, size)
          .withResize(resize, interpolation)
          .withNormalisation(1 / 255.0, mean, std, "from " + file.getFileName());
    } catch (IllegalArgumentException e) {
      throw new DataException(file.toString(), e.getMessage(), "correct mean and std", e);
    }
  }
}
