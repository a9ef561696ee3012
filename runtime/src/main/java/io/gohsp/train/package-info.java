/**
 * Training: parameters in flat vectors ({@link io.gohsp.train.ParameterStore}), optimisers and
 * schedules over them, what is trained towards ({@link io.gohsp.train.Objective}), and the loop
 * that puts them together, writes checkpoints and continues from them. Knows nothing of pruning;
 * whoever wants more done in a step hooks in with {@link io.gohsp.train.StepRule}. Depends on
 * {@code autodiff}, {@code engine} and {@code data}; start at {@link io.gohsp.train.Trainer}.
 */
@NullMarked
package io.gohsp.train;

import org.jspecify.annotations.NullMarked;
