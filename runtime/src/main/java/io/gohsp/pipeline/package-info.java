/**
 * Pruning with data: a goal and a method become a plan, the plan a cut that is verified, corrected
 * and fine-tuned, each step resumable. Depends on everything but reports, comparisons and the
 * command line; start at {@link io.gohsp.pipeline.DataRun}, which puts a run together, and {@link
 * io.gohsp.pipeline.PruningPipeline}.
 */
@NullMarked
package io.gohsp.pipeline;

import org.jspecify.annotations.NullMarked;
