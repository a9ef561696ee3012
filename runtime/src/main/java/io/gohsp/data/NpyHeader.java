package io.gohsp.data;

import io.gohsp.tensor.ElementType;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The start of a NumPy {@code .npy} file (format versions 1, 2 and 3): magic, version, length, and
 * a dictionary in Python's notation.
 *
 * @param dims all extents, the samples' count first
 */
record NpyHeader(ElementType type, List<Long> dims) {
  private static final byte[] MAGIC = {(byte) 0x93, 'N', 'U', 'M', 'P', 'Y'};

  /** Real headers take a few hundred bytes. */
  private static final int MAX_LENGTH = 1 << 16;

  private static final Pattern DESCR = Pattern.compile("'descr'\\s*:\\s*'([^']*)'");
  private static final Pattern FORTRAN = Pattern.compile("'fortran_order'\\s*:\\s*(True|False)");
  private static final Pattern SHAPE = Pattern.compile("'shape'\\s*:\\s*\\(([0-9,\\sL]*)\\)");

  private static final Map<String, ElementType> TYPES =
      Map.ofEntries(
          Map.entry("f2", ElementType.FLOAT16),
          Map.entry("f4", ElementType.FLOAT),
          Map.entry("f8", ElementType.DOUBLE),
          Map.entry("i1", ElementType.INT8),
          Map.entry("i2", ElementType.INT16),
          Map.entry("i4", ElementType.INT32),
          Map.entry("i8", ElementType.INT64),
          Map.entry("u1", ElementType.UINT8),
          Map.entry("u2", ElementType.UINT16),
          Map.entry("u4", ElementType.UINT32),
          Map.entry("u8", ElementType.UINT64),
          Map.entry("b1", ElementType.BOOL));

  static NpyHeader read(String where, InputStream in) throws IOException {
    byte[] start = in.readNBytes(8);
    int version = start.length < 8 ? 0 : start[6];
    boolean magic = start.length == 8;
    for (int i = 0; i < MAGIC.length && magic; i++) {
      magic = start[i] == MAGIC[i];
    }
    if (!magic || version < 1 || version > 3) {
      throw new DataException(where, "not a NumPy array", "write the file with numpy.savez");
    }
    int lengthBytes = version == 1 ? 2 : 4;
    byte[] raw = in.readNBytes(lengthBytes);
    ByteBuffer length = ByteBuffer.wrap(raw).order(ByteOrder.LITTLE_ENDIAN);
    long size =
        raw.length < lengthBytes ? -1 : version == 1 ? length.getShort() & 0xFFFF : length.getInt();
    if (size < 0 || size > MAX_LENGTH) {
      throw new DataException(where, "its header is damaged", "write the file again");
    }
    String text = new String(in.readNBytes((int) size), StandardCharsets.UTF_8);
    return parse(where, text);
  }

  private static NpyHeader parse(String where, String text) {
    Matcher fortran = FORTRAN.matcher(text);
    Matcher shape = SHAPE.matcher(text);
    if (!fortran.find() || !shape.find()) {
      throw new DataException(where, "its header is damaged", "write the file again");
    }
    Matcher descr = DESCR.matcher(text);
    String code = descr.find() ? descr.group(1) : "a record";
    ElementType type = TYPES.get(code.isEmpty() ? "" : code.substring(1));
    boolean bytes = type != null && type.bits() == 8;
    if (type == null || (!code.startsWith("<") && !(bytes && code.startsWith("|")))) {
      throw new DataException(
          where,
          "elements are " + code + ", expected little-endian floats, whole numbers or booleans",
          "convert with array.astype('float32') or array.astype('int64')");
    }
    if (fortran.group(1).equals("True")) {
      throw new DataException(
          where,
          "the array is in Fortran order (columns first)",
          "save numpy.ascontiguousarray(array)");
    }
    return new NpyHeader(type, dims(where, shape.group(1)));
  }

  private static List<Long> dims(String where, String text) {
    List<Long> dims = new ArrayList<>();
    try {
      for (String part : text.split(",")) {
        String digits = part.strip().replace("L", ""); // Python 2 wrote 3L
        if (!digits.isEmpty()) {
          dims.add(Long.parseLong(digits));
        }
      }
      long bytes = 8; // an element has no more
      for (long dim : dims) {
        bytes = Math.multiplyExact(bytes, dim);
      }
      return List.copyOf(dims);
    } catch (ArithmeticException | NumberFormatException e) {
      throw new DataException(where, "extents (" + text + ") are too large", "write it again", e);
    }
  }
}
