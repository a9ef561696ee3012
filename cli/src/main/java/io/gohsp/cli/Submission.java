package io.gohsp.cli;

import io.gohsp.workers.WorkersException;
import java.io.IOException;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * How {@code spark-submit} is called. What runs on Spark is a jar of a few classes beside the
 * libraries of this program, which go with it; they come before Spark's own of the same names
 * (protobuf, Jackson), of which Spark may have older ones.
 */
final class Submission {
  static final String JAR = "gohsp-spark.jar";

  private static final String HOW =
      "; unpack a release of Apache Spark 4.2 for Scala 2.13 and let SPARK_HOME name its folder"
          + " (docs/CLUSTER.md)";

  private Submission() {}

  /**
   * The call, but for the command to run.
   *
   * @param settings {@code KEY=VALUE}
   * @throws WorkersException if something for it is missing
   */
  static List<String> command(String master, List<String> settings) {
    return command(master, settings, System.getenv(), program());
  }

  /**
   * Likewise.
   *
   * @param program the jar or folder of this class; null if that is not known
   */
  static List<String> command(
      String master,
      List<String> settings,
      Map<String, String> environment,
      @Nullable Path program) {
    String home = environment.get("SPARK_HOME");
    if (home == null || home.isEmpty()) {
      throw new WorkersException("--spark needs Spark, and SPARK_HOME is not set" + HOW);
    }
    Path submit = Path.of(home, "bin", "spark-submit");
    if (!Files.isExecutable(submit)) {
      throw new WorkersException("--spark needs Spark, and there is no " + submit + HOW);
    }
    if (program == null || !Files.isRegularFile(program)) {
      throw new WorkersException(
          "--spark sends the program's jars, and this program runs from single classes; start the"
              + " packaged one (bin/gohsp)");
    }
    Path library = Objects.requireNonNull(program.toAbsolutePath().getParent());
    List<String> command =
        new ArrayList<>(List.of(submit.toString(), "--master", master, "--name", "gohsp"));
    List<String> all =
        new ArrayList<>(
            List.of(
                "spark.driver.userClassPathFirst=true", "spark.executor.userClassPathFirst=true"));
    all.addAll(settings);
    all.forEach(setting -> command.addAll(List.of("--conf", setting)));
    command.addAll(List.of("--jars", jars(library), jar(library, environment).toString()));
    return command;
  }

  /** The jar of the classes that know Spark. */
  private static Path jar(Path library, Map<String, String> environment) {
    String named = environment.get("GOHSP_SPARK_JAR");
    List<Path> places =
        named != null
            ? List.of(Path.of(named))
            : List.of(
                library.resolveSibling(JAR),
                // of a checkout, whose program is cli/target/gohsp
                library.resolve("../../../../spark/target").resolve(JAR).normalize());
    return places.stream()
        .filter(Files::isRegularFile)
        .findFirst()
        .orElseThrow(
            () ->
                new WorkersException(
                    "--spark needs %s, which is not in the usual program; build it (mvn -Pspark package) and put it there, or let GOHSP_SPARK_JAR name it: there is no %s"
                        .formatted(JAR, places.get(0))));
  }

  /** All others; Spark logs, so what keeps logging quiet here stays. */
  private static String jars(Path library) {
    try (Stream<Path> files = Files.list(library)) {
      return files
          .filter(file -> file.toString().endsWith(".jar"))
          .filter(file -> !String.valueOf(file.getFileName()).startsWith("slf4j-"))
          .map(Path::toString)
          .sorted()
          .collect(Collectors.joining(","));
    } catch (IOException e) {
      throw new WorkersException(library + " cannot be read: " + e.getMessage());
    }
  }

  private static @Nullable Path program() {
    try {
      return Path.of(Submission.class.getProtectionDomain().getCodeSource().getLocation().toURI());
    } catch (URISyntaxException | RuntimeException e) {
      return null;
    }
  }
}
