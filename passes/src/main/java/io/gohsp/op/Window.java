package io.gohsp.op;

import io.gohsp.ir.Node;
import java.util.Collections;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * How a kernel moves over the spatial axes, for convolutions and pooling.
 *
 * @param kernel extents; null if only the weight tells
 * @param pads at the start of each spatial axis, then at the end of each; unused if {@code autoPad}
 *     is not NOTSET
 * @param autoPad NOTSET, VALID, SAME_UPPER or SAME_LOWER
 * @param ceil whether the number of steps is rounded up
 */
public record Window(
    @Nullable List<Long> kernel,
    List<Long> strides,
    List<Long> pads,
    List<Long> dilations,
    String autoPad,
    boolean ceil) {
  /**
   * @param spatial number of spatial axes: the rank of the operand less 2
   */
  public static Window of(Node node, int spatial) {
    if (spatial < 0) {
      throw Axes.malformed(node, "the operand has no channels");
    }
    List<Long> kernel = node.intsAttribute("kernel_shape");
    Window window =
        new Window(
            kernel,
            orElse(node.intsAttribute("strides"), spatial, 1),
            orElse(node.intsAttribute("pads"), 2 * spatial, 0),
            orElse(node.intsAttribute("dilations"), spatial, 1),
            node.stringAttribute("auto_pad", "NOTSET"),
            node.intAttribute("ceil_mode", 0) != 0);
    if ((kernel != null && kernel.size() != spatial)
        || window.strides.size() != spatial
        || window.dilations.size() != spatial
        || window.pads.size() != 2 * spatial) {
      throw Axes.malformed(
          node, "kernel, strides, pads and dilations do not go with " + spatial + " spatial axes");
    }
    if (window.strides.stream().anyMatch(s -> s < 1)
        || window.dilations.stream().anyMatch(d -> d < 1)) {
      throw Axes.malformed(node, "strides and dilations must be at least 1");
    }
    return window;
  }

  private static List<Long> orElse(@Nullable List<Long> given, int count, long fallback) {
    return given != null ? given : Collections.nCopies(count, fallback);
  }
}
