package io.gohsp.op;

import io.gohsp.ir.ModelException;
import io.gohsp.ir.Node;
import java.util.Collections;
import java.util.List;
import java.util.stream.LongStream;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * {@code Slice}. A list is null if it is computed at run time; absent axes and steps are filled in
 * where the number of sliced axes is known. Starts and ends may count from the end and lie beyond
 * either end.
 */
public record SliceOp(
    Node node,
    @Nullable List<Long> starts,
    @Nullable List<Long> ends,
    @Nullable List<Long> axes,
    @Nullable List<Long> steps) {
  /**
   * @throws ModelException.Malformed if the lists differ in length or a step is zero
   */
  public static SliceOp of(Node node, ConstantReader constants) {
    boolean attributes = Axes.opset(node) < 10;
    List<Long> starts = attributes ? node.intsAttribute("starts") : constants.list(node.input(1));
    List<Long> ends = attributes ? node.intsAttribute("ends") : constants.list(node.input(2));
    List<Long> axes =
        attributes ? node.intsAttribute("axes") : constants.list(node.optionalInput(3));
    List<Long> steps = attributes ? null : constants.list(node.optionalInput(4));
    List<Long> first = starts != null ? starts : ends != null ? ends : axes != null ? axes : steps;
    if (first != null) {
      if (axes == null && (attributes || node.optionalInput(3) == null)) {
        axes = LongStream.range(0, first.size()).boxed().toList();
      }
      if (steps == null && (attributes || node.optionalInput(4) == null)) {
        steps = Collections.nCopies(first.size(), 1L);
      }
      int count = first.size();
      if (Stream.of(starts, ends, axes, steps)
          .anyMatch(list -> list != null && list.size() != count)) {
        throw Axes.malformed(node, "starts, ends, axes and steps differ in length");
      }
    }
    if (steps != null && steps.contains(0L)) {
      throw Axes.malformed(node, "a step is zero");
    }
    return new SliceOp(node, starts, ends, axes, steps);
  }
}
