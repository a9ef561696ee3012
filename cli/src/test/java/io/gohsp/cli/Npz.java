package io.gohsp.cli;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.TreeMap;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;

/** Writes arrays as NumPy does. */
final class Npz {
  private Npz() {}

  /** Arrays [rows, columns] of 64-bit whole numbers. */
  static void write(Path file, int rows, int columns, Map<String, long[]> arrays)
      throws IOException {
    try (OutputStream out = Files.newOutputStream(file);
        ZipOutputStream zip = new ZipOutputStream(out)) {
      for (Map.Entry<String, long[]> array : new TreeMap<>(arrays).entrySet()) {
        zip.putNextEntry(new ZipEntry(array.getKey() + ".npy"));
        zip.write(npy(rows, columns, array.getValue()));
        zip.closeEntry();
      }
    }
  }

  /**
   * Arrays of bytes.
   *
   * @param arrays by name, shape (as NumPy writes it) and contents
   */
  static void writeBytes(Path file, Map<String, Map.Entry<String, byte[]>> arrays)
      throws IOException {
    write(file, "|u1", arrays);
  }

  /**
   * Arrays of any type but labels, which are bytes.
   *
   * @param type as NumPy writes it
   * @param arrays by name, shape (as NumPy writes it) and contents
   */
  static void write(Path file, String type, Map<String, Map.Entry<String, byte[]>> arrays)
      throws IOException {
    try (OutputStream out = Files.newOutputStream(file);
        ZipOutputStream zip = new ZipOutputStream(out)) {
      for (Map.Entry<String, Map.Entry<String, byte[]>> array : new TreeMap<>(arrays).entrySet()) {
        zip.putNextEntry(new ZipEntry(array.getKey() + ".npy"));
        byte[] values = array.getValue().getValue();
        zip.write(
            npy(array.getKey().equals("labels") ? "|u1" : type, array.getValue().getKey(), values));
        zip.closeEntry();
      }
    }
  }

  private static byte[] npy(int rows, int columns, long[] values) {
    ByteBuffer contents = ByteBuffer.allocate(8 * values.length).order(ByteOrder.LITTLE_ENDIAN);
    contents.asLongBuffer().put(values);
    return npy("<i8", rows + ", " + columns, contents.array());
  }

  /** A file: a header, and the contents as they are. */
  private static byte[] npy(String type, String shape, byte[] contents) {
    String header =
        "{'descr': '%s', 'fortran_order': False, 'shape': (%s), }".formatted(type, shape);
    String padded = header + " ".repeat(63 - (10 + header.length()) % 64) + "\n";
    ByteBuffer bytes =
        ByteBuffer.allocate(10 + padded.length() + contents.length).order(ByteOrder.LITTLE_ENDIAN);
    bytes.put(new byte[] {(byte) 0x93, 'N', 'U', 'M', 'P', 'Y', 1, 0});
    bytes.putShort((short) padded.length());
    bytes.put(padded.getBytes(StandardCharsets.US_ASCII));
    return bytes.put(contents).array();
  }
}
