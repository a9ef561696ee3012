package io.gohsp.op;

import io.gohsp.ir.ModelException;
import io.gohsp.ir.Node;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * {@code Split}: a tensor cut into pieces along one axis.
 *
 * @param axis may count from the end
 * @param sizes one per output; null if the pieces are equal or the sizes are computed at run time
 * @param equal whether the pieces are equal, but for a smaller last one if the extent does not
 *     divide
 */
public record SplitOp(Node node, long axis, @Nullable List<Long> sizes, boolean equal) {
  /**
   * @throws ModelException.Malformed if there is not one size, at least zero, for each output
   */
  public static SplitOp of(Node node, ConstantReader constants) {
    List<Long> sizes =
        node.optionalInput(1) != null
            ? constants.list(node.optionalInput(1))
            : node.intsAttribute("split");
    boolean equal = node.optionalInput(1) == null && sizes == null;
    if (sizes != null
        && (sizes.size() != node.outputs().size() || sizes.stream().anyMatch(size -> size < 0))) {
      throw new ModelException.Malformed(
          node.location(),
          "sizes " + sizes + " do not go with " + node.outputs().size() + " outputs");
    }
    long pieces = node.intAttribute("num_outputs", node.outputs().size());
    if (pieces != node.outputs().size()) {
      throw new ModelException.Malformed(
          node.location(),
          "num_outputs is " + pieces + ", but there are " + node.outputs().size() + " outputs");
    }
    return new SplitOp(node, node.intAttribute("axis", 0), sizes, equal);
  }

  public int axis(int rank) {
    return Axes.normalize(node, axis, rank);
  }

  /**
   * The sizes of the pieces of an axis of the given extent, or null if they are computed at run
   * time.
   *
   * @throws ModelException.Malformed if the sizes do not add up to the extent
   */
  public @Nullable List<Long> sizes(long extent) {
    List<Long> result = sizes;
    if (result == null && equal) {
      long pieces = node.outputs().size();
      if (extent % pieces != 0 && node.attribute("num_outputs") == null) {
        throw new ModelException.Malformed(
            node.location(), pieces + " equal pieces do not make " + extent);
      }
      long most = (extent + pieces - 1) / pieces;
      List<Long> computed = new ArrayList<>();
      for (long left = extent, i = 0; i < pieces; left -= most, i++) {
        computed.add(Math.max(0, Math.min(most, left)));
      }
      result = List.copyOf(computed);
    }
    if (result != null && result.stream().mapToLong(Long::longValue).sum() != extent) {
      throw new ModelException.Malformed(
          node.location(), "sizes " + result + " do not add up to " + extent);
    }
    return result;
  }
}
