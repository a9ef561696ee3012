/**
 * Phases of pruning with data: each a value, in a file of its own, that takes a run one step
 * further. A {@link io.gohsp.phase.Chain} runs and resumes them; what they share is a {@link
 * io.gohsp.phase.Run}, and what they leave for a run that goes on lies in its {@link
 * io.gohsp.phase.Work}. Depends on {@code study}, training and everything below; start at {@link
 * io.gohsp.phase.Phase}.
 */
@NullMarked
package io.gohsp.phase;

import org.jspecify.annotations.NullMarked;
