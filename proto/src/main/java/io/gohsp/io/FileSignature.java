package io.gohsp.io;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What a file is that people take for an ONNX model.
 *
 * @param at where the mark stands
 * @param mark what marks such files
 * @param kind what they are
 * @param hint what to do
 */
record FileSignature(int at, String mark, String kind, String hint) {
  private static final List<FileSignature> KNOWN =
      List.of(
          new FileSignature(
              0,
              "version https://git-lfs",
              "a Git LFS pointer",
              "fetch the file with git lfs pull"),
          new FileSignature(
              0,
              "PK\u0003\u0004",
              "a zip archive",
              "a PyTorch checkpoint has to be exported to ONNX first"),
          new FileSignature(0, "<!DOCTYPE", "a web page", "download the file itself"),
          new FileSignature(0, "<html", "a web page", "download the file itself"),
          new FileSignature(0, "\u001f\u008b", "compressed with gzip", "unpack it first"),
          new FileSignature(
              1, "HDF\r\n", "an HDF5 file", "a Keras model has to be exported to ONNX first"),
          new FileSignature(
              4,
              "ORTM",
              "a model in ONNX Runtime's own format",
              "use the ONNX file it was made of"),
          new FileSignature(4, "TFL3", "a TensorFlow Lite model", "export the model to ONNX"),
          new FileSignature(
              0,
              "ir_version:",
              "a model in protobuf's text format",
              "convert it to the binary format"));

  static @Nullable FileSignature of(Document document) {
    int length = (int) Math.min(64, document.bytes().byteSize());
    ByteBuffer view = document.bytes().view(0, length);
    byte[] bytes = new byte[length];
    view.get(bytes);
    String start = new String(bytes, StandardCharsets.ISO_8859_1);
    return KNOWN.stream().filter(s -> start.startsWith(s.mark(), s.at())).findFirst().orElse(null);
  }
}
