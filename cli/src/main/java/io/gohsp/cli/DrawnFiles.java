package io.gohsp.cli;

import io.gohsp.io.OnnxReader;
import io.gohsp.ir.Model;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** What a measurement leaves beside what it prints. */
final class DrawnFiles {
  @Option(
      names = "--save",
      paramLabel = "FILE",
      description = "Write what --json prints to a file.")
  private @Nullable Path save;

  @Option(
      names = "--picture",
      paramLabel = "FILE.svg",
      description = "Draw what was measured to a file.")
  private @Nullable Path picture;

  /**
   * Makes sure that all can be written, as far as can be told before.
   *
   * @param taken the command's other files
   * @throws UsageError if not
   */
  void requireFree(Model model, List<? extends @Nullable Path> taken) {
    if (picture != null && !picture.toString().toLowerCase(Locale.ROOT).endsWith(".svg")) {
      throw new UsageError("--picture " + picture + ": only SVG is drawn; name a file *.svg");
    }
    List<@Nullable Path> others = new ArrayList<>(OnnxReader.files(model));
    others.addAll(taken);
    if (save != null) {
      OutputFile.requireFree("--save", save, others);
    }
    if (picture != null) {
      OutputFile.requireFree("--picture", picture, others);
      OutputFile.requireFree("--picture", picture, Collections.singletonList(save));
    }
  }

  /** What is written. */
  List<@Nullable Path> files() {
    List<@Nullable Path> all = new ArrayList<>();
    all.add(save);
    all.add(picture);
    return all;
  }

  /**
   * Writes what was asked for.
   *
   * @param json one object
   * @param svg draws
   */
  void write(String json, Supplier<String> svg) {
    if (save != null) {
      Path target = save;
      OutputFile.write(target, () -> Files.writeString(target, json + "\n"));
    }
    if (picture != null) {
      Path target = picture;
      OutputFile.write(target, () -> Files.writeString(target, svg.get()));
    }
  }
}
