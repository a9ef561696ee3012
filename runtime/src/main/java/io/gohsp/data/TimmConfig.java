package io.gohsp.data;

import com.fasterxml.jackson.databind.JsonNode;
import io.gohsp.ir.ValueType;
import java.nio.file.Path;
import java.util.Map;

/**
 * The {@code pretrained_cfg} of timm: pictures become larger than the input by {@code crop_pct},
 * and the centre is cut out.
 */
final class TimmConfig {
  /** What timm takes for granted. */
  private static final double CROP_SHARE = 0.875;

  private TimmConfig() {}

  static Preprocessing read(Path file, JsonNode config, Map<String, ? extends ValueType> inputs) {
    JsonNode input = config.path("input_size");
    if (input.size() != 3 || input.path(1).asInt() <= 0 || input.path(2).asInt() <= 0) {
      throw new DataException(
          file, "input_size is " + input, "give channels, height and width: [3, 224, 224]");
    }
    int[] size = {input.path(1).asInt(), input.path(2).asInt()};
    return PictureConfig.prepared(
        file,
        inputs,
        size,
        resize(file, config, size),
        PictureConfig.interpolation(file, config.path("interpolation").asText("bicubic")),
        PictureConfig.numbers(file, config, "mean", Preprocessing.IMAGENET_MEAN),
        PictureConfig.numbers(file, config, "std", Preprocessing.IMAGENET_STD));
  }

  private static Resize resize(Path file, JsonNode config, int[] size) {
    double share = config.path("crop_pct").asDouble(CROP_SHARE);
    if (!(share > 0 && share <= 1)) {
      throw new DataException(file, "crop_pct is " + share, "give a number above 0, at most 1");
    }
    int height = (int) Math.floor(size[0] / share);
    int width = (int) Math.floor(size[1] / share);
    String mode = config.path("crop_mode").asText("center");
    if (mode.equals("squash")) {
      return new Resize.Exact(height, width);
    }
    if (!mode.equals("center") || height != width) {
      throw new DataException(
          file,
          "crop_mode " + mode + " for an input of " + size[0] + "×" + size[1] + " is not supported",
          "prepare the samples with timm, and give them as an .npz file");
    }
    return new Resize.ShorterEdge(height);
  }
}
