package io.gohsp.io;

/**
 * Where a tensor was read, so that it can be written back as it was.
 *
 * @param message the tensor's message
 * @param name its name there
 * @param external whether its contents lie in a side file
 */
record TensorOrigin(Span message, String name, boolean external) {}
