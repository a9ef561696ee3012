package io.gohsp.data;

import io.gohsp.ir.Dim;
import io.gohsp.ir.ValueType;
import io.gohsp.ir.ValueType.TensorType;
import io.gohsp.tensor.ElementType;
import java.nio.file.Path;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * How a picture becomes a model's input: convert to the channels wanted, resize, cut out the
 * centre, then {@code (pixel · scale − mean) / std} for each channel (red, green, blue).
 *
 * @param input the model's input
 * @param type its element type
 * @param height of the input, in pixels
 * @param width of the input, in pixels
 * @param channels 1 or 3
 * @param channelsFirst whether the input is [N, C, H, W] rather than [N, H, W, C]
 * @param scale what 8-bit values are multiplied by, usually 1/255
 * @param mean one for each channel, or one for all
 * @param std one for each channel, or one for all
 * @param reversed whether the channels are blue, green, red
 * @param roundedDown whether of an odd number of rows to cut off, the smaller half is on top; if
 *     not, the even one, as in torchvision
 * @param origin where this came from, in words
 */
public record Preprocessing(
    String input,
    ElementType type,
    int height,
    int width,
    int channels,
    boolean channelsFirst,
    Resize resize,
    Interpolation interpolation,
    double scale,
    List<Double> mean,
    List<Double> std,
    boolean reversed,
    boolean roundedDown,
    String origin) {
  static final List<Double> IMAGENET_MEAN = List.of(0.485, 0.456, 0.406);
  static final List<Double> IMAGENET_STD = List.of(0.229, 0.224, 0.225);

  /** Of pixels from 0 to 1, or from -1 to 0 as EfficientNet has them. */
  private static final double LARGEST_MEAN = 2;

  public Preprocessing {
    Objects.requireNonNull(resize);
    mean = perChannel("mean", mean, channels);
    std = perChannel("std", std, channels);
    if (std.contains(0.0)) {
      throw new IllegalArgumentException("std is 0");
    }
    if (scale == 1 / 255.0 && mean.stream().anyMatch(Preprocessing::isOfPixels)) {
      throw new IllegalArgumentException(
          "a mean of "
              + Collections.max(mean)
              + " is one of pixels from 0 to 255, and pixels are"
              + " scaled to 0 to 1 before it is subtracted; divide mean and std by 255");
    }
  }

  /** Whether a mean or deviation must be one of pixels from 0 to 255, not from 0 to 1. */
  public static boolean isOfPixels(double number) {
    return number > LARGEST_MEAN;
  }

  private static List<Double> perChannel(String what, List<Double> values, int channels) {
    if (values.size() == 1) {
      return List.copyOf(Collections.nCopies(channels, values.get(0)));
    }
    if (values.size() != channels) {
      throw new IllegalArgumentException(
          "%d value%s of %s for %d channel%s"
              .formatted(
                  values.size(),
                  values.size() == 1 ? "" : "s",
                  what,
                  channels,
                  channels == 1 ? "" : "s"));
    }
    return List.copyOf(values);
  }

  /**
   * What the input's declared shape suggests: shorter edge resized to the input's (bicubic), centre
   * cut out, values scaled to 0..1 and, for three channels, normalised as is usual for ImageNet;
   * for one channel with mean 0.5 and deviation 0.5; whole-number inputs get the pixels as they
   * are.
   *
   * @param inputs the model's inputs, of which there must be one
   * @param imageSize height and width where the model leaves them open; null if not known
   * @throws DataException if the input does not take pictures
   */
  public static Preprocessing forInput(
      Map<String, ? extends ValueType> inputs, int @Nullable [] imageSize) {
    if (inputs.size() != 1) {
      throw new DataException(
          "model",
          "inputs " + inputs.keySet() + ", but a picture fills exactly one",
          "give an .npz file with an array for each input");
    }
    String name = inputs.keySet().iterator().next();
    if (!(inputs.get(name) instanceof TensorType tensor)
        || tensor.shape() == null
        || tensor.shape().size() != 4) {
      throw new DataException(
          "model",
          "input " + name + " is " + inputs.get(name) + ", expected [N, C, H, W] or [N, H, W, C]",
          "give an .npz file with an array " + name);
    }
    List<Dim> shape = tensor.shape();
    boolean last = !isChannels(shape.get(1)) && isChannels(shape.get(3));
    Dim channelDim = shape.get(last ? 3 : 1);
    int channels = channelDim.isKnown() ? (int) Math.min(9, channelDim.value()) : 3;
    if (channels != 1 && channels != 3) {
      throw new DataException(
          "model",
          "input "
              + name
              + " is "
              + tensor
              + ": neither 1 (grey) nor 3 (red, green, blue) channels",
          "give an .npz file with an array " + name);
    }
    int height = extent(shape.get(last ? 1 : 2), imageSize == null ? -1 : imageSize[0], name);
    int width = extent(shape.get(last ? 2 : 3), imageSize == null ? -1 : imageSize[1], name);
    boolean raw = tensor.element().isInteger();
    boolean grey = channels == 1;
    return new Preprocessing(
        name,
        tensor.element(),
        height,
        width,
        channels,
        !last,
        height == width ? new Resize.ShorterEdge(height) : new Resize.Exact(height, width),
        Interpolation.BICUBIC,
        raw ? 1 : 1 / 255.0,
        raw ? List.of(0.0) : grey ? List.of(0.5) : IMAGENET_MEAN,
        raw ? List.of(1.0) : grey ? List.of(0.5) : IMAGENET_STD,
        false,
        false,
        raw || grey ? "from the model's input" : "from the model's input, normalised for ImageNet");
  }

  /**
   * What a file published beside a model says: Hugging Face's {@code preprocessor_config.json},
   * timm's {@code config.json} or open_clip's {@code open_clip_config.json}.
   *
   * @throws DataException if it asks for what this program does not do, or for another size than
   *     the model's
   */
  public static Preprocessing fromConfig(Path config, Map<String, ? extends ValueType> inputs) {
    return PictureConfig.read(config, inputs);
  }

  private static boolean isChannels(Dim dim) {
    return dim.value() == 1 || dim.value() == 3;
  }

  private static int extent(Dim dim, int given, String input) {
    if (dim.isKnown()) {
      if (given >= 0 && given != dim.value()) {
        throw new DataException(
            "model",
            "input " + input + " is " + dim.value() + " pixels wide or high, not " + given,
            "leave the image size to the model");
      }
      return Math.toIntExact(dim.value());
    }
    if (given < 0) {
      throw new DataException(
          "model",
          "input " + input + " does not state the image size",
          "state the image size, or give a preprocessor_config.json");
    }
    return given;
  }

  public Preprocessing withResize(Resize newResize, Interpolation newInterpolation) {
    return new Preprocessing(
        input,
        type,
        height,
        width,
        channels,
        channelsFirst,
        newResize,
        newInterpolation,
        scale,
        mean,
        std,
        reversed,
        roundedDown,
        origin);
  }

  /** With blue, green and red in this order where {@code newReversed}. */
  Preprocessing withReversedChannels(boolean newReversed) {
    return new Preprocessing(
        input,
        type,
        height,
        width,
        channels,
        channelsFirst,
        resize,
        interpolation,
        scale,
        mean,
        std,
        newReversed,
        roundedDown,
        origin);
  }

  /** With the centre where Hugging Face cuts it out. */
  Preprocessing withCentreRoundedDown() {
    return new Preprocessing(
        input,
        type,
        height,
        width,
        channels,
        channelsFirst,
        resize,
        interpolation,
        scale,
        mean,
        std,
        reversed,
        true,
        origin);
  }

  /**
   * @throws IllegalArgumentException if the numbers do not fit the channels
   */
  public Preprocessing withNormalisation(
      double newScale, List<Double> newMean, List<Double> newStd, String newOrigin) {
    return new Preprocessing(
        input,
        type,
        height,
        width,
        channels,
        channelsFirst,
        resize,
        interpolation,
        newScale,
        newMean,
        newStd,
        reversed,
        roundedDown,
        newOrigin);
  }

  /** Elements of one sample. */
  public int elements() {
    return height * width * channels;
  }

  /** Extents of one sample, without the batch. */
  public List<Integer> dims() {
    return channelsFirst ? List.of(channels, height, width) : List.of(height, width, channels);
  }

  /** One line for people. */
  public String description() {
    return "%s: %d×%d %s, resize %s (%s), centre, scale %s, mean %s, std %s (%s)"
        .formatted(
            input,
            width,
            height,
            channels == 1 ? "grey" : reversed ? "BGR" : "RGB",
            resize,
            interpolation.name().toLowerCase(Locale.ROOT),
            scale == 1 / 255.0 ? "1/255" : Double.toString(scale),
            mean,
            std,
            origin);
  }
}
