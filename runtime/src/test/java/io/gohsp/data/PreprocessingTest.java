package io.gohsp.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.gohsp.ir.Dim;
import io.gohsp.ir.ValueType.TensorType;
import io.gohsp.tensor.ElementType;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.FloatBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class PreprocessingTest {
  @TempDir Path folder;

  private static Map<String, TensorType> input(Object... dims) {
    List<Dim> shape =
        List.of(dims).stream()
            .map(d -> d instanceof Integer i ? Dim.of(i) : Dim.of((String) d))
            .toList();
    return Map.of("x", new TensorType(ElementType.FLOAT, shape));
  }

  private static float[] apply(Preprocessing preprocessing, String file) throws Exception {
    Pixels pixels = new Pixels();
    try (ImageDecoder decoder = new ImageDecoder()) {
      decoder.decode(TestFiles.bytes(file), pixels);
    }
    FloatBuffer out = FloatBuffer.allocate(preprocessing.elements());
    new PictureTransform(preprocessing, Augmentation.NONE)
        .apply(pixels, new SampleRandom(0, 0, 0), out);
    return out.array();
  }

  private static float[] expected(String name) throws Exception {
    ByteBuffer bytes = ByteBuffer.wrap(TestFiles.npy(name)).order(ByteOrder.LITTLE_ENDIAN);
    float[] values = new float[bytes.remaining() / 4];
    bytes.asFloatBuffer().get(values);
    return values;
  }

  @Test
  void isTorchvisionsPipelineToTheLastBit() throws Exception {
    Preprocessing model = Preprocessing.forInput(input("N", 3, 16, 16), null);
    assertThat(
            apply(model.withResize(new Resize.ShorterEdge(19), Interpolation.BICUBIC), "rgb.png"))
        .containsExactly(expected("torchvision_bicubic_19_crop_16.npy"));
    Preprocessing wide = Preprocessing.forInput(input("N", 3, 16, 24), null);
    assertThat(apply(wide.withResize(wide.resize(), Interpolation.BILINEAR), "rgb.png"))
        .containsExactly(expected("torchvision_bilinear_16x24.npy"));
  }

  @Test
  void theCentreOfASmallerPictureIsPaddedWithBlack() throws Exception {
    Preprocessing plain =
        Preprocessing.forInput(input("N", 3, 36, 36), null)
            .withResize(new Resize.None(), Interpolation.BILINEAR)
            .withNormalisation(1 / 255.0, List.of(0.0), List.of(1.0), "test");
    assertThat(apply(plain, "rgb.png")).containsExactly(expected("torchvision_crop_36.npy"));
  }

  @Test
  void channelsLastHoldsTheSameNumbers() throws Exception {
    float[] first = apply(Preprocessing.forInput(input("N", 3, 16, 16), null), "rgb.png");
    Preprocessing model = Preprocessing.forInput(input("N", 16, 16, 3), null);
    float[] last = apply(model, "rgb.png");
    assertThat(model.dims()).containsExactly(16, 16, 3);
    for (int i = 0; i < 256; i++) {
      for (int c = 0; c < 3; c++) {
        assertThat(last[3 * i + c]).isEqualTo(first[256 * c + i]);
      }
    }
  }

  @Test
  void greyPicturesFillThreeChannelsAndColouredOnesOne() throws Exception {
    float[] three =
        apply(
            Preprocessing.forInput(input("N", 3, 29, 41), null)
                .withNormalisation(1, List.of(0.0), List.of(1.0), ""),
            "grey.png");
    assertThat(three[0]).isEqualTo(three[29 * 41]).isEqualTo(three[2 * 29 * 41]);
    float[] one =
        apply(
            Preprocessing.forInput(input("N", 1, 29, 41), null)
                .withNormalisation(1, List.of(0.0), List.of(1.0), ""),
            "rgb.png");
    assertThat(one[100]).isEqualTo(TestFiles.npy("luma_rgb.png.npy")[100] & 0xFF);
  }

  @Test
  void readsHuggingFacesConfiguration() throws Exception {
    Preprocessing config =
        Preprocessing.fromConfig(
            TestFiles.DATA.resolve("preprocessor_config.json"), input("N", 3, "h", "w"));
    assertThat(config.description())
        .isEqualTo(
            "x: 16×16 RGB, resize shorter edge to 19 (bicubic), centre, scale 1/255, mean [0.485,"
                + " 0.456, 0.406], std [0.229, 0.224, 0.225] (from preprocessor_config.json)");
  }

  @Test
  void nullIsNoDefault() {
    for (String name : List.of("size", "resample", "rescale_factor", "image_std", "crop_size")) {
      assertThatThrownBy(
              () ->
                  config(
                      "{\"image_processor_type\":\"CLIPImageProcessor\",\"" + name + "\":null}",
                      "N",
                      3,
                      "h",
                      "w"))
          .isInstanceOf(DataException.class)
          .hasMessageContaining(name + " is null");
    }
  }

  /**
   * What the processors of transformers, and the transforms of timm and open_clip, make of one
   * picture, by what files say and leave out.
   */
  @ParameterizedTest
  @ValueSource(
      strings = {
        "vit",
        "vit_nearest",
        "vit_others_fields",
        "vit_stated",
        "vit_shorter_edge",
        "deit",
        "clip",
        "clip_framed",
        "clip_null",
        "clip_unscaled",
        "levit",
        "levit_number",
        "convnext",
        "convnext_share",
        "poolformer",
        "poolformer_square",
        "mobilevit",
        "mobilevit_normalised",
        "mobilevit_unflipped",
        "efficientnet",
        "efficientnet_offset",
        "siglip_number",
        "timm_center",
        "timm_defaults",
        "timm_squash",
        "open_clip_shortest",
        "open_clip_squash"
      })
  void computesWhatTheLibrariesCompute(String name) throws Exception {
    Preprocessing config =
        Preprocessing.fromConfig(
            TestFiles.DATA.resolve("processors/" + name + ".json"), input("N", 3, "h", "w"));
    float[] actual = apply(config, "processors/picture.png");
    float[] expected = expected("processors/" + name + ".npy");
    assertThat(actual).hasSameSizeAs(expected);
    for (int i = 0; i < expected.length; i++) {
      assertThat(actual[i]).isCloseTo(expected[i], within(2e-5f * (1 + Math.abs(expected[i]))));
    }
  }

  /** What a model's metadata say is what was written there. */
  @ParameterizedTest
  @ValueSource(strings = {"vit_shorter_edge", "clip_unscaled", "mobilevit", "timm_squash"})
  void isReadAsItWasWritten(String name) throws Exception {
    Preprocessing config =
        Preprocessing.fromConfig(
            TestFiles.DATA.resolve("processors/" + name + ".json"), input("N", 3, "h", "w"));
    Preprocessing read =
        RecordedPreprocessing.read(RecordedPreprocessing.write(config), input("N", 3, "h", "w"));
    assertThat(read.description())
        .isEqualTo(
            config.description().replace("from " + name + ".json", "from the model's metadata"));
    assertThat(apply(read, "processors/picture.png"))
        .isEqualTo(apply(config, "processors/picture.png"));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"", "{}", "[1]", "{\"size\":[0,3]}", "{\"size\":[16,16],\"interpolation\":\"x\"}"})
  void refusesARecordThatSaysNothing(String text) {
    assertThatThrownBy(() -> RecordedPreprocessing.read(text, input("N", 3, "h", "w")))
        .isInstanceOf(DataException.class)
        .hasMessageContaining("metadata gohsp.preparation cannot be understood");
  }

  /** As Caffe's configurations have them, while pixels are divided by 255. */
  @Test
  void refusesMeansOfPixelsThatAreScaled() {
    assertThatThrownBy(
            () ->
                config(
                    "{\"size\":16,\"image_mean\":[123.675,116.28,103.53],\"image_std\":[1,1,1]}",
                    "N",
                    3,
                    16,
                    16))
        .isInstanceOf(DataException.class)
        .hasMessageContaining("a mean of 123.675 is one of pixels from 0 to 255");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "{'pretrained_cfg':{'input_size':[3,24]}} | input_size is [3,24]",
        "{'pretrained_cfg':{'input_size':[3,24,24],'crop_mode':'border'}} | crop_mode border",
        "{'pretrained_cfg':{'input_size':[3,24,20]}} | crop_mode center for an input of 24×20",
        "{'pretrained_cfg':{'input_size':[3,24,24],'interpolation':'random'}} | interpolation is random",
        "{'preprocess_cfg':{}} | the size of pictures is",
        "{'preprocess_cfg':{'size':24,'resize_mode':'longest'}} | resize_mode longest",
      })
  void refusesWhatOthersDoOtherwise(String json, String message) {
    assertThatThrownBy(() -> config(json.replace('\'', '"'), "N", 3, "h", "w"))
        .isInstanceOf(DataException.class)
        .hasMessageContaining(message);
  }

  /** Sizes of the classes themselves, where a file states none. */
  @ParameterizedTest
  @CsvSource({
    "ViTImageProcessorFast, to 224×224, 224",
    "DeiTFeatureExtractor, to 256×256, 224",
    "CLIPImageProcessor, shorter edge to 224, 224",
    "LevitFeatureExtractor, shorter edge to 256, 224",
    "ConvNextImageProcessor, to 384×384, 384",
    "PoolFormerImageProcessor, shorter edge to 248, 224",
    "SegformerImageProcessor, to 512×512, 512"
  })
  void knowsTheDefaultsOfClasses(String type, String resize, int edge) throws Exception {
    Preprocessing known = config("{\"image_processor_type\":\"" + type + "\"}", "N", 3, "h", "w");
    assertThat(known.resize()).hasToString(resize);
    assertThat(known.height()).isEqualTo(edge);
    assertThat(known.width()).isEqualTo(edge);
  }

  private Preprocessing config(String json, Object... dims) throws Exception {
    Path file = folder.resolve("preprocessor_config.json");
    Files.write(file, json.getBytes(StandardCharsets.UTF_8));
    return Preprocessing.fromConfig(file, input(dims));
  }

  @Test
  void understandsTheWaysASizeIsStated() throws Exception {
    Object[] open = {"N", 3, "h", "w"};
    assertThat(
            config(
                "{'size':224,'image_mean':[0.5,0.5,0.5],'image_std':[0.5,0.5,0.5]}"
                    .replace('\'', '"'),
                open))
        .extracting(Preprocessing::resize, Preprocessing::interpolation, Preprocessing::height)
        .containsExactly(new Resize.Exact(224, 224), Interpolation.BILINEAR, 224);
    assertThat(
            config(
                ("{'size':224,'crop_size':224,'do_center_crop':true,'resample':3,"
                        + "'feature_extractor_type':'CLIPFeatureExtractor'}")
                    .replace('\'', '"'),
                open))
        .extracting(Preprocessing::resize, Preprocessing::mean)
        .containsExactly(new Resize.ShorterEdge(224), List.of(0.48145466, 0.4578275, 0.40821073));
    assertThat(config("{\"size\":{\"shortest_edge\":224},\"crop_pct\":0.875}", open).resize())
        .isEqualTo(new Resize.ShorterEdge(256));
    assertThat(config("{\"size\":{\"height\":8,\"width\":9}}", "N", 3, 8, 9).resize())
        .isEqualTo(new Resize.Exact(8, 9));
    assertThat(config("{\"do_resize\":false,\"do_rescale\":false}", "N", 3, 8, 9).scale())
        .isEqualTo(1);
  }

  /** Sizes are those of transformers 5.18, for pictures of 100×60 pixels. */
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "LevitImageProcessor | {'shortest_edge':32,'longest_edge':48} | 1 | shorter edge to 36",
        "ConvNextImageProcessor | {'shortest_edge':32,'longest_edge':48} | 1 | shorter edge to 36",
        "ViTImageProcessor | {'shortest_edge':32,'longest_edge':null} | 1 | shorter edge to 32",
        "DPTImageProcessor | 33 | 8 | to 32×32",
        "DPTImageProcessor | {'height':45,'width':34} | 8 | to 32×48",
        "ViTImageProcessor | 36 | 100 | to 36×36",
      })
  void understandsSizesThatClassesTakeOtherwise(
      String type, String size, int multiple, String resize) throws Exception {
    assertThat(config(sized(type, size, multiple), "N", 3, "h", "w").resize()).hasToString(resize);
  }

  private static String sized(String type, String size, int multiple) {
    return "{'image_processor_type':'%s','size':%s,'ensure_multiple_of':%d,'crop_size':32,'do_center_crop':%b}"
        .formatted(type, size, multiple, type.startsWith("ViT") || type.startsWith("Levit"))
        .replace('\'', '"');
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "ViTImageProcessor | {'shortest_edge':32,'longest_edge':48} | 1 | size has shortest_edge and longest_edge",
        "ViTImageProcessor | {'shortest_edge':32,'height':16,'width':16} | 1 | size is {",
        "DPTImageProcessor | 36 | 8 | no multiple of it is nearest to the size 36",
        "DPTImageProcessor | 36 | 100 | no multiple of it is nearest to the size 36",
        "DPTImageProcessor | 36 | 0 | ensure_multiple_of is 0",
        "DPTImageProcessor | {'shortest_edge':32} | 8 | expected a number, shortest_edge, or height",
      })
  void refusesSizesThatNoBatchHas(String type, String size, int multiple, String message) {
    assertThatThrownBy(() -> config(sized(type, size, multiple), "N", 3, "h", "w"))
        .isInstanceOf(DataException.class)
        .hasMessageContaining(message);
  }

  @Test
  void saysWhatIsWrongWithAConfiguration() {
    assertThatThrownBy(() -> config("{\"size\":{\"longest_edge\":9}}", "N", 3, 8, 9))
        .isInstanceOf(DataException.class)
        .hasMessage(
            folder.resolve("preprocessor_config.json")
                + ": size is {\"longest_edge\":9}, expected a number, shortest_edge, or height and"
                + " width (correct size)");
    assertThatThrownBy(() -> config("{\"size\":224}", "N", 3, 8, 8))
        .isInstanceOf(DataException.class)
        .hasMessage(
            "model: input x is 8 pixels wide or high, not 224 (leave the image size to the model)");
    assertThatThrownBy(() -> config("{\"image_mean\":[1,2],\"image_std\":[1,2]}", "N", 3, 8, 8))
        .isInstanceOf(DataException.class)
        .hasMessageContaining("2 values of mean for 3 channels of input x");
    assertThatThrownBy(() -> config("{\"image_mean\":[1,2],\"image_std\":[1,2]}", "N", 1, 8, 8))
        .isInstanceOf(DataException.class)
        .hasMessageContaining("2 values of mean for 1 channel of input x");
    assertThatThrownBy(() -> config("{", "N", 3, 8, 8))
        .isInstanceOf(DataException.class)
        .hasMessageContaining("preprocessor_config.json: not JSON: Unexpected end-of-input")
        .hasMessageEndingWith("(correct the file)");
    assertThatThrownBy(() -> config("{\"resample\":5}", "N", 3, 8, 8))
        .isInstanceOf(DataException.class)
        .hasMessageContaining("resample is 5, expected 0 to 3");
    assertThatThrownBy(() -> config("{\"do_reduce_labels\":true}", "N", 3, 8, 8))
        .isInstanceOf(DataException.class)
        .hasMessageContaining("do_reduce_labels is not supported (set it to false, or prepare");
    assertThatThrownBy(
            () -> config("{\"image_processor_type\":\"PerceiverImageProcessor\"}", "N", 3, 8, 8))
        .isInstanceOf(DataException.class)
        .hasMessageContaining("image processor PerceiverImageProcessor is not supported");
  }

  @Test
  void takesDefaultsFromTheInputAndSaysSo() {
    assertThat(Preprocessing.forInput(input("N", 3, 32, 32), null).description())
        .isEqualTo(
            "x: 32×32 RGB, resize shorter edge to 32 (bicubic), centre, scale 1/255, mean [0.485,"
                + " 0.456, 0.406], std [0.229, 0.224, 0.225] (from the model's input, normalised"
                + " for ImageNet)");
    assertThat(Preprocessing.forInput(input("N", 1, "h", "w"), new int[] {8, 8}).description())
        .isEqualTo(
            "x: 8×8 grey, resize shorter edge to 8 (bicubic), centre, scale 1/255, mean [0.5],"
                + " std [0.5] (from the model's input)");
  }

  @Test
  void saysWhyAnInputTakesNoPictures() {
    assertThatThrownBy(() -> Preprocessing.forInput(input("N", 128), null))
        .isInstanceOf(DataException.class)
        .hasMessage(
            "model: input x is FLOAT[N, 128], expected [N, C, H, W] or [N, H, W, C] (give an .npz"
                + " file with an array x)");
    assertThatThrownBy(() -> Preprocessing.forInput(input("N", 4, 8, 8), null))
        .isInstanceOf(DataException.class)
        .hasMessageContaining("neither 1 (grey) nor 3 (red, green, blue) channels");
    assertThatThrownBy(() -> Preprocessing.forInput(input("N", 3, "h", "w"), null))
        .isInstanceOf(DataException.class)
        .hasMessage(
            "model: input x does not state the image size (state the image size, or give a"
                + " preprocessor_config.json)");
    Map<String, TensorType> two = new LinkedHashMap<>(input("N", 3, 8, 8));
    two.put("mask", TensorType.of(ElementType.BOOL, 1));
    assertThatThrownBy(() -> Preprocessing.forInput(two, null))
        .isInstanceOf(DataException.class)
        .hasMessageContaining("but a picture fills exactly one");
  }
}
