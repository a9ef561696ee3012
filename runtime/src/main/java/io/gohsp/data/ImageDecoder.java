package io.gohsp.data;

import java.awt.color.ColorSpace;
import java.awt.image.BufferedImage;
import java.awt.image.ColorModel;
import java.awt.image.ComponentSampleModel;
import java.awt.image.DataBuffer;
import java.awt.image.DataBufferByte;
import java.awt.image.IndexColorModel;
import java.awt.image.Raster;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import javax.imageio.ImageReader;
import javax.imageio.spi.IIORegistry;
import javax.imageio.spi.ImageReaderSpi;
import org.jspecify.annotations.Nullable;

/**
 * Decodes JPEG, PNG and BMP, told apart by their first bytes. Belongs to one thread, because the
 * decoders it keeps do.
 *
 * <p>Stored numbers are taken as they are: no colour profile, gamma or orientation tag is applied
 * and transparency is dropped, which is what training pipelines commonly do. Of 16-bit samples the
 * upper eight bits are kept.
 */
public final class ImageDecoder implements AutoCloseable {
  /** Pictures with more pixels are refused before anything is allocated for them. */
  public static final long MAX_PIXELS = 1L << 26;

  private static final String OF_THE_JDK = "com.sun.imageio";

  private final Map<String, List<ImageReader>> readers = new LinkedHashMap<>();

  /** Set while decoding, when data were missing and the decoder made them up. */
  private boolean endsTooEarly;

  /**
   * Decodes into {@code target}: one channel for grey, three for everything else.
   *
   * @throws CorruptSampleException if that cannot be done
   */
  public void decode(byte[] encoded, Pixels target) throws CorruptSampleException {
    CorruptSampleException first = null;
    for (ImageReader reader : readersFor(encoded)) {
      try {
        decode(reader, encoded, target);
        return;
      } catch (CorruptSampleException e) {
        first = first == null ? e : first;
      }
    }
    throw first == null ? new CorruptSampleException("not a JPEG, PNG or BMP image") : first;
  }

  /**
   * Width and height, without decoding the rest.
   *
   * @throws CorruptSampleException if the header cannot be read
   */
  public int[] size(byte[] encoded) throws CorruptSampleException {
    for (ImageReader reader : readersFor(encoded)) {
      try {
        reader.setInput(new EncodedImageStream(encoded), true, true);
        return new int[] {reader.getWidth(0), reader.getHeight(0)};
      } catch (IOException | RuntimeException e) {
        throw corrupt(e);
      } finally {
        reader.reset();
      }
    }
    throw new CorruptSampleException("not a JPEG, PNG or BMP image");
  }

  private void decode(ImageReader reader, byte[] encoded, Pixels target)
      throws CorruptSampleException {
    try {
      endsTooEarly = false;
      reader.addIIOReadWarningListener(
          (source, warning) ->
              endsTooEarly |= warning.toLowerCase(Locale.ROOT).contains("premature end"));
      // Without metadata: text chunks of a hostile PNG would be inflated to any size.
      reader.setInput(new EncodedImageStream(encoded), true, true);
      long width = reader.getWidth(0);
      long height = reader.getHeight(0);
      if (width * height > MAX_PIXELS) {
        throw new CorruptSampleException(
            "%d×%d pixels are more than the limit of %d".formatted(width, height, MAX_PIXELS));
      }
      BufferedImage image = reader.read(0);
      if (endsTooEarly) {
        throw new CorruptSampleException("the file is damaged or ends too early");
      }
      if (image.getColorModel().getColorSpace().getType() == ColorSpace.TYPE_CMYK) {
        // The JDK knows such files only since lately and leaves the inks unmixed; others convert.
        throw new CorruptSampleException("CMYK colours");
      }
      copy(image, target);
    } catch (IOException | RuntimeException e) { // decoders also fail with array indices
      throw corrupt(e);
    } finally {
      reader.reset();
    }
  }

  private static CorruptSampleException corrupt(Exception e) {
    return new CorruptSampleException(e.getMessage() == null ? e.toString() : e.getMessage(), e);
  }

  private static void copy(BufferedImage image, Pixels target) {
    Raster raster = image.getRaster();
    ColorModel colors = image.getColorModel();
    if (colors instanceof IndexColorModel palette) {
      copyIndexed(raster, palette, target);
    } else if (raster.getNumBands() < 3) { // grey, perhaps with transparency
      copyBands(raster, 1, target);
    } else {
      copyBands(raster, 3, target);
    }
  }

  private static void copyIndexed(Raster raster, IndexColorModel palette, Pixels target) {
    int width = raster.getWidth();
    int height = raster.getHeight();
    target.reshape(width, height, 3);
    byte[] out = target.data();
    int[] row = new int[width];
    int at = 0;
    for (int y = 0; y < height; y++) {
      raster.getSamples(raster.getMinX(), raster.getMinY() + y, width, 1, 0, row);
      for (int index : row) {
        out[at++] = (byte) palette.getRed(index);
        out[at++] = (byte) palette.getGreen(index);
        out[at++] = (byte) palette.getBlue(index);
      }
    }
  }

  private static void copyBands(Raster raster, int channels, Pixels target) {
    int width = raster.getWidth();
    int height = raster.getHeight();
    target.reshape(width, height, channels);
    byte[] out = target.data();
    if (raster.getSampleModel() instanceof ComponentSampleModel model
        && raster.getDataBuffer() instanceof DataBufferByte buffer
        && buffer.getNumBanks() == 1
        && raster.getSampleModelTranslateX() == 0
        && raster.getSampleModelTranslateY() == 0) {
      byte[] in = buffer.getData();
      for (int c = 0; c < channels; c++) {
        int start = buffer.getOffset() + model.getBandOffsets()[c];
        for (int y = 0; y < height; y++) {
          int from = start + y * model.getScanlineStride();
          int to = y * width * channels + c;
          for (int x = 0; x < width; x++, from += model.getPixelStride(), to += channels) {
            out[to] = in[from];
          }
        }
      }
      return;
    }
    boolean wide = raster.getSampleModel().getDataType() != DataBuffer.TYPE_BYTE;
    int[] row = new int[width];
    for (int c = 0; c < channels; c++) {
      int shift = wide ? Math.max(0, raster.getSampleModel().getSampleSize(c) - 8) : 0;
      for (int y = 0; y < height; y++) {
        raster.getSamples(raster.getMinX(), raster.getMinY() + y, width, 1, c, row);
        for (int x = 0; x < width; x++) {
          out[(y * width + x) * channels + c] = (byte) (row[x] >> shift);
        }
      }
    }
  }

  private List<ImageReader> readersFor(byte[] encoded) {
    String format = format(encoded);
    return format == null
        ? List.of()
        : readers.computeIfAbsent(format, ImageDecoder::installedReaders);
  }

  private static @Nullable String format(byte[] encoded) {
    if (encoded.length < 4) {
      return null;
    }
    int a = encoded[0] & 0xFF;
    int b = encoded[1] & 0xFF;
    return a == 0xFF && b == 0xD8
        ? "jpeg"
        : a == 0x89 && b == 'P' && encoded[2] == 'N' && encoded[3] == 'G'
            ? "png"
            : a == 'B' && b == 'M' ? "bmp" : null;
  }

  /**
   * The JDK's decoders first: for what they can read they are several times faster than those that
   * read more.
   */
  private static List<ImageReader> installedReaders(String format) {
    List<ImageReader> ofTheJdk = new ArrayList<>();
    List<ImageReader> others = new ArrayList<>();
    Iterator<ImageReaderSpi> providers =
        IIORegistry.getDefaultInstance().getServiceProviders(ImageReaderSpi.class, true);
    while (providers.hasNext()) {
      ImageReaderSpi provider = providers.next();
      if (List.of(provider.getFormatNames()).contains(format)) {
        boolean jdk = provider.getClass().getName().startsWith(OF_THE_JDK);
        try {
          (jdk ? ofTheJdk : others).add(provider.createReaderInstance());
        } catch (IOException e) {
          throw new IllegalStateException(provider + " cannot be used", e);
        }
      }
    }
    ofTheJdk.addAll(others);
    return ofTheJdk;
  }

  /** Frees what the decoders hold. */
  @Override
  public void close() {
    readers.values().forEach(list -> list.forEach(ImageReader::dispose));
    readers.clear();
  }
}
