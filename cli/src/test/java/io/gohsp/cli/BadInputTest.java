package io.gohsp.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import io.gohsp.onnx.GraphProto;
import io.gohsp.onnx.ModelProto;
import io.gohsp.onnx.NodeProto;
import io.gohsp.onnx.OperatorSetIdProto;
import io.gohsp.onnx.StringStringEntryProto;
import io.gohsp.onnx.TensorProto;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Random;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Whatever is wrong with a file: what is said, the exit code, and that nothing is left behind. */
class BadInputTest {
  @TempDir Path directory;

  /**
   * One bad input. In {@code message}, {@code DIR} stands for the model's directory, {@code ABOVE}
   * for the one above it.
   *
   * @param make puts the model into a directory, under the name {@code model.onnx}
   */
  record Bad(String name, Making make, int exitCode, String message) {
    interface Making {
      void in(Path directory) throws IOException;
    }

    @Override
    public String toString() {
      return name;
    }
  }

  private static Bad bytes(String name, byte[] bytes, String message) {
    return new Bad(name, dir -> Files.write(dir.resolve("model.onnx"), bytes), 4, message);
  }

  interface Change {
    void to(ModelProto.Builder model);
  }

  private static Bad changed(String name, Change change, String message) {
    return new Bad(
        name,
        dir -> {
          ModelProto.Builder model = ModelProto.parseFrom(vit()).toBuilder();
          change.to(model);
          Files.write(dir.resolve("model.onnx"), model.build().toByteArray());
        },
        4,
        message);
  }

  private static byte[] vit() {
    try {
      return Files.readAllBytes(Cli.VIT);
    } catch (IOException e) {
      throw new java.io.UncheckedIOException(e);
    }
  }

  private static byte[] random(int size) {
    byte[] bytes = new byte[size];
    new Random(7).nextBytes(bytes);
    return bytes;
  }

  /** The first initializer of more than 1 KiB goes to a side file. */
  private static void weightIn(Path directory, String location) throws IOException {
    ModelProto.Builder model = ModelProto.parseFrom(vit()).toBuilder();
    GraphProto.Builder graph = model.getGraphBuilder();
    for (TensorProto.Builder tensor : graph.getInitializerBuilderList()) {
      if (tensor.getRawData().size() > 1024) {
        tensor
            .clearRawData()
            .setDataLocation(TensorProto.DataLocation.EXTERNAL)
            .addExternalData(
                StringStringEntryProto.newBuilder().setKey("location").setValue(location));
        break;
      }
    }
    Files.write(directory.resolve("model.onnx"), model.build().toByteArray());
  }

  /** The bytes such a weight needs, and more. */
  private static Path outside(Path directory) throws IOException {
    return Files.write(directory.resolveSibling("secret"), new byte[1 << 20]);
  }

  static Stream<Bad> badModels() {
    byte[] vit = vit();
    return Stream.of(
        bytes(
            "empty",
            new byte[0],
            "gohsp: DIR/model.onnx: the file is empty (export or download it again)"),
        bytes(
            "truncated",
            java.util.Arrays.copyOf(vit, vit.length / 2),
            "gohsp: DIR/model.onnx: byte 19: field 7 begins here and the file ends "
                + "before it does, after 30036 bytes (the file is damaged; export or download "
                + "it again)"),
        bytes(
            "wrong magic",
            "PK\3\4 is a zip".getBytes(StandardCharsets.UTF_8),
            "gohsp: DIR/model.onnx: is not an ONNX model but a zip archive (a PyTorch "
                + "checkpoint has to be exported to ONNX first)"),
        bytes(
            "random bytes",
            random(4096),
            "gohsp: DIR/model.onnx: is not an ONNX model (give an .onnx file; export the model first)"),
        new Bad("missing", dir -> {}, 4, "gohsp: DIR/model.onnx: there is no such file"),
        new Bad(
            "directory",
            dir -> Files.createDirectory(dir.resolve("model.onnx")),
            4,
            "gohsp: DIR/model.onnx: is a directory (name the .onnx file in it)"),
        changed(
            "huge dims",
            model ->
                model
                    .getGraphBuilder()
                    .getInitializerBuilder(0)
                    .clearDims()
                    .addDims(1L << 40)
                    .addDims(1L << 40),
            "gohsp: DIR/model.onnx: tensor \"cls_token\": has impossibly large extents "
                + "[1099511627776, 1099511627776]"),
        changed(
            "cyclic",
            model -> {
              NodeProto.Builder first = model.getGraphBuilder().getNodeBuilder(0);
              String last = model.getGraph().getNode(5).getOutput(0);
              first.setInput(0, last);
            },
            "gohsp: DIR/model.onnx: these nodes wait for each other: Conv "
                + "\"/patch_embed/proj/Conv\", then Shape \"/patch_embed/Shape\", then Slice "
                + "\"/patch_embed/Slice\", then Conv \"/patch_embed/proj/Conv\" (a graph must "
                + "not have cycles)"),
        changed(
            "duplicate names",
            model ->
                model
                    .getGraphBuilder()
                    .getNodeBuilder(3)
                    .setOutput(0, model.getGraph().getNode(2).getOutput(0)),
            "gohsp: DIR/model.onnx: Constant \"/patch_embed/Constant_1\": "
                + "\"/patch_embed/Constant_output_0\" is defined twice (give every value its "
                + "own name)"),
        changed(
            "dangling input",
            model -> model.getGraphBuilder().getNodeBuilder(0).setInput(1, "nowhere"),
            "gohsp: DIR/model.onnx: Conv \"/patch_embed/proj/Conv\": reads \"nowhere\", "
                + "which nothing defines"),
        changed(
            "no operators imported",
            model -> model.clearOpsetImport(),
            "gohsp: DIR/model.onnx: no version of the standard operators is imported "
                + "(export the model again)"),
        changed(
            "unknown operator set",
            model ->
                model
                    .clearOpsetImport()
                    .addOpsetImport(OperatorSetIdProto.newBuilder().setVersion(999)),
            "gohsp: nothing was written: cannot be verified: DIR/model.onnx: ONNX "
                + "Runtime refuses the masked original: ONNX Runtime only *guarantees* support "
                + "for models stamped with official released onnx opset versions. Opset 999 is "
                + "under development and support for this is limited. The operator schemas and "
                + "or other functionality may change before next ONNX release and in this case "
                + "ONNX Runtime will not guarantee backward compatibility. Current official "
                + "support for domain ai.onnx is till opset 26."),
        changed(
            "weights cut off",
            model ->
                model
                    .getGraphBuilder()
                    .getInitializerBuilder(0)
                    .setRawData(ByteString.copyFrom(new byte[7])),
            "gohsp: DIR/model.onnx: tensor \"cls_token\": has 7 bytes of data, but FLOAT "
                + "with extents [1, 1, 24] takes 96"),
        new Bad(
            "missing side file",
            dir -> weightIn(dir, "weights.bin"),
            4,
            "gohsp: DIR/model.onnx: tensor \"pos_embed\": its data is in "
                + "DIR/weights.bin, which does not exist (put that file beside the model)"),
        new Bad(
            "side file above",
            dir -> {
              outside(dir);
              weightIn(dir, "../secret");
            },
            4,
            "gohsp: DIR/model.onnx: tensor \"pos_embed\": its data is in \"../secret\", "
                + "which does not name a file in the model's directory (keep the model and its "
                + "data in one directory, as plain files)"),
        new Bad(
            "absolute side file",
            dir -> weightIn(dir, outside(dir).toString()),
            4,
            "gohsp: DIR/model.onnx: tensor \"pos_embed\": its data is in "
                + "\"ABOVE/secret\", which does not name a file in the model's directory (keep "
                + "the model and its data in one directory, as plain files)"),
        new Bad(
            "side file behind a link",
            dir -> {
              Files.createSymbolicLink(dir.resolve("weights.bin"), outside(dir));
              weightIn(dir, "weights.bin");
            },
            4,
            "gohsp: DIR/model.onnx: tensor \"pos_embed\": its data is in "
                + "\"weights.bin\", which is a link that leads out of the model's directory "
                + "(keep the model and its data in one directory, as plain files)"),
        new Bad(
            "side file with two names",
            dir -> {
              Files.createLink(dir.resolve("weights.bin"), outside(dir));
              weightIn(dir, "weights.bin");
            },
            4,
            "gohsp: DIR/model.onnx: tensor \"pos_embed\": its data is in "
                + "\"weights.bin\", which has a second name elsewhere (a hard link) (keep the "
                + "model and its data in one directory, as plain files)"));
  }

  @ParameterizedTest
  @MethodSource("badModels")
  void saysWhatIsWrongAndLeavesNothing(Bad bad) throws IOException {
    Path inside = Files.createDirectory(directory.resolve("inside"));
    bad.make().in(inside);
    Path model = inside.resolve("model.onnx");
    var before = Cli.listing(directory);

    Cli run = Cli.run("prune", model, "-o", inside.resolve("out.onnx"), "--keep-params", "0.7");

    String message = run.err().replace(inside.toString(), "DIR");
    message = message.replace(directory.toString(), "ABOVE").strip();
    message =
        message
            .lines()
            .filter(line -> !line.startsWith("gohsp: note: "))
            .collect(Collectors.joining("\n"));
    assertThat(message.lines().findFirst()).hasValue(bad.message());
    assertThat(message.lines().count()).isLessThanOrEqualTo(2);
    assertThat(run.exitCode()).isEqualTo(bad.exitCode());
    assertThat(Cli.listing(directory)).isEqualTo(before);
  }
}
