/**
 * Making up for what a cut has lost, in closed form and without labels: {@link
 * io.gohsp.recover.Recovery} corrects the output layers of a pruned model's blocks by least squares
 * over calibration samples. Depends on {@code linear}, {@code plan}, {@code calibration}, {@code
 * data} and {@code ort}.
 */
@NullMarked
package io.gohsp.recover;

import org.jspecify.annotations.NullMarked;
