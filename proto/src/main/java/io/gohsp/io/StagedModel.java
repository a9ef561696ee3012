package io.gohsp.io;

import io.gohsp.ir.Model;
import java.io.Closeable;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/**
 * A model that is written, but not yet where it shall be: the very bytes can be checked before
 * anybody else sees them. Lies in a hidden directory beside its target, which is gone after {@link
 * #close}, and also if the program is interrupted.
 */
public final class StagedModel implements Closeable {
  private final Path directory;
  private final Path file;

  /** Where each staged file goes, in the order in which they are moved; the model is last. */
  private final Map<Path, Path> targets = new LinkedHashMap<>();

  private final Path target;
  private final Model model;
  private final List<Path> inputs;

  private StagedModel(Path target, Model model, List<Path> inputs) throws IOException {
    this.target = target;
    this.model = model;
    this.inputs = inputs;
    Temporaries.removeLeftovers(target);
    directory = Temporaries.createDirectory(Temporaries.beside(target));
    file = staged(target);
  }

  /** Where the file for {@code target} is written to. */
  private Path staged(Path target) {
    return directory.resolve(String.valueOf(target.getFileName()));
  }

  /**
   * Writes a model.
   *
   * @param target where it goes in the end
   * @throws IOException if it cannot be written, or {@code target} is a file that the model was
   *     read from; nothing is left behind then
   */
  public static StagedModel write(Model model, Path target) throws IOException {
    OnnxWriter.requireWritable(model, target);
    StagedModel result = new StagedModel(target, model, OnnxWriter.inputs(model));
    try {
      OnnxWriter.write(model, result.file);
      for (Path side : result.sideFiles()) {
        Path sideTarget = target.resolveSibling(side.getFileName());
        OnnxWriter.requireWritable(model, sideTarget);
        result.targets.put(side, sideTarget);
      }
      result.targets.put(result.file, target);
      return result;
    } catch (IOException | RuntimeException e) {
      result.close();
      throw e;
    }
  }

  /**
   * Copies the files that a model was read from, byte for byte. Side files keep their names, since
   * the model calls them so; those that are there already stay.
   *
   * @throws IOException if the model was not read from a file, something cannot be written, or a
   *     side file would replace another file of that name
   */
  public static StagedModel copy(Model model, Path target) throws IOException {
    OnnxWriter.requireWritable(model, target);
    Path source = model.source();
    if (source == null) {
      throw new IOException("the model was made in memory, there is no file to copy");
    }
    StagedModel result = new StagedModel(target, model, OnnxReader.files(model));
    try {
      for (Path sideFile : OnnxReader.files(model)) {
        if (!Files.isSameFile(sideFile, source)) {
          result.copySideFile(sideFile, source, target);
        }
      }
      Files.copy(source, result.file);
      StagedFiles.force(result.file);
      result.targets.put(result.file, target);
      return result;
    } catch (IOException | RuntimeException e) {
      result.close();
      throw e;
    }
  }

  private List<Path> sideFiles() throws IOException {
    try (Stream<Path> all = Files.list(directory)) {
      return all.filter(path -> !path.equals(file)).toList();
    }
  }

  private void copySideFile(Path sideFile, Path source, Path target) throws IOException {
    Path from = ExternalData.directoryOf(source.toRealPath());
    Path to = ExternalData.directoryOf(target);
    Path goal = to.resolve(from.relativize(sideFile.toRealPath()).toString());
    if (Files.exists(goal)) {
      if (Files.mismatch(goal, sideFile) < 0) {
        return;
      }
      throw new IOException(
          goal + " is another file than the weights of that name; choose another directory");
    }
    Files.createDirectories(ExternalData.directoryOf(goal));
    Path staged = staged(goal.resolveSibling(targets.size() + "." + goal.getFileName()));
    Files.copy(sideFile, staged);
    StagedFiles.force(staged);
    targets.put(staged, goal);
  }

  /** The model as it was written, with its side file beside it. */
  public Path file() {
    return file;
  }

  /**
   * Moves everything into place, replacing what is there.
   *
   * @throws IOException if that fails; nothing has changed then
   * @throws io.gohsp.ir.ModelException.Malformed if a file that the model was read from was written
   *     to meanwhile; likewise
   */
  public void commit() throws IOException {
    OnnxReader.requireUnchanged(model);
    try (StagedFiles files = new StagedFiles()) {
      targets.forEach((staged, target) -> files.adopt(target, staged));
      files.commit();
    }
    String present =
        targets.values().stream()
            .filter(path -> !path.equals(target))
            .map(path -> String.valueOf(path.getFileName()))
            .findFirst()
            .orElse("");
    SideFile.removeOthers(target, present, inputs);
  }

  /** Removes what was not moved into place. */
  @Override
  public void close() throws IOException {
    if (!Files.exists(directory)) {
      Temporaries.forget(directory);
      return;
    }
    try (Stream<Path> left = Files.list(directory)) {
      for (Path staged : left.toList()) {
        Files.deleteIfExists(staged);
      }
    }
    Files.deleteIfExists(directory);
    Temporaries.forget(directory);
  }
}
