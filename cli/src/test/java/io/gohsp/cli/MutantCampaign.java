package io.gohsp.cli;

import io.gohsp.onnx.ModelProto;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Stream;
import picocli.CommandLine;

/**
 * What becomes of damaged models: each is inspected and pruned by its weights, which runs nothing.
 * Where that writes a file, some are pruned again by samples that are made up, and compared: that
 * takes sessions of ONNX Runtime, and ten times as long as the rest. A number names a mutant; the
 * same number is the same mutant.
 */
final class MutantCampaign {
  /** Made once: most of the time of a small command goes into making it. */
  private final CommandLine program = Main.commandLine();

  private final Path mutant;
  private final Path out;
  private final List<Path> fixtures;
  private final Map<Path, ModelProto> parsed = new HashMap<>();
  private final Set<ByteBuffer> seen = new HashSet<>();
  private final Map<Outcome, Integer> counts = new TreeMap<>();
  private final List<Failure> failures = new ArrayList<>();

  /**
   * A mutant over which the program fails.
   *
   * @param place the same for all that fail alike
   * @param text which mutant, and what the program says
   */
  record Failure(String place, String text) {}

  /** How a mutant ends. */
  enum Outcome {
    /** The bytes of another mutant, or of the fixture itself. */
    SAME,
    /** Exit code 4. */
    REFUSED,
    /** Exit code 5. */
    NOTHING_TO_PRUNE,
    /** Pruned by its weights, and not run. */
    PRUNED,
    /** Pruned, but ONNX Runtime does not run the mutant itself, or not on what it is given. */
    NOT_VERIFIABLE,
    /** Pruned, compared and written. */
    EQUIVALENT,
    /** Pruned, compared and not written: exit code 3. */
    NOT_EQUIVALENT,
    /** Anything else. */
    UNEXPECTED
  }

  /**
   * A campaign in a directory for its files.
   *
   * @throws IOException if fixtures cannot be listed
   */
  MutantCampaign(Path directory) throws IOException {
    mutant = directory.resolve("mutant.onnx");
    out = directory.resolve("out.onnx");
    try (Stream<Path> all = Files.list(Cli.FIXTURES)) {
      fixtures =
          all.map(fixture -> fixture.resolve("model.onnx"))
              .filter(Files::exists)
              .sorted(
                  Comparator.comparingLong((Path file) -> file.toFile().length())
                      .thenComparing(file -> file))
              .toList();
    }
  }

  /**
   * Makes a mutant and sees what becomes of it.
   *
   * @param compared of how many that are pruned one is also run and compared
   */
  Outcome run(int number, int compared) throws IOException {
    Random random = new Random(number * 31L + 7);
    // The square of an even number leans to the small: they take less time and fail like others.
    double even = random.nextDouble();
    Path fixture = fixtures.get((int) (even * even * fixtures.size()));
    ModelProto model = parsed.get(fixture);
    if (model == null) {
      model = ModelProto.parseFrom(Files.readAllBytes(fixture));
      parsed.put(fixture, model);
    }
    byte[] bytes = Mutation.mutant(model, random);
    Outcome outcome = Outcome.SAME;
    if (seen.add(ByteBuffer.wrap(digest(bytes)))) {
      Files.write(mutant, bytes);
      outcome =
          fate("mutant " + number + " of " + fixture.getParent().getFileName(), number, compared);
    }
    counts.merge(outcome, 1, Integer::sum);
    return outcome;
  }

  private Outcome fate(String name, int number, int every) throws IOException {
    Cli inspected = Cli.run(program, "inspect", mutant, "-vv");
    if (inspected.exitCode() == ExitCodes.UNSUPPORTED && number % 10 > 0) {
      return Outcome.REFUSED; // as prune would, which begins alike
    }
    Cli pruned = prune(number, true);
    Files.deleteIfExists(out);
    for (Cli run : List.of(inspected, pruned)) {
      if (!Set.of(ExitCodes.DONE, ExitCodes.UNSUPPORTED, ExitCodes.NOTHING_TO_PRUNE)
          .contains(run.exitCode())) {
        return fails(name, run);
      }
    }
    if (pruned.exitCode() == ExitCodes.UNSUPPORTED) {
      return Outcome.REFUSED;
    }
    if (pruned.exitCode() == ExitCodes.NOTHING_TO_PRUNE) {
      return Outcome.NOTHING_TO_PRUNE;
    }
    if (number % every > 0) {
      return Outcome.PRUNED;
    }
    Cli compared = prune(number, false);
    boolean written = Files.deleteIfExists(out);
    return switch (compared.exitCode()) {
      case ExitCodes.DONE -> Outcome.EQUIVALENT;
      case ExitCodes.UNSUPPORTED -> written ? fails(name, compared) : Outcome.NOT_VERIFIABLE;
      case ExitCodes.NOT_EQUIVALENT -> {
        fails(name, compared);
        yield Outcome.NOT_EQUIVALENT;
      }
      default -> fails(name, compared);
    };
  }

  private Cli prune(int number, boolean unverified) {
    List<Object> all = new ArrayList<>(List.of("prune", mutant, "-o", out, "-vv", "-q"));
    if (!unverified || number % 8 > 0) {
      all.addAll(List.of("--heads", "50%", "--qk", "50%", "--v", "50%", "--neurons", "50%"));
    }
    if (unverified) {
      all.addAll(List.of("--no-verify", "--method", number % 8 == 0 ? "zeros" : "somp"));
    } else {
      all.addAll(List.of("--samples", 1, "--threads", 1));
    }
    return Cli.run(program, all.toArray());
  }

  /** Keeps a failure under the place it comes from. */
  private Outcome fails(String name, Cli run) {
    failures.add(new Failure(place(run.err()), name + ": " + run.err()));
    return Outcome.UNEXPECTED;
  }

  /** The first line without numbers and names, and the first frame of ours under the last cause. */
  private static String place(String err) {
    List<String> lines = err.lines().toList();
    int cause = 0;
    for (int i = 0; i < lines.size(); i++) {
      cause = lines.get(i).startsWith("Caused by:") ? i : cause;
    }
    String frame =
        lines.stream()
            .skip(cause)
            .filter(line -> line.strip().startsWith("at io.gohsp."))
            .findFirst()
            .orElse("");
    return lines.get(cause).replaceAll("[0-9]+", "N").replaceAll("\"[^\"]*\"|/\\S*", "X") + frame;
  }

  /** How often each outcome came. */
  Map<Outcome, Integer> counts() {
    return counts;
  }

  /** What went wrong, in the order in which it did. */
  List<Failure> failures() {
    return failures;
  }

  private static byte[] digest(byte[] bytes) {
    try {
      return java.security.MessageDigest.getInstance("SHA-256").digest(bytes);
    } catch (java.security.NoSuchAlgorithmException e) {
      throw new AssertionError("every Java has SHA-256", e);
    }
  }
}
