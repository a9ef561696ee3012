package io.gohsp.method;

import io.gohsp.calibration.Calibration;
import io.gohsp.ir.Model;
import io.gohsp.normalize.WorkingModel;
import io.gohsp.selection.Importance;
import java.util.function.Consumer;
import java.util.function.Supplier;

/**
 * What a method that looks at data may look at: never validation or test samples.
 *
 * @param original the model as the user wrote it
 * @param working what was made of it
 * @param calibration samples to measure on
 * @param labelled whether they say which class they are of
 * @param progress is told what is being done
 * @param losses what each group costs the loss, measured when first asked for
 */
public record Evidence(
    Model original,
    WorkingModel working,
    Calibration calibration,
    boolean labelled,
    Consumer<String> progress,
    Supplier<Importance> losses) {}
