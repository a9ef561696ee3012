package io.gohsp.data;

import com.fasterxml.jackson.databind.JsonNode;
import io.gohsp.ir.ValueType;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/**
 * The {@code open_clip_config.json} of open_clip: {@code preprocess_cfg} and, for the size, {@code
 * model_cfg.vision_cfg}.
 */
final class OpenClipConfig {
  private static final List<Double> MEAN = List.of(0.48145466, 0.4578275, 0.40821073);
  private static final List<Double> STD = List.of(0.26862954, 0.26130258, 0.27577711);

  private OpenClipConfig() {}

  static Preprocessing read(Path file, JsonNode root, Map<String, ? extends ValueType> inputs) {
    JsonNode config = root.path("preprocess_cfg");
    JsonNode stated = config.path("size");
    int[] size =
        size(
            file,
            stated.isMissingNode() || stated.isNull()
                ? root.path("model_cfg").path("vision_cfg").path("image_size")
                : stated);
    return PictureConfig.prepared(
        file,
        inputs,
        size,
        resize(file, config.path("resize_mode").asText("shortest"), size),
        PictureConfig.interpolation(file, config.path("interpolation").asText("bicubic")),
        PictureConfig.numbers(file, config, "mean", MEAN),
        PictureConfig.numbers(file, config, "std", STD));
  }

  private static int[] size(Path file, JsonNode node) {
    int height = node.isArray() ? node.path(node.size() == 3 ? 1 : 0).asInt() : node.asInt();
    int width = node.isArray() ? node.path(node.size() - 1).asInt() : node.asInt();
    if (height <= 0 || width <= 0) {
      throw new DataException(
          file, "the size of pictures is " + node, "state size in preprocess_cfg");
    }
    return new int[] {height, width};
  }

  private static Resize resize(Path file, String mode, int[] size) {
    if (mode.equals("squash")) {
      return new Resize.Exact(size[0], size[1]);
    }
    if (!mode.equals("shortest") || size[0] != size[1]) {
      throw new DataException(
          file,
          "resize_mode "
              + mode
              + " for an input of "
              + size[0]
              + "×"
              + size[1]
              + " is not supported",
          "prepare the samples with open_clip, and give them as an .npz file");
    }
    return new Resize.ShorterEdge(size[0]);
  }
}
