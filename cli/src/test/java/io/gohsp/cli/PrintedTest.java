package io.gohsp.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.gohsp.onnx.ModelProto;
import io.gohsp.onnx.NodeProto;
import io.gohsp.workers.LocalWorkers;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import picocli.CommandLine;
import picocli.CommandLine.Command;

/** What files call things reaches a terminal as text, and failures of the machine are one line. */
class PrintedTest {
  /** Clears the screen, colours, rings, goes back to the start of the line, turns text round. */
  private static final String EVIL = "\u001b[2J\u001b[31mA\u0007\r\n\u009b1m\u202eB\u2066";

  @TempDir Path directory;

  /** A model all of whose names are evil, and perhaps broken. */
  private Path model(boolean broken) throws IOException {
    ModelProto.Builder model =
        ModelProto.parseFrom(Files.readAllBytes(Cli.fixture("neg_cnn"))).toBuilder();
    for (NodeProto.Builder node : model.getGraphBuilder().getNodeBuilderList()) {
      node.setName(EVIL + node.getName());
    }
    if (broken) {
      model.getGraphBuilder().getNodeBuilder(0).setInput(0, EVIL);
    }
    return Files.write(directory.resolve("model.onnx"), model.build().toByteArray());
  }

  private static void isHarmless(String text) {
    assertThat(text.codePoints().filter(c -> c != '\n').mapToObj(Character::getType))
        .doesNotContain((int) Character.CONTROL, (int) Character.FORMAT);
  }

  @Test
  void messagesShowEscapes() throws IOException {
    Cli run = Cli.run("inspect", model(true), "-vv");

    isHarmless(run.err().replace("\t", ""));
    assertThat(run.err())
        .contains("reads \"\\u001b[2J\\u001b[31mA\\u0007\\u000d\\u000a\\u009b1m")
        .contains("\\u202eB");
    assertThat(run.exitCode()).isEqualTo(4);
  }

  /** JSON keeps the name: the escapes are its own. */
  @ParameterizedTest
  @ValueSource(strings = {"inspect", "--json"})
  void resultsShowEscapes(String option) throws IOException {
    StringWriter text = new StringWriter();
    CommandLine program = new CommandLine(new Evil()).setOut(new PrintWriter(text));
    PrintWriter out = Printed.out(program.getCommandSpec());

    if (option.equals("--json")) {
      Json.print(out, json -> json.put("name", EVIL));
      assertThat(new Cli(0, text.toString(), "").json().path("name").asText()).isEqualTo(EVIL);
    } else {
      new TextTable().row(EVIL, "1").print(out);
      out.flush();
    }

    isHarmless(text.toString());
    assertThat(text.toString().lines()).hasSize(1);
  }

  /** Whoever prints past {@link Printed} prints only what is ours, or escapes it. */
  @Test
  void commandsPrintThroughIt() throws IOException {
    try (Stream<Path> sources = Files.list(Path.of("src/main/java/io/gohsp/cli"))) {
      assertThat(sources.filter(PrintedTest::asksForAWriter).map(Path::getFileName))
          .map(Path::toString)
          .containsExactlyInAnyOrder("Printed.java", "ErrorReport.java");
    }
  }

  private static boolean asksForAWriter(Path source) {
    try {
      return Files.readString(source).matches("(?s).*get(Out|Err)\\(\\).*");
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Command(name = "evil")
  static final class Evil {}

  @Command(name = "fail")
  private record Failing(Error error) implements Runnable {
    @Override
    public void run() {
      throw error;
    }
  }

  /** Exit code and message of a command that ends in an error of the machine. */
  private static Cli failing(Error error) {
    StringWriter err = new StringWriter();
    CommandLine program = new CommandLine(new Failing(error)).setErr(new PrintWriter(err));
    return new Cli(Main.execute(program), "", err.toString());
  }

  @Test
  void errorsOfTheMachineAreOneLineAndAdvice() {
    Cli memory = failing(new OutOfMemoryError("Java heap space"));
    assertThat(memory.err()).startsWith("gohsp: out of memory: Java heap space\nGive it more");
    assertThat(memory.exitCode()).isEqualTo(1);
    StringWriter driver = new StringWriter();
    CommandLine onCluster =
        new CommandLine(new Main(new LocalWorkers(1)))
            .addSubcommand(new Failing(new OutOfMemoryError("Java heap space")))
            .setErr(new PrintWriter(driver));
    assertThat(Main.execute(onCluster, "fail")).isEqualTo(1);
    assertThat(driver.toString())
        .startsWith("gohsp: out of memory: Java heap space\nGive the driver more, for example")
        .contains("spark.driver.memory");

    Cli stack = failing(new StackOverflowError());
    assertThat(stack.err()).startsWith("gohsp: something is nested too deeply").contains("-Xss8m");
    assertThat(stack.exitCode()).isEqualTo(1);

    Cli library = failing(new UnsatisfiedLinkError("/x/lib.so: failed to map segment"));
    assertThat(library.err())
        .startsWith("gohsp: a library cannot be loaded: /x/lib.so: failed to map segment\n")
        .contains("XDG_CACHE_HOME");
    assertThat(library.exitCode()).isEqualTo(1);

    Cli page = failing(new InternalError("a fault occurred in an unsafe memory access operation"));
    assertThat(page.err()).startsWith("gohsp: a file became shorter while it was read: a ");
    assertThat(page.exitCode()).isEqualTo(4);
    assertThat(page.err().lines()).hasSize(2);
  }
}
