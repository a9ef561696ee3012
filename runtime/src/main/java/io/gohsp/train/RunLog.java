package io.gohsp.train;

import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The run as JSON, one line an update or epoch. A run that continues cuts off what came after. */
final class RunLog implements AutoCloseable {
  private static final ObjectMapper JSON = new ObjectMapper();

  private final Path file;
  private final FileChannel channel;

  /**
   * Opens a log.
   *
   * @param keep so many bytes of what is there already are kept
   */
  RunLog(Path file, long keep) {
    this.file = file;
    try {
      channel = FileChannel.open(file, StandardOpenOption.CREATE, StandardOpenOption.WRITE);
      channel.truncate(keep);
      channel.position(channel.size());
    } catch (IOException e) {
      throw failed(e);
    }
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
      channel.write(
          ByteBuffer.wrap((JSON.writeValueAsString(line) + "\n").getBytes(StandardCharsets.UTF_8)));
    } catch (IOException e) {
      throw failed(e);
    }
  }

  long length() {
    try {
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
