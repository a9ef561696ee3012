package io.gohsp.equivalence;

import io.gohsp.ir.Model;
import io.gohsp.ir.ModelException;
import io.gohsp.ort.Device;
import io.gohsp.plan.PruningPlan;
import io.gohsp.verify.GivenSamples;
import io.gohsp.verify.Verdict;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * How a pruned model is compared with what it must equal.
 *
 * @param samples random inputs to compare on, at least 1
 * @param seed of these inputs
 * @param sizes for symbolic dimensions of the inputs, by symbol; those not given are found by trial
 * @param device where both models run
 * @param threads for one operator; 0 for one per core
 */
public record Verification(
    int samples, long seed, Map<String, Long> sizes, Device device, int threads) {
  /** Three samples on the processor, of different sizes where these are open. */
  public static final Verification STANDARD = new Verification(3, 0, Map.of(), Device.CPU, 0);

  public Verification {
    if (samples < 1) {
      throw new IllegalArgumentException("nothing can be verified on " + samples + " samples");
    }
    sizes = Collections.unmodifiableMap(new LinkedHashMap<>(sizes));
  }

  /** The same on other random inputs. */
  public Verification withSeed(long newSeed) {
    return new Verification(samples, newSeed, sizes, device, threads);
  }

  /**
   * Compares a pruned model with its original.
   *
   * @param plan what was removed
   * @param mode what the pruned model must equal
   * @throws NotVerifiable if the original does not run on random inputs
   * @throws ModelException.BadPlan if the plan does not fit the original
   */
  public Verdict compare(Model original, PruningPlan plan, Verdict.Mode mode, Model pruned) {
    return compare(original, plan, mode, pruned, List.of());
  }

  /**
   * Likewise.
   *
   * @param given samples that somebody has, compared beside the random ones
   */
  public Verdict compare(
      Model original, PruningPlan plan, Verdict.Mode mode, Model pruned, List<GivenSamples> given) {
    try (Reference reference = Reference.of(original, plan, mode, this, given)) {
      return reference.compare(pruned);
    }
  }

  /**
   * Checks a file that says where it comes from, by all that can be said about it: its graph and
   * constants against a fresh cut, and what it computes. Of a model that was trained or corrected
   * the latter is only that it runs, takes and returns what the original does, and answers numbers.
   *
   * @param provenance what the model says about itself, or the plan from elsewhere
   * @param given samples that somebody has; one that was not trained or corrected is compared on
   *     them, too
   * @return of a trained or corrected model without errors: mode {@link Verdict.Mode#CUT}
   * @throws NotVerifiable if the original does not run on random inputs
   * @throws ModelException.BadPlan if the plan does not fit the original
   */
  public Verdict check(
      Model original, Provenance provenance, Model pruned, List<GivenSamples> given) {
    CutCheck structure = CutCheck.of(original, provenance, pruned);
    Verdict verdict =
        provenance.isFaithful()
            ? compare(original, provenance.plan(), provenance.mode(), pruned, given)
            : Trained.check(original, pruned, this, given);
    String refusal = structure.refusal();
    return (refusal == null ? verdict : verdict.failing(refusal))
        .with(verdict.evidence().withStructure(structure.finding(), structure.whole()));
  }
}
