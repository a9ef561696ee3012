package io.gohsp.vit;

import org.jspecify.annotations.Nullable;

/**
 * One block of a transformer; either part may be missing.
 *
 * @param name "block 0", "block 1" … in the order of the graph
 */
public record Block(String name, @Nullable AttentionPart attention, @Nullable MlpPart mlp) {}
