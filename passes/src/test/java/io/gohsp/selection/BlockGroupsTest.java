package io.gohsp.selection;

import static org.assertj.core.api.Assertions.assertThat;

import io.gohsp.axis.AxisLayout;
import io.gohsp.io.OnnxReader;
import io.gohsp.ir.Value;
import io.gohsp.normalize.WorkingModel;
import io.gohsp.vit.Block;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.Test;

/** WavLM cuts its stream into heads, so that heads stand on both axes of every projection. */
class BlockGroupsTest {
  private static final int WIDTH = 24;

  private final WorkingModel working =
      WorkingModel.normalized(
          OnnxReader.read(Path.of("..", "testdata", "fixtures", "hf_wavlm", "model.onnx")));

  /** For each cell of a tensor the one value column it belongs to, counted over all heads. */
  private int[] valueColumns(List<AxisLayout> axes, Block block) {
    BlockGroups values =
        BlockGroups.of(working.blocks()).get(working.blocks().indexOf(block)).stream()
            .filter(groups -> groups.kind() == GroupKind.V)
            .findFirst()
            .orElseThrow();
    int[][] cells = values.groupsOfCells(axes, List.of(0, 1));
    assertThat(List.of(cells)).allSatisfy(groups -> assertThat(groups).hasSize(1));
    return Arrays.stream(cells).mapToInt(groups -> groups[0]).toArray();
  }

  @Test
  void weightsBelongToTheHeadsWhoseColumnsTheyRead() {
    for (Block block : working.blocks()) {
      Value weight = block.attention().outputs().get(0).node().input(1);
      List<AxisLayout> axes = Objects.requireNonNull(working.analysis().layout(weight));
      int[] columns = valueColumns(axes, block); // [stream, columns]
      int[] transposed = valueColumns(List.of(axes.get(1), axes.get(0)), block);
      for (int cell = 0; cell < columns.length; cell++) {
        assertThat(columns[cell]).isEqualTo(cell % WIDTH);
        assertThat(transposed[cell]).isEqualTo(cell / WIDTH);
      }
    }
  }
}
