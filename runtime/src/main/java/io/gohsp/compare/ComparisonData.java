package io.gohsp.compare;

import io.gohsp.data.Augmentation;
import io.gohsp.data.ModelInputs;
import io.gohsp.data.Preparation;
import io.gohsp.data.Samples;
import io.gohsp.data.Splits;
import io.gohsp.ir.Model;
import java.util.function.Consumer;
import java.util.function.LongFunction;
import org.jspecify.annotations.Nullable;

/**
 * What a comparison trains and measures on.
 *
 * @param splits parts by seed; all have the same validation part, or accuracies would differ by
 *     their samples too
 * @param preparation how samples become inputs
 * @param description for people, in a line
 * @param mask the input that says which tokens count; null to find it
 * @param record notes in a model how samples were prepared for it
 * @param identity what the data must be for the comparison to go on: {@link
 *     io.gohsp.data.DataSource#identity}, how samples are prepared, how many are calibrated on
 */
public record ComparisonData(
    LongFunction<Splits> splits,
    Preparation preparation,
    String description,
    @Nullable String mask,
    Consumer<Model> record,
    String identity) {
  Splits of(long seed) {
    return splits.apply(seed);
  }

  /** The validation samples as a model takes them. */
  Samples held(Splits parts, Model model) {
    return preparation.samples(parts.validation(), ModelInputs.of(model), Augmentation.NONE);
  }
}
