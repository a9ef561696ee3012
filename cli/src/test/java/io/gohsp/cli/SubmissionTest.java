package io.gohsp.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.gohsp.workers.WorkersException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** How {@code --spark} starts Spark. */
class SubmissionTest {
  private static final List<String> SETTINGS = List.of("spark.executor.memory=2g");

  @TempDir Path directory;

  private Path file(String name) throws IOException {
    Path file = directory.resolve(name);
    Files.createDirectories(file.getParent());
    return Files.createFile(file);
  }

  private void fails(String message, Map<String, String> environment, Path program) {
    assertThatThrownBy(() -> Submission.command("local", SETTINGS, environment, program))
        .isInstanceOf(WorkersException.class)
        .hasMessageContaining(message);
  }

  @Test
  void sendsTheProgramsJarsAndSaysWhatIsMissing() throws IOException {
    Path program = file("gohsp/lib/gohsp-cli.jar");
    Path other = file("gohsp/lib/onnxruntime.jar");
    file("gohsp/lib/slf4j-nop.jar");
    file("gohsp/lib/gohsp.jsa");
    String home = directory.resolve("spark").toString();
    Map<String, String> environment = Map.of("SPARK_HOME", home);

    fails("SPARK_HOME is not set; unpack a release of Apache Spark 4.2", Map.of(), program);
    fails("there is no " + home + "/bin/spark-submit; unpack", environment, program);
    Path submit = file("spark/bin/spark-submit");
    assertThat(submit.toFile().setExecutable(true)).isTrue();
    fails("runs from single classes; start the packaged one", environment, directory);
    fails("--spark needs gohsp-spark.jar, which is not in the usual program", environment, program);
    Path jar = file("gohsp/gohsp-spark.jar");
    assertThat(Submission.command("spark://host:7077", SETTINGS, environment, program))
        .containsExactly(
            submit.toString(),
            "--master",
            "spark://host:7077",
            "--name",
            "gohsp",
            "--conf",
            "spark.driver.userClassPathFirst=true",
            "--conf",
            "spark.executor.userClassPathFirst=true",
            "--conf",
            "spark.executor.memory=2g",
            "--jars",
            program + "," + other,
            jar.toString());
  }

  @Test
  void theCommandGoesOnWithoutWhatWasForHere() {
    assertThat(
            ClusterOptions.without(
                List.of(
                    "prune",
                    "a",
                    "--spark",
                    "M",
                    "-o",
                    "b",
                    "--spark-conf=x=y",
                    "--spark=M",
                    "-v")))
        .containsExactly("prune", "a", "-o", "b", "-v");
    Cli run = Cli.run("prune", Cli.VIT, "-o", directory, "--spark-conf", "a=b");
    assertThat(run.exitCode()).isEqualTo(ExitCodes.USAGE);
    assertThat(run.err()).contains("--spark-conf is for a cluster; name one (--spark MASTER)");
  }
}
