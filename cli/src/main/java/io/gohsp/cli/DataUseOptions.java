package io.gohsp.cli;

import io.gohsp.method.Gohsp;
import io.gohsp.method.Methods;
import io.gohsp.method.TrainedMethod;
import io.gohsp.pipeline.PruningDefaults;
import io.gohsp.recover.RecoverySettings;
import io.gohsp.train.Teaching;
import java.util.List;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/**
 * How data is used to prune, for however long that trains. What contradicts itself is refused; what
 * is not given is as in {@link PruningDefaults}.
 */
final class DataUseOptions {
  @Mixin private StudyOptions study = new StudyOptions();
  @Mixin private HeadOptions heads = new HeadOptions();

  @Option(
      names = "--no-recover",
      description =
          "Leave out corrections in closed form, from calibration samples: of what stays while the"
              + " rest shrinks, and right after the cut.")
  private boolean unrecovered;

  @Mixin private RecipeOptions recipes = new RecipeOptions();

  @Option(
      names = "--no-distill",
      description = "Learn from labels alone; otherwise the dense model teaches too.")
  private boolean untaught;

  @Mixin private DistillationOptions distillation = new DistillationOptions();

  DataOptions data() {
    return study.data();
  }

  StudyOptions study() {
    return study;
  }

  RecipeOptions recipes() {
    return recipes;
  }

  /**
   * The method of a name.
   *
   * @param name null for the default
   */
  TrainedMethod method(@Nullable String name, long seed) {
    Gohsp standard = PruningDefaults.METHOD;
    if (name != null && !name.equals(standard.name())) {
      return Methods.trained(name, seed);
    }
    return new Gohsp(
        heads.similarity(standard.similarity()),
        heads.chains(standard.chains()),
        heads.ranking(standard.ranking(), seed),
        standard.soft().withHandover(!unrecovered));
  }

  /**
   * Fails if options were given that none of the methods reads.
   *
   * @param methods their names
   */
  void requireRead(List<String> methods) {
    if (heads.isGiven() && !methods.contains(PruningDefaults.METHOD.name())) {
      throw new UsageError(
          "options for ranking heads have no effect: the method "
              + String.join(", ", methods)
              + " has scores of its own; leave them out, or choose the method gohsp");
    }
  }

  /** Correction after the cut; null for none. */
  @Nullable RecoverySettings recovery() {
    return unrecovered ? null : RecoverySettings.STANDARD;
  }

  /** What is said of what is trained towards. */
  Teaching teaching() {
    return distillation.teaching(!untaught, recipes);
  }
}
