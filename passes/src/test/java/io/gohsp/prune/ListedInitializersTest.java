package io.gohsp.prune;

import static org.assertj.core.api.Assertions.assertThat;

import io.gohsp.io.OnnxReader;
import io.gohsp.io.OnnxWriter;
import io.gohsp.ir.Model;
import io.gohsp.normalize.WorkingModel;
import io.gohsp.plan.BlockPlan;
import io.gohsp.plan.PruningPlan;
import io.gohsp.text.OnnxText;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** What version 3 of the format asks for holds of the pruned file too. */
class ListedInitializersTest {
  @Test
  void whatPruningAddsIsAnInputToo() {
    Model model =
        OnnxText.parse(
            """
            <ir_version: 3, opset_import: ["" : 11]>
            g (float[2,5,8] x) => (float[2,5,8] y)
            <float[8,8] wq = range, float[8,8] wk = range, float[8,8] wv = range, float[8,8] wo = range,
             int64[4] split = {2, 5, 2, 4}, int64[3] merged = {2, 5, 8}, float d = {2}> {
              q0 = MatMul(x, wq)
              k0 = MatMul(x, wk)
              v0 = MatMul(x, wv)
              q1 = Reshape(q0, split)
              k1 = Reshape(k0, split)
              v1 = Reshape(v0, split)
              q = Transpose<perm = [0,2,1,3]>(q1)
              k = Transpose<perm = [0,2,3,1]>(k1)
              v = Transpose<perm = [0,2,1,3]>(v1)
              l = MatMul(q, k)
              s = Div(l, d)
              a = Softmax<axis = 3>(s)
              o = MatMul(a, v)
              o1 = Transpose<perm = [0,2,1,3]>(o)
              o2 = Reshape(o1, merged)
              p = MatMul(o2, wo)
              y = Add(x, p)
            }
            """);
    ListedInitializers.run(model);
    assertThat(WorkingModel.normalized(model).blocks()).hasSize(1);
    List<List<Integer>> three = List.of(List.of(0, 1, 3), List.of(1, 2, 3));
    BlockPlan block = new BlockPlan("block 0", 2, 4, 4, null, null, three, null, null);

    Model pruned = Pruning.prune(model, new PruningPlan(List.of(block), Map.of()));
    Model read = OnnxReader.read(OnnxWriter.toBytes(pruned), null);

    assertThat(read.irVersion()).isEqualTo(3);
    assertThat(read.graph().initializers())
        .hasSizeGreaterThan(7)
        .allMatch(value -> read.graph().inputs().contains(value))
        .allMatch(value -> value.type() != null);
  }
}
