package io.gohsp.data;

import com.fasterxml.jackson.databind.JsonNode;
import io.gohsp.ir.ValueType;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Reads a Hugging Face {@code preprocessor_config.json}, or the {@code processor_config.json} of
 * transformers 5, in which the same is one level deeper. What it leaves out, {@link ImageProcessor}
 * knows.
 */
final class PreprocessorConfig {
  /** Below this size, ConvNeXt's {@code crop_pct} enlarges and crops; from it on, it warps. */
  private static final int WARPED_FROM = 384;

  /** Switches that change pictures in ways that are not computed here. */
  private static final List<String> REFUSED =
      List.of("do_reduce_labels", "do_pad", "keep_aspect_ratio", "do_image_splitting");

  private static final String PREPARE =
      "prepare the samples with the processor, and give them as an .npz file";

  private final Path file;
  private final JsonNode root;
  private final ImageProcessor processor;
  private final boolean named;

  private PreprocessorConfig(Path file, JsonNode root) {
    this.file = file;
    this.root = root;
    String name =
        root.hasNonNull("image_processor_type")
            ? root.path("image_processor_type").asText()
            : root.path("feature_extractor_type").asText("");
    ImageProcessor known = name.isEmpty() ? ImageProcessor.UNNAMED : ImageProcessor.named(name);
    if (known == null) {
      throw new DataException(file, "image processor " + name + " is not supported", PREPARE);
    }
    this.processor = known;
    this.named = !name.isEmpty();
  }

  static Preprocessing read(Path file, JsonNode root, Map<String, ? extends ValueType> inputs) {
    JsonNode nested = root.path("image_processor");
    return new PreprocessorConfig(file, nested.isObject() ? nested : root).preprocessing(inputs);
  }

  private Preprocessing preprocessing(Map<String, ? extends ValueType> inputs) {
    for (String unknown : REFUSED) {
      if (flag(unknown, false)) {
        throw new DataException(
            file, unknown + " is not supported", "set it to false, or " + PREPARE);
      }
    }
    boolean sized = stated("size") || processor.height() > 0;
    Resize resize = flag("do_resize", true) && sized ? resize() : new Resize.None();
    Preprocessing base = Preprocessing.forInput(inputs, target(resize));
    try {
      return normalised(base.withResize(resize, interpolation()).withCentreRoundedDown())
          .withReversedChannels(
              (!named || processor.reversed())
                  && flag("do_flip_channel_order", processor.reversed()));
    } catch (IllegalArgumentException e) {
      throw new DataException(
          file.toString(),
          e.getMessage() + " of input " + base.input(),
          "correct image_mean and image_std",
          e);
    }
  }

  private Preprocessing normalised(Preprocessing base) {
    double scale = 1;
    if (flag("do_rescale", true)) {
      scale = stated("rescale_factor") ? root.path("rescale_factor").asDouble() : 1 / 255.0;
    }
    boolean known = processor.mean() != null || (!named && root.hasNonNull("image_mean"));
    boolean normalise = flag("do_normalize", known);
    List<Double> mean = List.of(0.0);
    List<Double> std = List.of(1.0);
    if (normalise && known) {
      mean = numbers("image_mean", processor.mean());
      std = numbers("image_std", processor.std());
    }
    boolean efficientnet = processor.sizing() == ImageProcessor.Sizing.EFFICIENTNET;
    if ((!named || efficientnet) && flag("rescale_offset", false)) { // pixels become scale x - 1
      mean = mean.stream().map(value -> value + 1).toList();
    }
    if (efficientnet && flag("include_top", true)) {
      List<Double> once = numbers("image_std", processor.std());
      std = normalise ? std.stream().map(value -> value * value).toList() : once;
    }
    return base.withNormalisation(scale, mean, std, "from " + file.getFileName());
  }

  /** A switch; null switches off. */
  private boolean flag(String name, boolean otherwise) {
    return root.has(name) ? root.path(name).asBoolean(false) : otherwise;
  }

  /**
   * Whether the file says something that is needed.
   *
   * @throws DataException if it says null, which a processor does not take for its default
   */
  private boolean stated(String name) {
    JsonNode node = root.path(name);
    if (named && node.isNull()) {
      throw new DataException(file, name + " is null", "state it, or leave it out");
    }
    return !node.isMissingNode() && !node.isNull();
  }

  /** Height and width after everything, or null if only the model can tell. */
  private int @Nullable [] target(Resize resize) {
    if (flag("do_center_crop", processor.cropped())) {
      if (processor.sizing() == ImageProcessor.Sizing.CONVNEXT) {
        throw new DataException(
            file, "do_center_crop is not supported for ConvNext", "set it to false");
      }
      return cropSize();
    }
    if (resize instanceof Resize.Exact exact) {
      return new int[] {exact.height(), exact.width()};
    }
    if (resize instanceof Resize.ShorterEdge && enlarges()) {
      int edge = edge();
      return new int[] {edge, edge};
    }
    return null;
  }

  private int[] cropSize() {
    JsonNode crop = root.path("crop_size");
    if (!stated("crop_size")) {
      if (processor.crop() > 0) {
        return new int[] {processor.crop(), processor.crop()};
      }
    } else if (crop.isInt() && crop.asInt() > 0) {
      return new int[] {crop.asInt(), crop.asInt()};
    }
    return new int[] {positive(crop, "height", "crop_size"), positive(crop, "width", "crop_size")};
  }

  /** Whether pictures become larger than {@code size} first, and lose their edges then. */
  private boolean enlarges() {
    return processor.sizing() == ImageProcessor.Sizing.CONVNEXT
        || (!named && root.hasNonNull("crop_pct"));
  }

  private int edge() {
    JsonNode size = root.path("size");
    return !stated("size")
        ? processor.height()
        : size.isInt() ? size.asInt() : positive(size, "shortest_edge", "size");
  }

  private Resize resize() {
    Resize plain = plain();
    if (plain instanceof Resize.ShorterEdge shorter) {
      int edge = shorter.size();
      if (enlarges()) {
        return edge < WARPED_FROM
            ? new Resize.ShorterEdge((int) (edge / cropShare(224 / 256.0)))
            : new Resize.Exact(edge, edge);
      }
      if (processor.sizing() == ImageProcessor.Sizing.LEVIT) {
        return new Resize.ShorterEdge((int) (256 / 224.0 * edge));
      }
      if (processor.sizing() == ImageProcessor.Sizing.POOLFORMER) {
        return new Resize.ShorterEdge((int) (edge / cropShare(0.9)));
      }
    } else if (plain instanceof Resize.Exact exact) {
      if (processor.sizing() == ImageProcessor.Sizing.CONVNEXT) {
        positive(root.path("size"), "shortest_edge", "size"); // says what is wrong
      }
      if (processor.sizing() == ImageProcessor.Sizing.POOLFORMER) {
        double share = cropShare(0.9);
        int height = (int) (exact.height() / share);
        int width = (int) (exact.width() / share);
        return height == width ? new Resize.ShorterEdge(height) : new Resize.Exact(height, width);
      }
    }
    if (root.hasNonNull("ensure_multiple_of")
        && (!named || processor.sizing() == ImageProcessor.Sizing.DPT)) {
      return plain instanceof Resize.Exact exact
          ? new Resize.Exact(multiple(exact.height()), multiple(exact.width()))
          : new Resize.Exact(
              positive(root.path("size"), "height", "size"),
              positive(root.path("size"), "width", "size"));
    }
    return plain;
  }

  /** The multiple of {@code ensure_multiple_of} that is nearest to an edge. */
  private int multiple(int edge) {
    int of = root.path("ensure_multiple_of").asInt();
    if (of <= 0 || edge < of / 2 || 2 * (edge % of) == of) { // computed from the picture's own edge
      throw new DataException(
          file,
          "ensure_multiple_of is %s: no multiple of it is nearest to the size %d"
              .formatted(root.path("ensure_multiple_of"), edge),
          "correct ensure_multiple_of or size");
    }
    return (edge + of / 2) / of * of;
  }

  private double cropShare(double otherwise) {
    double share = root.path("crop_pct").asDouble(otherwise);
    if (!(share > 0 && share <= 1)) {
      throw new DataException(file, "crop_pct is " + share, "give a number above 0, at most 1");
    }
    return share;
  }

  /** What {@code size} says by itself. */
  private Resize plain() {
    JsonNode size = root.path("size");
    boolean edges = !flag("default_to_square", processor.square());
    if (!stated("size")) {
      return processor.width() > 0
          ? new Resize.Exact(processor.height(), processor.width())
          : new Resize.ShorterEdge(processor.height());
    }
    if (size.isInt() && size.asInt() > 0) {
      boolean shorter = edges || (!named && root.hasNonNull("crop_pct"));
      return shorter
          ? new Resize.ShorterEdge(size.asInt())
          : new Resize.Exact(size.asInt(), size.asInt());
    }
    if (size.isArray() && size.size() == 2 && size.get(0).asInt() > 0 && size.get(1).asInt() > 0) {
      return new Resize.Exact(size.get(0).asInt(), size.get(1).asInt());
    }
    if (size.has("shortest_edge")) {
      if (size.has("height") || size.has("width")) {
        throw misstated("size", size);
      }
      if (size.hasNonNull("longest_edge") && !processor.sizing().takesShorterEdgeAlone()) {
        throw new DataException(
            file,
            "size has shortest_edge and longest_edge, which leaves pictures in several sizes",
            "leave longest_edge out, or " + PREPARE);
      }
      return new Resize.ShorterEdge(positive(size, "shortest_edge", "size"));
    }
    return new Resize.Exact(positive(size, "height", "size"), positive(size, "width", "size"));
  }

  private int positive(JsonNode node, String name, String parent) {
    int value = node.path(name).asInt(0);
    if (value <= 0) {
      throw misstated(parent, node);
    }
    return value;
  }

  private DataException misstated(String parent, JsonNode node) {
    return new DataException(
        file,
        parent + " is " + node + ", expected a number, shortest_edge, or height and width",
        "correct " + parent);
  }

  /** The numbers are Pillow's. */
  private Interpolation interpolation() {
    int code = stated("resample") ? root.path("resample").asInt(-1) : processor.resample();
    return switch (code) {
      case 0 -> Interpolation.NEAREST;
      case 1 -> Interpolation.LANCZOS;
      case 2 -> Interpolation.BILINEAR;
      case 3 -> Interpolation.BICUBIC;
      default ->
          throw new DataException(
              file,
              "resample is " + root.path("resample") + ", expected 0 to 3",
              "use 2 (bilinear) or 3 (bicubic)");
    };
  }

  private List<Double> numbers(String name, @Nullable List<Double> otherwise) {
    JsonNode node = root.path(name);
    if (!stated(name) && otherwise != null) {
      return otherwise;
    }
    List<Double> numbers = new ArrayList<>();
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
