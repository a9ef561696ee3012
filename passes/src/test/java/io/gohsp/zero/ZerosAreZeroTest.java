package io.gohsp.zero;

import static org.assertj.core.api.Assertions.assertThat;

import io.gohsp.axis.AxisLayout;
import io.gohsp.fixture.FixtureNames;
import io.gohsp.ir.ModelCopy;
import io.gohsp.ir.Node;
import io.gohsp.ir.Value;
import io.gohsp.zero.OrtRun.Output;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** What is said to be zero against what ONNX Runtime computes, for every value of fixtures. */
class ZerosAreZeroTest {
  @Test
  void everyPositionThatIsSaidToBeZeroIs() throws Exception {
    List<String> wrong = new ArrayList<>();
    int checked = 0;
    for (String fixture : FixtureNames.sample("ZerosAreZeroTest")) {
      ZeroedModel model = ZeroedModel.of(fixture);
      ScatteredZeros.scatter(model, true, 3);
      Zeros zeros =
          Zeros.of(
              model.model.graph(), model.facts, model.analysis, DeadUnits.resolution(model.blocks));
      List<Value> known =
          model.model.graph().nodes().stream()
              .flatMap(Node::presentOutputs)
              .filter(value -> zeros.of(value) != null)
              .toList();
      if (known.isEmpty()) {
        continue;
      }
      ModelCopy copy = ModelCopy.of(model.model);
      copy.model().graph().clearOutputs();
      known.forEach(value -> copy.model().graph().addOutput(copy.of(value)));
      Map<String, Output> outputs = OrtRun.of(copy.model(), ZeroedModel.folder(fixture));
      for (Value value : known) {
        Output output = outputs.get(value.name());
        int[] positions = output == null ? null : positions(zeros, value, output.dims());
        if (positions != null) {
          checked++;
          if (!isZeroWhereSaid(zeros, value, output, positions)) {
            wrong.add(fixture + ": " + value.producer().orElseThrow());
          }
        }
      }
    }
    assertThat(wrong).isEmpty();
    assertThat(checked).isGreaterThan(2_500);
  }

  private static boolean isZeroWhereSaid(Zeros zeros, Value value, Output output, int[] positions) {
    ZeroMask flat = zeros.of(value).reshaped(ZeroMask.volume(zeros.dims(value)));
    for (int i = 0; i < positions.length; i++) {
      if (flat.at(positions[i]) && output.values()[i] != 0) {
        return false;
      }
    }
    return true;
  }

  /**
   * For each element the position it counts as; null where an axis mixes known and unknown extents.
   */
  private static int[] positions(Zeros zeros, Value value, long[] dims) {
    int[] all = {0};
    List<AxisLayout> axes = zeros.axes(value);
    for (int axis = 0; axis < dims.length; axis++) {
      AxisLayout layout = axes.get(axis);
      int count = zeros.resolution().count(layout);
      if (count > 1 && !layout.size().isKnown()) {
        return null;
      }
      int[] own = count > 1 ? zeros.resolution().positions(layout) : new int[(int) dims[axis]];
      int[] outer = all;
      all = new int[outer.length * own.length];
      for (int i = 0; i < all.length; i++) {
        all[i] = outer[i / own.length] * count + own[i % own.length];
      }
    }
    return all;
  }
}
