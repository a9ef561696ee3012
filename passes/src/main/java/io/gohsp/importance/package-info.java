/**
 * What the groups of a model matter to its loss, as one graph that computes it: a forward and a
 * backward pass of which only a number for each head, column and neuron leaves the runtime. Depends
 * on {@code autodiff}, {@code gate}, {@code lower}, {@code normalize}, {@code plan} and {@code
 * cost}; start at {@link io.gohsp.importance.SensitivityGraph}, whose documentation derives what is
 * computed, and {@link io.gohsp.importance.GroupSums}, which reads its outputs.
 */
@NullMarked
package io.gohsp.importance;

import org.jspecify.annotations.NullMarked;
