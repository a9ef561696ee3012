/**
 * What is kept in a work directory so that a run can go on: whose it is ({@link
 * io.gohsp.work.RunIdentity}), records with a checksum ({@link io.gohsp.work.WorkFile}), and what
 * is said of those that are damaged ({@link io.gohsp.work.DamagedWork}). Knows nothing of what is
 * run; depends on {@code io} and {@code plan} only.
 */
@NullMarked
package io.gohsp.work;

import org.jspecify.annotations.NullMarked;
