package io.gohsp.normalize;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.gohsp.fixture.FixtureNames;
import io.gohsp.io.OnnxReader;
import io.gohsp.ir.Model;
import io.gohsp.ir.ModelException;
import io.gohsp.ir.Traversal;
import io.gohsp.text.OnnxText;
import io.gohsp.vit.AttentionPart;
import io.gohsp.vit.TransformerRecognizer;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The copy that is analysed. */
class WorkingModelTest {
  static List<String> fixtures() {
    return FixtureNames.sample("WorkingModelTest");
  }

  /**
   * What normalisation leaves without readers is gone: it would count as a reader of what a block
   * computes, and no budget would see that it falls away with the block.
   */
  @ParameterizedTest
  @MethodSource("fixtures")
  void leavesNothingUnread(String fixture) {
    Model original = OnnxReader.read(FixtureNames.ROOT.resolve(fixture).resolve("model.onnx"));
    Model normalized = WorkingModel.normalized(original).model();
    Set<String> before = RemoveUnused.unused(original);
    assertThat(Traversal.nodesWithin(normalized.graph()))
        .noneMatch(
            node ->
                node.presentOutputs()
                    .allMatch(output -> !output.isUsed() && !before.contains(output.name())));
  }

  /**
   * Heads are one axis with the batch of another input than the tokens come from.
   *
   * @param apart the shape of the input by which they are taken apart again
   */
  private static Model foldedByAnother(String apart) {
    return OnnxText.parse(
        """
        <ir_version: 8, opset_import: ["" : 17]>
        g (float[b,s,8] x, float[c,t] m) => (float[b,s,8] y)
        <float[8,6] wq = range, float[8,6] wk = range, float[8,6] wv = range,
         float[6,8] wo = range, int64[4] split = {0, 0, 2, 3}, int64[3] join = {0, 0, 6},
         int64[1] first = {0}, int64[1] second = {1}, int64[1] two = {2}, int64[1] three = {3}> {
          size = Shape(m)
          c = Gather(size, first)
          t = Gather(size, second)
          both = Mul(c, two)
          folded = Concat<axis = 0>(both, t, three)
          size2 = Shape(APART)
          c2 = Gather(size2, first)
          t2 = Gather(size2, second)
          apart = Concat<axis = 0>(c2, two, t2, three)
          q0 = MatMul(x, wq)
          q1 = Reshape(q0, split)
          q2 = Transpose<perm = [0, 2, 1, 3]>(q1)
          q = Reshape(q2, folded)
          k0 = MatMul(x, wk)
          k1 = Reshape(k0, split)
          k2 = Transpose<perm = [0, 2, 1, 3]>(k1)
          k3 = Reshape(k2, folded)
          k = Transpose<perm = [0, 2, 1]>(k3)
          v0 = MatMul(x, wv)
          v1 = Reshape(v0, split)
          v2 = Transpose<perm = [0, 2, 1, 3]>(v1)
          v = Reshape(v2, folded)
          l = MatMul(q, k)
          w = Softmax<axis = -1>(l)
          a = MatMul(w, v)
          a4 = Reshape(a, apart)
          h = Transpose<perm = [0, 2, 1, 3]>(a4)
          r = Reshape(h, join)
          p = MatMul(r, wo)
          y = Add(x, p)
        }
        """
            .replace("APART", apart));
  }

  /** What samples say of a batch is not what the model says that is cut. */
  @Test
  void noMoreMayGoBySamplesThanByNames() {
    Model model = foldedByAnother("m");
    AttentionPart written =
        Objects.requireNonNull(WorkingModel.normalized(model).blocks().get(0).attention());
    WorkingModel stacked = WorkingModel.forSamples(model);
    AttentionPart planned = Objects.requireNonNull(stacked.blocks().get(0).attention());
    assertThat(Objects.requireNonNull(written.heads()).isPrunable()).isFalse();
    assertThat(String.valueOf(Objects.requireNonNull(planned.heads()).obstacle()))
        .isEqualTo(String.valueOf(written.heads().obstacle()));
    assertThat(Objects.requireNonNull(planned.qk()).dependsOn()).isEmpty();
    assertThat(planned.qk().isPrunable()).isTrue();
    assertThat(
            Objects.requireNonNull(
                    TransformerRecognizer.blocks(stacked.analysis()).get(0).attention())
                .heads())
        .as("what the batch of samples alone would allow")
        .matches(heads -> Objects.requireNonNull(heads).isPrunable());
  }

  @Test
  void headsThatOnlySamplesShowAreRefused() {
    Model model = foldedByAnother("x");
    assertThatThrownBy(() -> WorkingModel.forSamples(model))
        .isInstanceOf(ModelException.Unsupported.class)
        .hasMessageContaining("give these axes one name");
  }
}
