package io.gohsp.phase;

import io.gohsp.soft.Remaining;
import io.gohsp.train.TrainingResult;
import java.util.Map;

/**
 * What a phase of training came to.
 *
 * @param name {@link Soften#NAME} or {@link Tune#NAME}
 * @param remaining by updates made, how small what goes has become; empty after the cut
 */
public record TrainedPhase(String name, TrainingResult training, Map<Long, Remaining> remaining) {}
