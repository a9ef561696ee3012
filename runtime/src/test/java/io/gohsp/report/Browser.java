package io.gohsp.report;

import java.io.File;
import java.io.IOException;
import java.lang.ProcessBuilder.Redirect;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/**
 * A browser of the Chromium family without a screen.
 *
 * @param program its executable
 * @param scratch where it may write
 */
record Browser(Path program, Path scratch) {
  private static final List<String> NAMES =
      List.of("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome");

  /** Starting takes a few seconds on a busy machine. */
  private static final long PATIENCE_SECONDS = 60;

  /** The first one on the path; the variable {@code GOHSP_BROWSER} names another. */
  static Optional<Browser> find(Path scratch) {
    String chosen = System.getenv("GOHSP_BROWSER");
    Stream<Path> candidates =
        chosen != null
            ? Stream.of(Path.of(chosen))
            : NAMES.stream()
                .flatMap(
                    name ->
                        Arrays.stream(System.getenv("PATH").split(File.pathSeparator))
                            .map(folder -> Path.of(folder, name)));
    return candidates
        .filter(Files::isExecutable)
        .findFirst()
        .map(program -> new Browser(program, scratch));
  }

  /** The document as it is after scripts have run. */
  String dom(Path page) throws IOException, InterruptedException {
    Path dom = scratch.resolve("dom.html");
    run(dom, "--virtual-time-budget=5000", "--dump-dom", page.toUri().toString());
    return Files.readString(dom);
  }

  /** What the page looks like, as PNG. */
  Path screenshot(Path page, int width, int height) throws IOException, InterruptedException {
    Path picture = scratch.resolve("page-" + width + ".png");
    run(
        scratch.resolve("screenshot.log"),
        "--hide-scrollbars",
        "--window-size=" + width + "," + height,
        "--screenshot=" + picture,
        page.toUri().toString());
    return picture;
  }

  private void run(Path output, String... arguments) throws IOException, InterruptedException {
    List<String> command =
        new ArrayList<>(
            List.of(
                program.toString(),
                "--headless",
                "--disable-gpu",
                "--no-sandbox", // needed in containers, where users are root
                "--no-first-run",
                "--user-data-dir=" + scratch.resolve("profile"),
                "--allow-file-access-from-files"));
    command.addAll(List.of(arguments));
    Process process =
        new ProcessBuilder(command)
            .redirectOutput(output.toFile())
            .redirectError(Redirect.DISCARD)
            .start();
    if (!process.waitFor(PATIENCE_SECONDS, TimeUnit.SECONDS)) {
      process.destroyForcibly().waitFor();
      throw new IOException(program + " does not come to an end");
    }
  }
}
