package io.gohsp.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.gohsp.onnx.ModelProto;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Damaged models are inspected and pruned, or refused; the program itself never fails over one. */
class MutantsTest {
  private static final int FEW = 40;
  private static final int MANY = Integer.getInteger("gohsp.mutants", 100_000);

  @TempDir Path directory;

  @Test
  void someMutants() throws IOException {
    assertThat(codes(0, FEW)).doesNotContainKey(ExitCodes.UNEXPECTED);
  }

  /** Weights along an axis whose extent is known only as a whole: four batches of a quarter. */
  @Test
  void mutantThatOnceBroke() throws IOException {
    assertThat(codes(2018, 2019)).doesNotContainKey(ExitCodes.UNEXPECTED);
  }

  @Test
  @Tag("slow") // three hours; -Dgohsp.mutants=N tries fewer
  void manyMutants() throws IOException {
    assertThat(codes(FEW, MANY)).doesNotContainKey(ExitCodes.UNEXPECTED);
  }

  /**
   * How often each exit code came.
   *
   * @throws AssertionError with the seed and the message of the first unexpected failure
   */
  private Map<Integer, Integer> codes(int from, int to) throws IOException {
    List<Path> models;
    try (Stream<Path> fixtures = Files.list(Cli.FIXTURES)) {
      models =
          fixtures
              .map(fixture -> fixture.resolve("model.onnx"))
              .filter(Files::exists)
              .sorted()
              .toList();
    }
    Map<Integer, Integer> codes = new TreeMap<>();
    Path mutant = directory.resolve("mutant.onnx");
    for (int seed = from; seed < to; seed++) {
      Random random = new Random(seed * 31L + 7);
      Path original = models.get(random.nextInt(models.size()));
      ModelProto model = ModelProto.parseFrom(Files.readAllBytes(original));
      Files.write(mutant, Mutation.mutant(model, random));
      for (Cli run : List.of(Cli.run("inspect", mutant, "-vv"), prune(mutant, seed))) {
        codes.merge(run.exitCode(), 1, Integer::sum);
        assertThat(run.exitCode())
            .as("mutant %d of %s: %s", seed, original, run.err())
            .isIn(ExitCodes.DONE, ExitCodes.UNSUPPORTED, ExitCodes.NOTHING_TO_PRUNE);
      }
    }
    return codes;
  }

  private Cli prune(Path mutant, int seed) {
    Path out = directory.resolve("out.onnx");
    String[] shares = {"--heads", "50%", "--qk", "50%", "--v", "50%", "--neurons", "50%"};
    String[] zeros = {"--method", "zeros"};
    return Cli.run(
        Stream.concat(
                Stream.of("prune", mutant, "-o", out, "--no-verify", "-vv", "-q"),
                Stream.of(seed % 8 == 0 ? zeros : shares))
            .toArray());
  }
}
