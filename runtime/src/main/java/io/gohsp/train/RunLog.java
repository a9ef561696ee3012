package io.gohsp.train;

import com.fasterxml.jackson.databind.ObjectMapper;
import io.gohsp.plan.InvalidOption;
import io.gohsp.work.DamagedWork;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.OverlappingFileLockException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.zip.CRC32;
import org.jspecify.annotations.Nullable;

/** The run as JSON, one line an update or epoch. A run that continues cuts off what came after. */
final class RunLog implements AutoCloseable {
  private static final ObjectMapper JSON = new ObjectMapper();

  private static final String NAME = "log.jsonl";
  private static final int BUFFER = 1 << 16;

  private final Path file;
  private final FileChannel channel;
  private final CRC32 checksum = new CRC32();

  private RunLog(Path file, FileChannel channel) {
    this.file = file;
    this.channel = channel;
  }

  /**
   * Opens the log of a work directory, and keeps other runs out of that directory until it is
   * closed.
   *
   * @param work made if it does not exist
   * @throws InvalidOption if it cannot be used, or another run is at work there
   */
  static RunLog in(Path work) {
    Path file = work.resolve(NAME);
    try {
      Files.createDirectories(work);
      FileChannel channel =
          FileChannel.open(
              file, StandardOpenOption.CREATE, StandardOpenOption.READ, StandardOpenOption.WRITE);
      if (!isLocked(channel)) {
        channel.close();
        throw new InvalidOption(
            "--work " + work + ": another run is at work there; wait for it or name another");
      }
      return new RunLog(file, channel);
    } catch (IOException e) {
      throw new InvalidOption(
          "--work " + work + " cannot be used as a directory to write to: " + e.getMessage());
    }
  }

  private static boolean isLocked(FileChannel channel) throws IOException {
    try {
      return channel.tryLock() != null;
    } catch (OverlappingFileLockException e) { // held by this process
      return false;
    }
  }

  /**
   * Goes on after what is there already.
   *
   * @param keep so many bytes of it
   * @param expected their checksum
   * @throws DamagedWork if they are not there, or others
   */
  void cut(long keep, long expected) {
    try {
      if (channel.size() < keep) {
        throw damaged("it has %d bytes, expected %d".formatted(channel.size(), keep));
      }
      channel.truncate(keep);
      channel.position(0);
      ByteBuffer buffer = ByteBuffer.allocate(BUFFER);
      while (channel.read(buffer.clear()) >= 0) {
        checksum.update(buffer.flip());
      }
    } catch (IOException e) {
      throw failed(e);
    }
    if (checksum.getValue() != expected) {
      throw damaged("it has the wrong checksum");
    }
  }

  /** Without it there is nothing to go on with the checkpoint after. */
  private DamagedWork damaged(String problem) {
    return new DamagedWork(file, problem, "it and the checkpoint beside it");
  }

  void write(StepReport step) {
    Map<String, @Nullable Object> line = new LinkedHashMap<>();
    line.put("step", step.step());
    line.put("epoch", step.epoch());
    line.put("lr", step.rate());
    line.put("loss", step.loss());
    line.put("gradientNorm", step.gradientNorm());
    line.put("samplesPerSecond", round(step.samplesPerSecond()));
    write(line);
  }

  void write(EpochReport epoch) {
    Map<String, @Nullable Object> line = new LinkedHashMap<>();
    line.put("epoch", epoch.epoch());
    line.put("steps", epoch.step());
    line.put("trainLoss", epoch.loss());
    line.put("trainAccuracy", finite(epoch.accuracy()));
    Evaluation validation = epoch.validation();
    if (validation != null) {
      line.put("loss", validation.loss());
      line.put("accuracy", finite(validation.accuracy()));
      line.put("samples", validation.samples());
      line.put("best", epoch.best());
    }
    write(line);
  }

  private static @Nullable Double finite(double value) {
    return Double.isFinite(value) ? value : null;
  }

  private static double round(double value) {
    return Math.round(value * 10) / 10.0;
  }

  private void write(Map<String, @Nullable Object> line) {
    try {
      ByteBuffer bytes =
          ByteBuffer.wrap((JSON.writeValueAsString(line) + "\n").getBytes(StandardCharsets.UTF_8));
      checksum.update(bytes.duplicate());
      while (bytes.hasRemaining()) { // a disk that is nearly full takes a part
        channel.write(bytes);
      }
    } catch (IOException e) {
      throw failed(e);
    }
  }

  /** Of all that is in it. */
  long checksum() {
    return checksum.getValue();
  }

  /** Has the disk keep all that is in it, for a checkpoint that counts on it. */
  long keep() {
    try {
      channel.force(false);
      return channel.position();
    } catch (IOException e) {
      throw failed(e);
    }
  }

  private TrainingException failed(IOException e) {
    return new TrainingException(file + " cannot be written: " + e.getMessage(), e);
  }

  @Override
  public void close() {
    try {
      channel.close();
    } catch (IOException e) {
      throw failed(e);
    }
  }
}
