package io.gohsp.compare;

import io.gohsp.io.OnnxReader;
import io.gohsp.io.OnnxWriter;
import io.gohsp.ir.Model;
import io.gohsp.ir.ModelException;
import io.gohsp.phase.Work;
import io.gohsp.plan.InvalidOption;
import io.gohsp.work.DamagedWork;
import io.gohsp.work.Fingerprint;
import io.gohsp.work.WorkFile;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Objects;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * A cell's directory: what it is ({@code cell.json}), where it stands ({@code run/}), and what it
 * came to ({@code result.json} with {@code model.onnx}, or {@code failure.json}). A result is
 * written last, so that whatever has one is complete.
 */
final class CellFiles {
  private final Path directory;
  private final IdentityFile identity;
  private final Path result;
  private final Path failure;

  /**
   * @param identity everything that has a part in the result
   */
  CellFiles(Path directory, String identity) {
    this.directory = directory;
    this.identity = new IdentityFile(directory.resolve("cell.json"), identity);
    result = directory.resolve("result.json");
    failure = directory.resolve("failure.json");
  }

  /** Where the pipeline keeps its checkpoints. */
  Path run() {
    return directory.resolve("run");
  }

  /** The resulting model. */
  Path model() {
    return directory.resolve("model.onnx");
  }

  /**
   * Fails if what is there is another cell's.
   *
   * @throws InvalidOption if so
   */
  void requireSame() {
    identity.requireSame();
  }

  /**
   * What it came to; null if it is not finished.
   *
   * @throws DamagedWork if the result is damaged, or its model is
   */
  @Nullable CellResult result() {
    CellResult finished = Files.exists(model()) ? WorkFile.read(result, CellResult.class) : null;
    if (finished != null && !finished.modelSha256().equals(fingerprint())) {
      throw new DamagedWork(model(), "it does not have the SHA-256 that result.json states");
    }
    return finished;
  }

  private String fingerprint() {
    try {
      return Objects.requireNonNull(Fingerprint.of(OnnxReader.read(model())));
    } catch (ModelException e) {
      throw new DamagedWork(model(), String.valueOf(e.getMessage()), e);
    }
  }

  /** Drops what it would take to go on, which a kill may have left beside a result. */
  void tidy() {
    try {
      Work.removeCheckpoints(run());
    } catch (IOException e) {
      throw new UncheckedIOException(run() + " cannot be removed: " + e.getMessage(), e);
    }
  }

  /** Whether an earlier call began with it. */
  boolean isBegun() {
    return Files.exists(run());
  }

  /** Notes what is going to be here. */
  void begin() {
    identity.write();
  }

  /**
   * Keeps a result, and drops what it would take to go on.
   *
   * @param made says what it came to, given the fingerprint of the model's file
   */
  CellResult finish(Model model, Function<String, CellResult> made) {
    try {
      OnnxWriter.write(model, model());
      CellResult finished = made.apply(fingerprint());
      WorkFile.write(result, finished);
      Files.deleteIfExists(failure);
      Work.removeCheckpoints(run());
      return finished;
    } catch (IOException e) {
      throw new UncheckedIOException(model() + " cannot be written: " + e.getMessage(), e);
    }
  }

  void fail(CellFailure what) {
    WorkFile.write(failure, what);
  }
}
