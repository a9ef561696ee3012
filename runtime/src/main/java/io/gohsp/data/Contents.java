package io.gohsp.data;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import org.jspecify.annotations.Nullable;

/**
 * What tells two data sources apart, whatever they are called and wherever they lie: the SHA-256 of
 * classes, labels and samples of both parts. Files of pictures count as they are stored and are not
 * decoded, so that this takes about as long as reading them once. Nothing is remembered from one
 * run to the next: neither size nor time of a file says that it is still the same.
 */
final class Contents {
  private final MessageDigest digest;

  private Contents() {
    try {
      digest = MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new AssertionError("every Java has SHA-256", e);
    }
  }

  /** As 64 hexadecimal digits. */
  static String sha256(Dataset train, @Nullable Dataset validation) {
    Contents contents = new Contents();
    contents.add(train);
    if (validation != null) {
      contents.add(validation);
    }
    return HexFormat.of().formatHex(contents.digest.digest());
  }

  private void add(Dataset dataset) {
    number(dataset.size());
    number(dataset.classes().size());
    dataset.classes().forEach(name -> bytes(name.getBytes(StandardCharsets.UTF_8)));
    try (Samples samples = samples(dataset)) {
      for (int i = 0; i < dataset.size(); i++) {
        number(dataset.isLabelled() ? dataset.label(i) : -1);
        try {
          samples.add(i);
        } catch (CorruptSampleException e) {
          number(-1); // it is left out of training as well
        }
      }
    }
  }

  private interface Samples extends AutoCloseable {
    void add(int index) throws CorruptSampleException;

    @Override
    default void close() {}
  }

  private Samples samples(Dataset dataset) {
    if (dataset instanceof ImageFiles files) {
      return index -> bytes(files.encoded(index));
    }
    if (dataset instanceof NamedArrays arrays) {
      arrays.fields().forEach(field -> bytes(field.toString().getBytes(StandardCharsets.UTF_8)));
      return index -> {
        for (int field = 0; field < arrays.fields().size(); field++) {
          digest.update(arrays.row(index, field));
        }
      };
    }
    return new Decoded((Images) dataset);
  }

  /** Pictures that are not files of their own, as pixels. */
  private final class Decoded implements Samples {
    private final Images images;
    private final ImageDecoder decoder = new ImageDecoder();
    private final Pixels pixels = new Pixels();

    Decoded(Images images) {
      this.images = images;
    }

    @Override
    public void add(int index) throws CorruptSampleException {
      images.read(index, decoder, pixels);
      number(pixels.width());
      number(pixels.height());
      number(pixels.channels());
      digest.update(pixels.data(), 0, pixels.width() * pixels.height() * pixels.channels());
    }

    @Override
    public void close() {
      decoder.close();
    }
  }

  private void number(int value) {
    digest.update(ByteBuffer.allocate(Integer.BYTES).putInt(value).flip());
  }

  private void bytes(byte[] all) {
    number(all.length);
    digest.update(all);
  }
}
