package io.gohsp.data;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What a class of Hugging Face's image processors takes for granted where a configuration is silent
 * (transformers 5.18, its processors on Pillow).
 *
 * @param sizing how {@code size} is meant
 * @param height of {@code size}; the shorter edge if {@code width} is 0
 * @param square whether a plain number as {@code size} is a square, or else the shorter edge
 * @param crop edge of {@code crop_size}; 0 if there is none
 * @param cropped whether the centre is cut out
 * @param resample Pillow's number
 * @param mean of each channel; null: not normalised
 * @param reversed whether channels are blue, green, red
 */
record ImageProcessor(
    Sizing sizing,
    int height,
    int width,
    boolean square,
    int crop,
    boolean cropped,
    int resample,
    @Nullable List<Double> mean,
    @Nullable List<Double> std,
    boolean reversed) {

  /** How pictures are resized. */
  enum Sizing {
    PLAIN,
    /** The shorter edge becomes 256/224 of what {@code size} says. */
    LEVIT,
    /** {@code crop_pct} enlarges, and the centre is cut out; from 384 on pictures are warped. */
    CONVNEXT,
    /** {@code crop_pct} enlarges, whatever the size. */
    POOLFORMER,
    /** Edges become the multiples of {@code ensure_multiple_of} that are nearest to them. */
    DPT,
    /** Plain, but that the result is divided by the deviation once more. */
    EFFICIENTNET;

    /** Whether {@code longest_edge} beside {@code shortest_edge} means nothing. */
    boolean takesShorterEdgeAlone() {
      return this == LEVIT || this == CONVNEXT || this == POOLFORMER;
    }
  }

  private static final int BILINEAR = 2;
  private static final int BICUBIC = 3;
  private static final List<Double> HALF = List.of(0.5, 0.5, 0.5);
  private static final List<Double> IMAGENET = List.of(0.485, 0.456, 0.406);
  private static final List<Double> IMAGENET_STD = List.of(0.229, 0.224, 0.225);
  private static final List<Double> CLIP = List.of(0.48145466, 0.4578275, 0.40821073);
  private static final List<Double> CLIP_STD = List.of(0.26862954, 0.26130258, 0.27577711);

  /** Where no class is named: what is not stated is not done. */
  static final ImageProcessor UNNAMED = exact(0, BILINEAR, HALF, HALF).without();

  private static final Map<String, ImageProcessor> TABLE = new LinkedHashMap<>();

  static {
    TABLE.put("beit", exact(224, BICUBIC, HALF, HALF).crop(224, false));
    TABLE.put("bit", edge(224, BICUBIC, CLIP, CLIP_STD).crop(224, true));
    TABLE.put("blip", exact(384, BICUBIC, CLIP, CLIP_STD));
    TABLE.put("chineseclip", edge(224, BICUBIC, CLIP, CLIP_STD).crop(224, true));
    TABLE.put("clip", edge(224, BICUBIC, CLIP, CLIP_STD).crop(224, true));
    TABLE.put("convnext", edge(384, BICUBIC, HALF, HALF).sized(Sizing.CONVNEXT));
    TABLE.put("deit", exact(256, BICUBIC, HALF, HALF).crop(224, true));
    TABLE.put("dpt", exact(384, BICUBIC, HALF, HALF).sized(Sizing.DPT));
    TABLE.put(
        "efficientnet",
        exact(346, BICUBIC, HALF, HALF).crop(289, false).sized(Sizing.EFFICIENTNET));
    TABLE.put("flava", exact(224, BICUBIC, CLIP, CLIP_STD).crop(224, true));
    TABLE.put(
        "levit", edge(224, BICUBIC, IMAGENET, IMAGENET_STD).crop(224, true).sized(Sizing.LEVIT));
    TABLE.put("mobilenetv1", edge(256, BILINEAR, HALF, HALF).crop(224, true));
    TABLE.put("mobilenetv2", edge(256, BILINEAR, HALF, HALF).crop(224, true));
    TABLE.put("mobilevit", edge(224, BICUBIC, HALF, HALF).crop(256, true).without().flipped());
    TABLE.put(
        "poolformer",
        edge(224, BICUBIC, IMAGENET, IMAGENET_STD).crop(224, true).sized(Sizing.POOLFORMER));
    TABLE.put("pvt", exact(224, BICUBIC, IMAGENET, IMAGENET_STD));
    TABLE.put("segformer", exact(512, BILINEAR, IMAGENET, IMAGENET_STD));
    TABLE.put("siglip", exact(224, BICUBIC, HALF, HALF).edged());
    TABLE.put("vit", exact(224, BILINEAR, HALF, HALF));
  }

  /**
   * The processor of a class name, in any of its forms ({@code ViTImageProcessor}, {@code
   * ViTImageProcessorFast}, {@code ViTFeatureExtractor}); null if it is none that this program
   * computes.
   */
  static @Nullable ImageProcessor named(String name) {
    String family =
        name.toLowerCase(Locale.ROOT).replaceFirst("(imageprocessor|featureextractor).*$", "");
    return TABLE.get(family);
  }

  private static ImageProcessor exact(int edge, int resample, List<Double> mean, List<Double> std) {
    return new ImageProcessor(Sizing.PLAIN, edge, edge, true, 0, false, resample, mean, std, false);
  }

  private static ImageProcessor edge(int edge, int resample, List<Double> mean, List<Double> std) {
    return new ImageProcessor(Sizing.PLAIN, edge, 0, false, 0, false, resample, mean, std, false);
  }

  private ImageProcessor crop(int edge, boolean done) {
    return new ImageProcessor(
        sizing, height, width, square, edge, done, resample, mean, std, reversed);
  }

  private ImageProcessor sized(Sizing other) {
    return new ImageProcessor(
        other, height, width, square, crop, cropped, resample, mean, std, reversed);
  }

  private ImageProcessor edged() {
    return new ImageProcessor(
        sizing, height, width, false, crop, cropped, resample, mean, std, reversed);
  }

  private ImageProcessor without() {
    return new ImageProcessor(
        sizing, height, width, square, crop, cropped, resample, null, null, reversed);
  }

  private ImageProcessor flipped() {
    return new ImageProcessor(
        sizing, height, width, square, crop, cropped, resample, mean, std, true);
  }
}
