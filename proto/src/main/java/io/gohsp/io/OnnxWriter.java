package io.gohsp.io;

import io.gohsp.io.SideFile.Policy;
import io.gohsp.ir.Model;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.channels.Channels;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/**
 * Writes ONNX models. Whatever was read and not changed since is written as the bytes it was: a
 * model that nobody touched comes out as it went in, up to the order of fields.
 *
 * <p>A file appears complete or not at all: it is written under a temporary name beside its target
 * and then moved. The files a model was read from are never written to. Weights are streamed, so
 * writing takes hardly any memory.
 *
 * <p>If the model had tensors in side files, or would be larger than the 2 GiB that protobuf
 * allows, initializers of 1 KiB and more go into a side file named after the model and its own
 * contents, such as {@code model.onnx.0123456789abcdef.data} for {@code model.onnx}. So a model
 * that is replaced has its weights until the moment it is: the side file of the new one comes
 * first, under another name, then the model, then the old side file goes.
 */
public final class OnnxWriter {
  /** The largest message that protobuf implementations accept. */
  static final long PROTOBUF_LIMIT = Integer.MAX_VALUE;

  private OnnxWriter() {}

  /**
   * Writes a model to a file, replacing what is there.
   *
   * @throws IOException if the file cannot be written, or is one that the model was read from;
   *     nothing has changed then
   */
  public static void write(Model model, Path file) throws IOException {
    write(model, file, PROTOBUF_LIMIT);
  }

  static void write(Model model, Path file, long limit) throws IOException {
    requireWritable(model, file);
    String name = String.valueOf(requireFileName(file));
    boolean alone = isInOneFile(model);
    Policy policy = alone ? Policy.NONE : Policy.AS_READ;
    SideFile side = sideFile(model, SideFile.unnamed(name), policy);
    Rope message = ModelWriter.model(model, side);
    if (message.length() > limit && alone) {
      throw new IOException(
          file
              + ": the model takes "
              + message.length()
              + " bytes in one file, more than ONNX allows; let weights go into a side file");
    }
    if (message.length() > limit) {
      policy = Policy.LARGE;
      side = sideFile(model, SideFile.unnamed(name), policy);
      message = ModelWriter.model(model, side);
    }
    if (message.length() > limit) {
      throw new IOException(
          file
              + ": the model takes "
              + message.length()
              + " bytes without its large weights, more than ONNX allows");
    }
    try (StagedFiles files = new StagedFiles()) {
      if (side.contents().length() > 0) {
        side = sideFile(model, SideFile.name(name, side.contents()), policy);
        message = ModelWriter.model(model, side); // as long as before: so is the name
        Path sideFile = file.resolveSibling(side.name());
        requireWritable(model, sideFile);
        files.stage(sideFile, side.contents());
      }
      files.stage(file, message);
      files.commit();
    }
    SideFile.removeOthers(file, side.contents().length() > 0 ? side.name() : "", inputs(model));
  }

  /** Has a model that was read, and what is made of it, written with all weights inside. */
  public static void inOneFile(Model model) {
    Kept.OfModel kept = ModelWriter.kept(model);
    if (kept != null) {
      model.setResidue(
          new Kept.OfModel(kept.message(), kept.files(), kept.mapped(), kept.external(), true));
    }
  }

  /** Whether {@link #inOneFile} was asked for. */
  public static boolean isInOneFile(Model model) {
    Kept.OfModel kept = ModelWriter.kept(model);
    return kept != null && kept.inOneFile();
  }

  /** The files that a model was read from. */
  static List<Path> inputs(Model model) {
    Kept.OfModel kept = ModelWriter.kept(model);
    return kept == null ? List.of() : List.copyOf(kept.files());
  }

  /**
   * The file's bytes, with all tensors inside. For models that fit into memory twice.
   *
   * @throws IllegalArgumentException if the model is larger than an array can be
   */
  public static byte[] toBytes(Model model) {
    Rope message = standAlone(model);
    if (message.length() > PROTOBUF_LIMIT - 8) {
      throw new IllegalArgumentException(
          "the model takes " + message.length() + " bytes, more than an array can have");
    }
    ByteArrayOutputStream bytes = new ByteArrayOutputStream((int) message.length());
    try {
      message.writeTo(Channels.newChannel(bytes));
    } catch (IOException e) {
      throw new UncheckedIOException(e); // cannot happen: nothing is written to
    }
    return bytes.toByteArray();
  }

  /** How many bytes {@link #toBytes} would return, of any size. */
  public static long bytesLength(Model model) {
    return standAlone(model).length();
  }

  private static Rope standAlone(Model model) {
    return ModelWriter.model(model, new SideFile("", Policy.NONE, false));
  }

  private static SideFile sideFile(Model model, String name, Policy policy) {
    Kept.OfModel kept = ModelWriter.kept(model);
    return new SideFile(name, policy, kept != null && kept.external());
  }

  private static Path requireFileName(Path file) throws IOException {
    Path name = file.getFileName();
    if (name == null) {
      throw new IOException(file + " is a directory; name a file in it");
    }
    return name;
  }

  /**
   * Fails early if a model cannot be written to a file.
   *
   * @throws IOException if it is a directory, in none, or a file that the model was read from
   */
  public static void requireWritable(Model model, Path file) throws IOException {
    Path directory = ExternalData.directoryOf(file);
    if (!Files.isDirectory(directory)) {
      throw new IOException(file + " cannot be written: there is no directory " + directory);
    }
    if (Files.isDirectory(file)) {
      throw new IOException(file + " is a directory; name a file in it");
    }
    if (!Files.exists(file)) {
      return;
    }
    if (!Files.isRegularFile(file)) {
      throw new IOException(file + " is not a regular file; name another one");
    }
    for (Path input : inputs(model)) {
      if (Files.exists(input) && Files.isSameFile(input, file)) {
        throw new IOException(
            file
                + " is a file that the model was read from, which is never overwritten; name another");
      }
    }
  }
}
