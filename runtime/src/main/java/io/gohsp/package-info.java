/**
 * The library's front door: from a model's file to a smaller, verified one in a few calls. Depends
 * on every other package but reports and the command line; start at {@link io.gohsp.Pruner}.
 */
@NullMarked
package io.gohsp;

import org.jspecify.annotations.NullMarked;
