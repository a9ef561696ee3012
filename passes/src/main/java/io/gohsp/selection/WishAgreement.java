package io.gohsp.selection;

import io.gohsp.plan.InvalidOption;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Requires that blocks that share an axis (tied weights, a common rotary table) are wished to keep
 * the same of it: they can lose only the same positions. Whoever wishes nothing for a block goes
 * with the others.
 */
final class WishAgreement {
  private final Choices choices;
  private final SelectionOptions options;

  private WishAgreement(Choices choices, SelectionOptions options) {
    this.choices = choices;
    this.options = options;
  }

  /**
   * @throws InvalidOption naming two blocks for which unlike numbers are wished
   */
  static void require(Choices choices, SelectionOptions options) {
    WishAgreement agreement = new WishAgreement(choices, options);
    for (Choice choice : choices.all()) {
      if (choice.isFree() || Choices.EXCLUDED.equals(choice.reasonToKeep())) {
        agreement.require(choice);
      }
    }
  }

  private void require(Choice choice) {
    Map<String, Integer> wished = new LinkedHashMap<>();
    for (Choice.Member member : choice.members()) {
      String block = choices.blocks().get(member.block()).name();
      Integer kept = kept(block, member);
      if (kept != null) {
        wished.merge(block, kept, Math::max); // as of --qk and --v where both are one axis
      }
    }
    Map.@Nullable Entry<String, Integer> first = null;
    for (Map.Entry<String, Integer> other : wished.entrySet()) {
      first = first == null ? other : first;
      if (!first.getValue().equals(other.getValue())) {
        throw new InvalidOption(
            "%s of %s and %s share one axis, but %d are to stay in %s and %d in %s; wish the same for both"
                .formatted(
                    choice.kind().label(),
                    first.getKey(),
                    other.getKey(),
                    first.getValue(),
                    first.getKey(),
                    other.getValue(),
                    other.getKey()));
      }
    }
  }

  /** What is to stay of a block's; null if nothing is said of it. */
  private @Nullable Integer kept(String block, Choice.Member member) {
    int all = member.axis().size();
    if (options.exclude().stream().anyMatch(some -> some.keeps(block, member.kind()))) {
      return all;
    }
    Share wish = BlockWish.share(options.wishes(), block, member.kind());
    return wish == null ? null : wish.of(all);
  }
}
