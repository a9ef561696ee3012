/**
 * Methods compared on equal terms: every cell of a grid of methods, budgets and seeds is a run of
 * {@link io.gohsp.pipeline.PruningPipeline} with the same number of updates, and so is the control,
 * the dense model trained as long. Depends on the pipeline and whatever that needs; knows no method
 * by name. Start at {@link io.gohsp.compare.Comparison}.
 */
@NullMarked
package io.gohsp.compare;

import org.jspecify.annotations.NullMarked;
