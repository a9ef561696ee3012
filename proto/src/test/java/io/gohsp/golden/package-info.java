/**
 * Generated documents that are committed. Tests write them again and compare. Depends on nothing;
 * start at {@link io.gohsp.golden.GoldenFile}.
 */
@NullMarked
package io.gohsp.golden;

import org.jspecify.annotations.NullMarked;
