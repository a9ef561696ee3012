package io.gohsp.method;

import io.gohsp.plan.InvalidOption;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** All methods, by name. */
public final class Methods {
  /** Magnitude: the groups with the smallest weights go, at once. */
  public static final PruningMethod SOMP = new Somp();

  /** What costs least on samples that are made up. */
  public static final PruningMethod SYNTHETIC = new Synthetic();

  /** Groups chosen at random. */
  public static final PruningMethod RANDOM = new RandomChoice();

  /** What is zero already. */
  public static final PruningMethod ZEROS = new DeadWeight();

  /** Where there is no data. Measured on trained models of texts and pictures (docs/RESULTS.md). */
  public static final PruningMethod STANDARD = SYNTHETIC;

  /** In the order in which help lists them. */
  public static final List<PruningMethod> ALL = List.of(SYNTHETIC, SOMP, RANDOM, ZEROS);

  /** Those that need data, with their standard settings, but for gohsp, which has too many. */
  public static final List<TrainedMethod> TRAINED =
      List.of(Sgmp.STANDARD, Taylor.STANDARD, new Ssp(), S2Vite.STANDARD);

  private Methods() {}

  /**
   * The method of that name where there is no data.
   *
   * @throws InvalidOption if there is none, or it needs data
   */
  public static PruningMethod named(String name) {
    Optional<PruningMethod> method = find(name);
    String known = ALL.stream().map(PruningMethod::name).collect(Collectors.joining(", "));
    return method.orElseThrow(
        () ->
            new InvalidOption(
                name.equals("gohsp") || TRAINED.stream().anyMatch(m -> m.name().equals(name))
                    ? "the method \"%s\" looks at data; give --data, or choose one of %s"
                        .formatted(name, known)
                    : unknown(name, known)));
  }

  private static Optional<PruningMethod> find(String name) {
    return ALL.stream().filter(candidate -> candidate.name().equals(name)).findFirst();
  }

  private static String unknown(String name, String known) {
    return "there is no method \"%s\"; choose one of %s".formatted(name, known);
  }

  /**
   * The method of that name where there is data, with its standard settings; gohsp has too many to
   * be found by its name alone.
   *
   * @throws InvalidOption if there is none
   */
  public static TrainedMethod trained(String name, long seed) {
    String known =
        Stream.concat(
                TRAINED.stream().map(TrainedMethod::name), ALL.stream().map(PruningMethod::name))
            .filter(listed -> !listed.equals(SYNTHETIC.name()))
            .collect(Collectors.joining(", ", "gohsp, ", ""));
    return TRAINED.stream()
        .filter(candidate -> candidate.name().equals(name))
        .findFirst()
        .or(
            () ->
                find(name)
                    .filter(method -> method != SYNTHETIC) // real data say more
                    .map(method -> new OneShot(method, seed)))
        .orElseThrow(() -> new InvalidOption(unknown(name, known)));
  }
}
