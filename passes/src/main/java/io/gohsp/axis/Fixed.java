package io.gohsp.axis;

import io.gohsp.ir.Node;
import org.jspecify.annotations.Nullable;

/**
 * Why a factor cannot be removed.
 *
 * @param node where it was found out; null for the model's own inputs and outputs
 * @param reason in words, for the user
 */
public record Fixed(@Nullable Node node, String reason) {}
