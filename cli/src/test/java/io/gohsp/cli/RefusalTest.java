package io.gohsp.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Commands that cannot be carried out: the message in full, the exit code, and nothing written. */
class RefusalTest {
  @TempDir Path directory;

  /**
   * One such command. {@code DIR}, in it and in the message, stands for the directory of the test,
   * in which {@code model.onnx} is a model.
   */
  record Refusal(int exitCode, String message, List<String> arguments) {
    Refusal(int exitCode, String message, String... arguments) {
      this(exitCode, message, List.of(arguments));
    }

    @Override
    public String toString() {
      return String.join(" ", arguments);
    }
  }

  private static Refusal prune(int exitCode, String message, String... more) {
    List<String> all = new ArrayList<>(List.of("prune", "DIR/model.onnx"));
    all.addAll(List.of(more));
    if (!all.contains("-o")) {
      all.addAll(List.of("-o", "DIR/out.onnx"));
    }
    return new Refusal(exitCode, message, all.toArray(String[]::new));
  }

  static Stream<Refusal> refusals() {
    String[] half = {"--keep-params", "0.5"};
    return Stream.of(
        new Refusal(2, "gohsp: no command given"),
        new Refusal(
            2,
            "gohsp: there is no command \"frob\"; choose one of "
                + String.join(", ", Main.commandLine().getSubcommands().keySet()),
            "frob"),
        new Refusal(2, "gohsp: --output OUT is missing; give it", "prune", "DIR/model.onnx"),
        new Refusal(2, "gohsp: --output OUT, MODEL are missing; give them", "prune"),
        new Refusal(
            2,
            "gohsp: \"more.onnx\" is one argument too many; gohsp rank takes MODEL",
            "rank",
            "DIR/model.onnx",
            "more.onnx"),
        prune(
            2,
            "gohsp: there is no option --keep-prams; did you mean --keep-params?",
            "--keep-prams",
            "0.5"),
        prune(2, "gohsp: there is no option --zzz; leave it out", "--zzz"),
        prune(2, "gohsp: --seed \"x\" is not a whole number; give one", "--seed", "x"),
        prune(2, "gohsp: --align \"8.5\" is not a whole number; give one", "--align", "8.5"),
        prune(
            2,
            "gohsp: --samples 99999999999 is out of range; give a smaller number",
            "--samples",
            "99999999999"),
        prune(2, "gohsp: --seed has no value; give N", "--seed"),
        prune(2, "gohsp: --seed has no value; give N", "--seed", "--json"),
        prune(2, "gohsp: --seed is given twice; give it once", "--seed", "1", "--seed", "2"),
        prune(2, "gohsp: --json takes no value; leave out \"3\"", "--json=3"),
        prune(
            2,
            "gohsp: --size \"batch\" is not of the form NAME=N; give a name and a whole number",
            "--size",
            "batch"),
        new Refusal(
            2,
            "gohsp: --batch \"many\" is not a whole number; give one",
            "bench",
            "DIR/model.onnx",
            "--batch",
            "many"),
        prune(
            2,
            "gohsp: --latency \"12\" has no unit (12ms?); give a part of the original's time below 1"
                + " (0.6 or 60%) or a time (12ms)",
            "--latency",
            "12"),
        prune(
            2,
            "gohsp: --latency-batch and --latency-threads say how --latency is measured; give that"
                + " too, or leave them out",
            "--heads",
            "2",
            "--latency-batch",
            "8"),
        prune(
            2,
            "gohsp: --latency-batch 0 is no number of samples; give 1 or more",
            "--latency",
            "0.5",
            "--latency-batch",
            "0"),
        prune(
            2,
            "gohsp: --latency-batch has no effect: the batch of the model is built in; leave it out",
            "--latency",
            "0.5",
            "--latency-batch",
            "8"),
        prune(
            2,
            "gohsp: --latency-threads -1 is no number of threads; give 1 or more",
            "--latency",
            "0.5",
            "--latency-threads",
            "-1"),
        prune(
            2,
            "gohsp: nothing says how much to keep; give a budget (--keep-params 0.6, --keep-macs"
                + " 2.0G) or shares (--heads 4, --neurons 75%)"),
        prune(
            2,
            "gohsp: --keep-params \"60\" is neither a fraction nor a plausible number (60%? 60M?);"
                + " give a fraction to keep (0.6 or 60%) or a number (14.4M, 3.0G, 800k)",
            "--keep-params",
            "60"),
        prune(
            2,
            "gohsp: --heads \"x\" is not a share; give how many to keep (4) or a percentage (75%)",
            "--heads",
            "x"),
        prune(
            2,
            "gohsp: the method \"gohsp\" looks at data; give --data, or choose one of synthetic,"
                + " somp, random, zeros",
            "--method",
            "gohsp"),
        prune(
            2,
            "gohsp: there is no method \"magic\"; choose one of synthetic, somp, random, zeros",
            "--method",
            "magic"),
        prune(
            2,
            "gohsp: the method zeros removes exactly what is zero; leave out budgets and shares, or"
                + " choose the method somp",
            "--method",
            "zeros",
            "--heads",
            "2"),
        prune(
            2,
            "gohsp: --allocation \"fair\" is unknown; choose uniform, knapsack or global",
            "--allocation",
            "fair"),
        prune(
            2,
            "gohsp: --allocation knapsack needs losses, which the method somp does not measure: give"
                + " --data, or choose the method synthetic, or uniform or global",
            "--method",
            "somp",
            "--keep-params",
            "0.6",
            "--allocation",
            "knapsack"),
        prune(
            2,
            "gohsp: --exclude block 7 matches no block, no residual stream and no weight; blocks are"
                + " called \"block 0\", \"block 1\" …",
            "--heads",
            "2",
            "--exclude",
            "block 7"),
        prune(
            2,
            "gohsp: there is no device \"tpu\"; known are cpu, cuda, cuda:N (the GPU's number) and"
                + " auto",
            "--heads",
            "2",
            "--device",
            "tpu"),
        prune(
            2,
            "gohsp: --samples 0 compares nothing; give 1 or more",
            "--heads",
            "2",
            "--samples",
            "0"),
        prune(
            4,
            "gohsp: nothing was written: cannot be verified: DIR/model.onnx: no input has a dimension"
                + " \"time\" to give a size to (all its dimensions are fixed)",
            "--heads",
            "2",
            "--size",
            "time=3"),
        prune(
            5,
            "gohsp: DIR/model.onnx: the budget of 110 parameters cannot be reached: at least 2,488 of"
                + " 11,062 stay (raise the budget, lower the floors (--min-heads, --min-width, --min-neurons), or exclude less)",
            "--keep-params",
            "0.01"),
        prune(
            5,
            "gohsp: DIR/model.onnx: no head, column, neuron or channel of the stream is zero throughout (give the method"
                + " somp and a budget to remove what is merely small)",
            "--method",
            "zeros"),
        prune(
            5,
            "gohsp: DIR/model.onnx: nothing can be pruned; heads of block 0 and 7 more: excluded"
                + " (exclude less)",
            "--exclude",
            "block*",
            half[0],
            half[1]),
        prune(
            5,
            "gohsp: DIR/model.onnx: nothing can be pruned; at least 4 heads of 6 columns and 42"
                + " neurons stay in every layer; widths stay multiples of 2 (lower the floors"
                + " (--min-heads, --min-width, --min-neurons) or --align)",
            "--min-heads",
            "4",
            "--min-width",
            "6",
            "--min-neurons",
            "42",
            "--align",
            "2",
            half[0],
            half[1]),
        // outputs
        prune(
            2,
            "gohsp: --output - would be stdout, which is not written to; name a file (./- for this"
                + " name)",
            "-o",
            "-",
            half[0],
            half[1]),
        prune(
            2,
            "gohsp: --plan-out - would be stdout, which is not written to; name a file (./- for"
                + " this name)",
            "--plan-out",
            "-",
            half[0],
            half[1]),
        prune(
            2,
            "gohsp: DIR/model.onnx is a file that the model was read from, which is never"
                + " overwritten; name another",
            "-o",
            "DIR/model.onnx",
            half[0],
            half[1]),
        prune(
            2,
            "gohsp: DIR/symbolic.onnx is a file that the model was read from, which is never"
                + " overwritten; name another",
            "-o",
            "DIR/symbolic.onnx",
            half[0],
            half[1]),
        prune(
            2,
            "gohsp: DIR/hard.onnx is a file that the model was read from, which is never overwritten;"
                + " name another",
            "-o",
            "DIR/hard.onnx",
            half[0],
            half[1]),
        prune(2, "gohsp: DIR is a directory; name a file in it", "-o", "DIR", half[0], half[1]),
        prune(
            2,
            "gohsp: DIR/none/out.onnx cannot be written: there is no directory DIR/none",
            "-o",
            "DIR/none/out.onnx",
            half[0],
            half[1]),
        prune(
            2,
            "gohsp: --plan-out DIR/model.onnx is another file of this command; name another",
            "--plan-out",
            "DIR/model.onnx",
            half[0],
            half[1]),
        new Refusal(
            2,
            "gohsp: DIR/nowhere/m.onnx cannot be written: there is no directory DIR/nowhere",
            "create",
            "vit-small",
            "--dim",
            "12",
            "--depth",
            "1",
            "-o",
            "DIR/nowhere/m.onnx"),
        new Refusal(
            2,
            "gohsp: there is no architecture \"vit-huge\"; choose one of deit-tiny, deit-small,"
                + " deit-base, vit-small",
            "create",
            "vit-huge",
            "-o",
            "DIR/m.onnx"),
        new Refusal(
            2,
            "gohsp: --steps 0 measures nothing; give 1 or more",
            "bench",
            "DIR/model.onnx",
            "--steps",
            "0"),
        new Refusal(
            2,
            "gohsp: --training measures the memory of the whole process and takes one MODEL, not 2;"
                + " call bench for each",
            "bench",
            "DIR/model.onnx",
            "DIR/deep.onnx",
            "--training"),
        new Refusal(
            2,
            "gohsp: --training measures the memory of the whole process and takes one --batch, not"
                + " 2; call bench for each",
            "bench",
            "DIR/model.onnx",
            "--training",
            "--batch",
            "1",
            "--batch",
            "2"),
        new Refusal(
            2,
            "gohsp: --batch has no effect: the batch of DIR/model.onnx is built in; leave it out",
            "bench",
            "DIR/model.onnx",
            "--training",
            "--batch",
            "4"),
        new Refusal(
            2,
            "gohsp: --engine says what executes training, and nothing is trained; leave it out or"
                + " add --training",
            "bench",
            "DIR/model.onnx",
            "--engine",
            "ort"),
        // plans
        new Refusal(
            4,
            "gohsp: DIR/none.json: there is no such file (give a plan that --plan-out wrote)",
            "apply",
            "DIR/model.onnx",
            "DIR/none.json",
            "-o",
            "DIR/out.onnx"),
        new Refusal(
            4,
            "gohsp: DIR/model.onnx: carries no plan in its metadata (give the plan with --plan, or"
                + " prune with gohsp)",
            "verify",
            "DIR/deep.onnx",
            "DIR/model.onnx"));
  }

  @BeforeEach
  void putModels() throws IOException {
    Files.copy(Cli.VIT, directory.resolve("model.onnx"));
    Files.copy(Cli.fixture("timm_vit_depth3_heads3"), directory.resolve("deep.onnx"));
    Files.createSymbolicLink(directory.resolve("symbolic.onnx"), directory.resolve("model.onnx"));
    Files.createLink(directory.resolve("hard.onnx"), directory.resolve("model.onnx"));
  }

  private Cli run(String... arguments) {
    return Cli.run(
        Stream.of(arguments)
            .map(argument -> argument.replace("DIR", directory.toString()))
            .toArray());
  }

  private String firstLine(Cli run) {
    return run.err().replace(directory.toString(), "DIR").lines().findFirst().orElse("");
  }

  @ParameterizedTest
  @MethodSource("refusals")
  void saysWhyAndWritesNothing(Refusal refusal) {
    var before = Cli.listing(directory);

    Cli run = run(refusal.arguments().toArray(String[]::new));

    assertThat(firstLine(run)).isEqualTo(refusal.message());
    assertThat(run.err().lines().count()).isLessThanOrEqualTo(2);
    assertThat(run.exitCode()).isEqualTo(refusal.exitCode());
    assertThat(run.out()).isEmpty();
    assertThat(Cli.listing(directory)).isEqualTo(before);
  }

  /** A plan, {@code model.onnx} and what is said about the two. */
  static Stream<String[]> badPlans() {
    String sizes = "\"heads\":4,\"qkWidth\":6,\"vWidth\":6,\"neurons\":42";
    String second = ",{\"name\":\"block 1\"," + sizes + "}";
    return Stream.of(
        new String[] {
          "{\"format\":",
          "gohsp: DIR/plan.json: line 1, column 11: the plan ends too early (it is cut off; write it again)"
        },
        new String[] {
          "{}",
          "gohsp: DIR/plan.json: is not a plan: expected \"format\": \"gohsp-plan\" (give a plan that gohsp wrote)"
        },
        new String[] {
          plan("{\"name\":\"block 0\"," + sizes + "}"),
          "gohsp: DIR/model.onnx: the plan has 1 blocks, the model 2 (use a plan that was made for this architecture; one of an earlier build, which listed blocks of the same weights once, is to be made anew)"
        },
        new String[] {
          plan(
              "{\"name\":\"block 0\","
                  + sizes.replace("42", "43")
                  + ",\"neuronsKept\":[1]}"
                  + second),
          "gohsp: DIR/model.onnx: block 0 of the plan was made for 43 neurons, the model has 42 (use a plan that was made for this architecture)"
        },
        new String[] {
          plan("{\"name\":\"block 0\"," + sizes + ",\"headsKept\":[0,4]}" + second),
          "gohsp: DIR/plan.json: blocks[0].headsKept[1]: expected a whole number from 0 to 3, found 4"
        },
        new String[] {
          plan("{\"name\":\"block 0\"," + sizes + ",\"headsKept\":[1,1]}" + second),
          "gohsp: DIR/plan.json: blocks[0].headsKept[1]: 1 after 1 (name each position once, in rising order)"
        },
        new String[] {
          plan("{\"name\":\"block 0\"," + sizes + ",\"vKept\":[[],[],[],[]]}" + second),
          "gohsp: DIR/plan.json: blocks[0].vKept[0]: nothing would stay (keep at least one; leave the field out to keep all)"
        });
  }

  private static String plan(String blocks) {
    return "{\"format\":\"gohsp-plan\",\"version\":1,\"blocks\":[" + blocks + "]}";
  }

  @ParameterizedTest
  @MethodSource("badPlans")
  void refusesPlansThatDoNotFit(String plan, String message) throws IOException {
    Files.writeString(directory.resolve("plan.json"), plan);
    var before = Cli.listing(directory);

    Cli run = run("apply", "DIR/model.onnx", "DIR/plan.json", "-o", "DIR/out.onnx");

    assertThat(run.exitCode()).isEqualTo(4);
    assertThat(Cli.listing(directory)).isEqualTo(before);
    assertThat(firstLine(run)).isEqualTo(message);
  }

  @Test
  void refusesAnotherOriginal() {
    run("prune", "DIR/model.onnx", "-o", "DIR/out.onnx", "--heads", "2");

    Cli run = run("verify", "DIR/deep.onnx", "DIR/out.onnx");

    assertThat(run.exitCode()).isEqualTo(4);
    assertThat(firstLine(run).replaceAll("[0-9a-f]{64}", "SHA"))
        .isEqualTo(
            "gohsp: DIR/deep.onnx: is not the model that DIR/out.onnx was made from: its SHA-256 is"
                + " SHA, expected SHA (give that model, or the plan with --plan)");
  }
}
