package io.gohsp.method;

import io.gohsp.plan.InvalidOption;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/** All methods, by name. */
public final class Methods {
  /** Magnitude: the groups with the smallest weights go, at once. */
  public static final PruningMethod SOMP = new Somp();

  /** Groups chosen at random. */
  public static final PruningMethod RANDOM = new RandomChoice();

  /** What is zero already. */
  public static final PruningMethod ZEROS = new DeadWeight();

  /** In the order in which help lists them. */
  public static final List<PruningMethod> ALL = List.of(SOMP, RANDOM, ZEROS);

  private static final Set<String> NEED_TRAINING = Set.of("sgmp", "taylor", "ssp", "s2vite");

  private Methods() {}

  /**
   * The method of that name.
   *
   * @throws InvalidOption if there is none, or it is not in this version
   */
  public static PruningMethod named(String name) {
    Optional<PruningMethod> method =
        ALL.stream().filter(candidate -> candidate.name().equals(name)).findFirst();
    String known = ALL.stream().map(PruningMethod::name).collect(Collectors.joining(", "));
    return method.orElseThrow(
        () ->
            new InvalidOption(
                name.equals("gohsp")
                    ? "the method \"gohsp\" looks at data; give --data, or choose one of " + known
                    : NEED_TRAINING.contains(name)
                        ? "the method \"%s\" needs training, which this version cannot do; choose one of %s"
                            .formatted(name, known)
                        : "there is no method \"%s\"; choose one of %s".formatted(name, known)));
  }

  /**
   * The method of that name where there is data, with its standard settings; gohsp has too many to
   * be found by its name alone.
   *
   * @throws InvalidOption if there is none, or it is not in this version
   */
  public static TrainedMethod trained(String name, long seed) {
    return new OneShot(named(name), seed);
  }
}
