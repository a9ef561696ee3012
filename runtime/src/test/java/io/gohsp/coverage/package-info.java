/**
 * Pruning from end to end on every fixture: recognised, cut, executed, compared. Depends on
 * everything; start at {@link io.gohsp.coverage.CoverageTest}, which writes docs/COVERAGE.md.
 */
@NullMarked
package io.gohsp.coverage;

import org.jspecify.annotations.NullMarked;
