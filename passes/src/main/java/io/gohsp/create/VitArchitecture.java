package io.gohsp.create;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * The sizes of a plain Vision Transformer: square image, square patches, one class token, learned
 * positions, blocks with the norm first, exact GELU, biases everywhere, a linear classifier on the
 * class token.
 *
 * @param image height and width of the image, in pixels; a multiple of {@code patch}
 * @param channels channels of the image
 * @param patch height and width of a patch, in pixels
 * @param dim width of the residual stream; a multiple of {@code heads}
 * @param depth number of blocks
 * @param heads attention heads of each block
 * @param mlp hidden units of each block's MLP
 * @param classes number of logits
 */
public record VitArchitecture(
    int image, int channels, int patch, int dim, int depth, int heads, int mlp, int classes) {

  private static final Map<String, VitArchitecture> PRESETS = presets();

  /** The largest weight, so that it fits one buffer. */
  private static final long LARGEST_WEIGHT = 1L << 28;

  /** Sizes that do not make a model; the message says which one and what would. */
  public static final class InvalidSize extends IllegalArgumentException {
    private static final long serialVersionUID = 1L;

    InvalidSize(String message) {
      super(message);
    }
  }

  private static Map<String, VitArchitecture> presets() {
    Map<String, VitArchitecture> all = new LinkedHashMap<>();
    all.put("deit-tiny", new VitArchitecture(224, 3, 16, 192, 12, 3, 768, 1000));
    all.put("deit-small", new VitArchitecture(224, 3, 16, 384, 12, 6, 1536, 1000));
    all.put("deit-base", new VitArchitecture(224, 3, 16, 768, 12, 12, 3072, 1000));
    all.put("vit-small", new VitArchitecture(32, 3, 4, 384, 12, 6, 1536, 10));
    return all;
  }

  /**
   * @throws InvalidSize if a size is out of range or two do not fit together
   */
  public VitArchitecture {
    inRange(VitSize.IMAGE, image);
    inRange(VitSize.CHANNELS, channels);
    inRange(VitSize.PATCH, patch);
    inRange(VitSize.DIM, dim);
    inRange(VitSize.DEPTH, depth);
    inRange(VitSize.HEADS, heads);
    inRange(VitSize.MLP, mlp);
    inRange(VitSize.CLASSES, classes);
    if (image % patch != 0) {
      throw new InvalidSize(
          "image %d is not a multiple of patch %d; choose an image such as %d"
              .formatted(image, patch, (image / patch + 1) * patch));
    }
    if (dim % heads != 0) {
      throw new InvalidSize(
          "dim %d is not a multiple of heads %d, so heads would differ in width; choose a dim such as %d"
              .formatted(dim, heads, (dim / heads + 1) * heads));
    }
    fitsOneBuffer("patch embedding", (long) channels * patch * patch, dim);
    fitsOneBuffer("position embedding", (long) (image / patch) * (image / patch) + 1, dim);
    fitsOneBuffer("qkv weight", 3L * dim, dim);
    fitsOneBuffer("MLP weight", mlp, dim);
    fitsOneBuffer("classifier", classes, dim);
  }

  private static void inRange(VitSize size, int value) {
    if (value < 1 || value > size.largest()) {
      throw new InvalidSize(
          "%s %d is out of range; it must be between 1 and %d"
              .formatted(size.label(), value, size.largest()));
    }
  }

  private static void fitsOneBuffer(String what, long rows, long columns) {
    if (rows * columns > LARGEST_WEIGHT) {
      throw new InvalidSize(
          "the %s would have %d x %d elements; at most %d are possible"
              .formatted(what, rows, columns, LARGEST_WEIGHT));
    }
  }

  /** The names {@link #named} knows. */
  public static List<String> names() {
    return List.copyOf(PRESETS.keySet());
  }

  /**
   * An architecture from the literature.
   *
   * @throws InvalidSize if there is none of that name
   */
  public static VitArchitecture named(String name) {
    VitArchitecture preset = PRESETS.get(name);
    if (preset == null) {
      throw new InvalidSize(
          "there is no architecture \"%s\"; choose one of %s"
              .formatted(name, String.join(", ", names())));
    }
    return preset;
  }

  /**
   * This architecture with some sizes replaced. Another dim without another mlp keeps the ratio of
   * the two; all other sizes stay as they are.
   *
   * @throws InvalidSize as the constructor
   */
  public VitArchitecture with(Map<VitSize, Integer> sizes) {
    int newDim = sizes.getOrDefault(VitSize.DIM, dim);
    int mlpInProportion = Math.max(1, (int) Math.min(Integer.MAX_VALUE, (long) mlp * newDim / dim));
    return new VitArchitecture(
        sizes.getOrDefault(VitSize.IMAGE, image),
        sizes.getOrDefault(VitSize.CHANNELS, channels),
        sizes.getOrDefault(VitSize.PATCH, patch),
        newDim,
        sizes.getOrDefault(VitSize.DEPTH, depth),
        sizes.getOrDefault(VitSize.HEADS, heads),
        sizes.getOrDefault(VitSize.MLP, newDim == dim ? mlp : mlpInProportion),
        sizes.getOrDefault(VitSize.CLASSES, classes));
  }

  /** Width of a head. */
  public int headDim() {
    return dim / heads;
  }

  /** Patches of an image. */
  public int patches() {
    return (image / patch) * (image / patch);
  }

  /** Patches and the class token. */
  public int tokens() {
    return patches() + 1;
  }
}
