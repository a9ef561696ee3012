package io.gohsp.data;

import java.awt.image.BufferedImage;
import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import javax.imageio.ImageIO;

/** Files of the test data, and tiny ones made on the spot. */
final class TestFiles {
  static final Path DATA = Path.of("..", "testdata", "data");

  private TestFiles() {}

  static byte[] bytes(String name) throws IOException {
    return Files.readAllBytes(DATA.resolve(name));
  }

  /** The contents of an expected array, row-major. */
  static byte[] npy(String name) throws IOException {
    try (InputStream in = new BufferedInputStream(Files.newInputStream(DATA.resolve(name)))) {
      NpyArray array = NpyArray.read(name, in, 1 << 20);
      ByteBuffer all = ByteBuffer.allocate(array.rows() * array.rowBytes());
      for (int row = 0; row < array.rows(); row++) {
        all.put(array.row(row));
      }
      return all.array();
    }
  }

  /** A PNG whose pixels all have the value {@code grey}. */
  static byte[] png(int width, int height, int grey) {
    BufferedImage image = new BufferedImage(width, height, BufferedImage.TYPE_3BYTE_BGR);
    for (int y = 0; y < height; y++) {
      for (int x = 0; x < width; x++) {
        image.setRGB(x, y, grey * 0x010101);
      }
    }
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    try {
      ImageIO.write(image, "png", out);
    } catch (IOException e) {
      throw new AssertionError(e);
    }
    return out.toByteArray();
  }

  static void write(Path file, byte[] contents) throws IOException {
    Path parent = file.getParent();
    if (parent != null) {
      Files.createDirectories(parent);
    }
    Files.write(file, contents);
  }

  static Path zip(Path file, Map<String, byte[]> entries) throws IOException {
    try (OutputStream out = Files.newOutputStream(file);
        ZipOutputStream zip = new ZipOutputStream(out)) {
      for (Map.Entry<String, byte[]> entry : entries.entrySet()) {
        zip.putNextEntry(new ZipEntry(entry.getKey()));
        zip.write(entry.getValue());
      }
    }
    return file;
  }

  /** A {@code .npy} file of format version 1. */
  static byte[] npy(String descr, String shape, boolean fortran, byte... values) {
    String header =
        "{'descr': '%s', 'fortran_order': %s, 'shape': (%s), }\n"
            .formatted(descr, fortran ? "True" : "False", shape);
    ByteBuffer out = ByteBuffer.allocate(10 + header.length() + values.length);
    out.put(new byte[] {(byte) 0x93, 'N', 'U', 'M', 'P', 'Y', 1, 0});
    out.put((byte) header.length()).put((byte) (header.length() >> 8));
    out.put(header.getBytes(java.nio.charset.StandardCharsets.US_ASCII)).put(values);
    return out.array();
  }

  /** An IDX file of unsigned bytes. */
  static byte[] idx(int[] dims, byte... values) {
    ByteBuffer out = ByteBuffer.allocate(4 + 4 * dims.length + values.length);
    out.put(new byte[] {0, 0, 8, (byte) dims.length});
    for (int dim : dims) {
      out.putInt(dim);
    }
    return out.put(values).array();
  }
}
