package io.gohsp.train;

import com.fasterxml.jackson.databind.ObjectMapper;
import io.gohsp.engine.FlatVector;
import io.gohsp.io.AtomicFile;
import io.gohsp.plan.InvalidOption;
import io.gohsp.work.DamagedWork;
import io.gohsp.work.RunIdentity;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.FloatBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.zip.CRC32;
import java.util.zip.CheckedInputStream;
import java.util.zip.ZipEntry;
import java.util.zip.ZipFile;
import java.util.zip.ZipOutputStream;
import org.jspecify.annotations.Nullable;

/**
 * Where a run stands, in one file: a zip archive of one entry for each vector (little-endian FLOAT)
 * and {@code run.json}. Each write replaces the one before as a whole. The archive's checksums tell
 * a damaged file, in vectors and record; what else archives hold is not read.
 */
final class Checkpoint {
  private static final String RUN = "run.json";

  /** Changes with what {@link #RUN} and the vectors mean. */
  private static final int FORM = 1;

  private static final int CHUNK = 1 << 16;
  private static final ObjectMapper JSON = new ObjectMapper();

  private final Path file;
  private final String identity;
  private final Map<String, FlatVector> vectors;

  /** What {@link #RUN} contains. */
  private record Run(int form, String identity, Progress progress) {}

  /**
   * A checkpoint that may or may not exist.
   *
   * @param identity what must be the same for a run to be continued: model, recipe, data
   * @param vectors what is written and read, by name
   */
  Checkpoint(Path file, String identity, Map<String, FlatVector> vectors) {
    this.file = file;
    this.identity = identity;
    this.vectors = vectors;
  }

  Path file() {
    return file;
  }

  /**
   * Writes where the run stands.
   *
   * @throws IOException if that fails; the checkpoint before is then still there
   */
  void write(Progress progress) throws IOException {
    AtomicFile.write(
        file,
        out -> {
          ZipOutputStream zip = new ZipOutputStream(out);
          zip.setMethod(ZipOutputStream.STORED);
          byte[] run = JSON.writeValueAsBytes(new Run(FORM, identity, progress));
          CRC32 checksum = new CRC32();
          checksum.update(run);
          zip.putNextEntry(entry(RUN, run.length, checksum.getValue()));
          zip.write(run);
          for (Map.Entry<String, FlatVector> vector : vectors.entrySet()) {
            write(zip, vector.getKey(), vector.getValue());
          }
          zip.finish();
        });
  }

  private static void write(ZipOutputStream zip, String name, FlatVector vector)
      throws IOException {
    CRC32 checksum = new CRC32();
    forEachChunk(vector.floats(), bytes -> checksum.update(bytes, 0, bytes.length));
    zip.putNextEntry(entry(name, (long) vector.size() * Float.BYTES, checksum.getValue()));
    forEachChunk(vector.floats(), zip::write);
  }

  /** The archive carries no time: the same state, the same bytes. */
  private static ZipEntry entry(String name, long size, long checksum) {
    ZipEntry entry = new ZipEntry(name);
    entry.setTimeLocal(java.time.LocalDateTime.of(1980, 1, 1, 0, 0));
    entry.setSize(size);
    entry.setCrc(checksum);
    return entry;
  }

  private interface ChunkConsumer {
    void accept(byte[] bytes) throws IOException;
  }

  private static void forEachChunk(FloatBuffer floats, ChunkConsumer consumer) throws IOException {
    while (floats.hasRemaining()) {
      int count = Math.min(CHUNK, floats.remaining());
      byte[] bytes = new byte[count * Float.BYTES];
      ByteBuffer.wrap(bytes)
          .order(ByteOrder.LITTLE_ENDIAN)
          .asFloatBuffer()
          .put(floats.slice(floats.position(), count));
      floats.position(floats.position() + count);
      consumer.accept(bytes);
    }
  }

  /**
   * Reads where the run stood, into the vectors. Also removes what a run left behind that was
   * killed as it wrote; no other run may be at work.
   *
   * @return null if there is no checkpoint
   * @throws InvalidOption if it belongs to another run
   * @throws DamagedWork if it is damaged
   */
  @Nullable Progress read() {
    try {
      AtomicFile.removeLeftovers(file);
      if (!Files.exists(file)) {
        return null;
      }
      try (ZipFile zip = new ZipFile(file.toFile())) {
        Run run = JSON.readValue(run(zip), Run.class);
        if (run.form() != FORM) {
          throw new IOException("it is of a form that this version of gohsp does not read");
        }
        RunIdentity.requireSame(file, run.identity(), identity);
        for (Map.Entry<String, FlatVector> vector : vectors.entrySet()) {
          read(zip, vector.getKey(), vector.getValue());
        }
        return run.progress();
      }
    } catch (IOException e) {
      throw new DamagedWork(file, String.valueOf(e.getMessage()), e);
    }
  }

  private static byte[] run(ZipFile zip) throws IOException {
    ZipEntry entry = required(zip, RUN);
    CheckedInputStream in = new CheckedInputStream(zip.getInputStream(entry), new CRC32());
    byte[] bytes = in.readAllBytes();
    requireIntact(entry, in);
    return bytes;
  }

  private static void read(ZipFile zip, String name, FlatVector vector) throws IOException {
    ZipEntry entry = required(zip, name);
    if (entry.getSize() != (long) vector.size() * Float.BYTES) {
      throw new IOException(
          "%s has %d bytes, expected %d"
              .formatted(name, entry.getSize(), (long) vector.size() * Float.BYTES));
    }
    CheckedInputStream in = new CheckedInputStream(zip.getInputStream(entry), new CRC32());
    FloatBuffer floats = vector.floats();
    while (floats.hasRemaining()) {
      int bytes = Math.min(CHUNK, floats.remaining()) * Float.BYTES;
      ByteBuffer chunk = ByteBuffer.wrap(in.readNBytes(bytes)).order(ByteOrder.LITTLE_ENDIAN);
      if (chunk.remaining() < bytes) {
        throw new IOException(name + " is cut short");
      }
      floats.put(chunk.asFloatBuffer());
    }
    requireIntact(entry, in);
  }

  private static ZipEntry required(ZipFile zip, String name) throws IOException {
    ZipEntry entry = zip.getEntry(name);
    if (entry == null) {
      throw new IOException("it has no " + name);
    }
    return entry;
  }

  /** {@link ZipFile} itself compares no checksums. */
  private static void requireIntact(ZipEntry entry, CheckedInputStream in) throws IOException {
    if (in.getChecksum().getValue() != entry.getCrc()) {
      throw new IOException(entry.getName() + " has the wrong checksum");
    }
  }
}
