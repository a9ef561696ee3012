package io.gohsp.plan;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.gohsp.ir.Location;
import io.gohsp.ir.Model;
import io.gohsp.ir.ModelException;
import io.gohsp.vit.Block;
import io.gohsp.vit.TinyTransformer;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** Plans that fit, and what the others are told: where, what is wrong, what to do. */
class PlanResolverTest {
  private static final List<Block> BLOCKS = TinyTransformer.blocks(TinyTransformer.twoBlocks());

  private static BlockPlan block(
      int index,
      @Nullable List<Integer> heads,
      @Nullable List<List<Integer>> qk,
      @Nullable List<List<Integer>> v,
      @Nullable List<Integer> neurons) {
    return new BlockPlan("block " + index, 2, 3, 3, 10, heads, qk, v, neurons);
  }

  private static Keeps resolve(List<Block> blocks, BlockPlan... plans) {
    return PlanResolver.resolve(
        new PruningPlan(List.of(plans), Map.of()),
        blocks,
        new Location(Path.of("m.onnx"), null, null));
  }

  private static void assertRefused(BlockPlan first, String... words) {
    assertRefused(BLOCKS, Stream.of(first, block(1, null, null, null, null)).toList(), words);
  }

  private static void assertRefused(List<Block> blocks, List<BlockPlan> plans, String... words) {
    assertThatThrownBy(() -> resolve(blocks, plans.toArray(BlockPlan[]::new)))
        .isInstanceOf(ModelException.BadPlan.class)
        .hasMessageContaining("m.onnx")
        .hasMessageContainingAll(words);
  }

  @Test
  void keepsOfAPlanThatFits() {
    Keeps keeps =
        resolve(
            BLOCKS,
            block(0, List.of(1), List.of(List.of(0, 2)), null, List.of(1, 2, 3)),
            block(1, null, null, List.of(List.of(0), List.of(2)), null));
    assertThat(keeps.byFactor().values())
        .extracting(Keep::count)
        .containsExactlyInAnyOrder(1, 2, 3, 1);
    Keep values = keeps.byFactor().get(vOf(1));
    assertThat(values).isNotNull();
    assertThat(values.rows()).as("one row a head").containsExactly(List.of(0), List.of(2));
  }

  private static io.gohsp.axis.@Nullable Factor vOf(int block) {
    return Objects.requireNonNull(Objects.requireNonNull(BLOCKS.get(block).attention()).v())
        .factor();
  }

  @Test
  void keepingAllIsNoKeep() {
    assertThat(
            resolve(
                    BLOCKS,
                    block(0, List.of(0, 1), null, null, null),
                    block(1, null, null, null, null))
                .isEmpty())
        .isTrue();
  }

  @Test
  void otherNumberOfBlocks() {
    assertRefused(
        BLOCKS,
        List.of(block(0, null, null, null, null)),
        "the plan has 1 blocks, the model 2",
        "this architecture");
  }

  @Test
  void otherNames() {
    BlockPlan all = block(1, null, null, null, null);
    assertRefused(
        BLOCKS,
        List.of(all, block(0, null, null, null, null)),
        "the plan has \"block 1\" where the model has \"block 0\"",
        "name the blocks as the model's are, in their order");
    assertRefused(
        BLOCKS,
        List.of(block(0, null, null, null, null), block(7, null, null, null, null)),
        "the plan has \"block 7\" where the model has \"block 1\"");
  }

  @Test
  void otherSizes() {
    assertRefused(
        new BlockPlan("block 0", 6, 3, 3, 10, null, null, null, null),
        "block 0 of the plan was made for 6 heads, the model has 2");
    assertRefused(
        new BlockPlan("block 0", 2, 64, 3, 10, null, null, null, null),
        "64 query-key columns a head, the model has 3");
    assertRefused(
        new BlockPlan("block 0", 2, 3, 64, 10, null, null, null, null),
        "64 value columns a head, the model has 3");
    assertRefused(
        new BlockPlan("block 0", 2, 3, 3, 11, null, null, null, null),
        "11 neurons, the model has 10");
  }

  @Test
  void partsThatTheModelDoesNotHave() {
    Model mlps =
        TinyTransformer.model(
            "float[2,5,8] x",
            TinyTransformer.mlpWeights("a_"),
            TinyTransformer.mlp("a_", "x", "y"));
    assertRefused(
        TinyTransformer.blocks(mlps),
        List.of(new BlockPlan("block 0", 2, null, null, 10, null, null, null, null)),
        "made for 2 heads, the model has none");
  }

  @Test
  void indices() {
    assertRefused(
        block(0, null, null, List.of(List.of(), List.of()), null),
        "block 0 would keep no value columns",
        "at least one");
    assertRefused(
        block(0, List.of(), null, List.of(), null), "lists value columns, but keeps no heads");
    assertRefused(block(0, null, null, null, List.of(1, 1)), "block 0 names neurons twice: [1, 1]");
    assertRefused(
        block(0, null, null, null, List.of(2, 1)), "neurons out of order: [2, 1]", "rising order");
    assertRefused(block(0, null, null, null, List.of(1, 10)), "names neurons 10, there are 0 to 9");
    assertRefused(block(0, List.of(-1, 0), null, null, null), "names heads -1, there are 0 to 1");
  }

  @Test
  void columns() {
    assertRefused(
        block(0, List.of(0), List.of(List.of(0), List.of(1)), null, null),
        "lists query-key columns for 2 heads, but keeps 1");
    assertRefused(
        block(0, null, null, List.of(List.of(0), List.of(1, 2)), null),
        "different numbers of value columns");
    assertRefused(
        block(0, null, List.of(List.of(0), List.of(3)), null, null),
        "names query-key columns 3, there are 0 to 2");
  }

  private static List<Block> grouped(int groups) {
    int width = 3 * groups;
    return TinyTransformer.blocks(
        TinyTransformer.model(
            "float[2,5,8] x",
            "float[8,12] wq = range, float[8,%1$d] wk = range, float[8,%1$d] wv = range, float[12,8] wo = range"
                .formatted(width),
            """
            q = MatMul(x, wq)
            k = MatMul(x, wk)
            v = MatMul(x, wv)
            a = Attention<q_num_heads = 4, kv_num_heads = %d>(q, k, v)
            o = MatMul(a, wo)
            y = Add(x, o)
            """
                .formatted(groups)));
  }

  private static BlockPlan fourHeads(
      @Nullable List<Integer> heads, @Nullable List<List<Integer>> v) {
    return new BlockPlan("block 0", 4, 3, 3, null, heads, null, v, null);
  }

  @Test
  void groupsOfHeads() {
    assertRefused(
        grouped(2),
        List.of(fourHeads(List.of(0, 1, 2), null)),
        "keeps heads [0, 1, 2], but they go in groups of 2",
        "whole groups");
    assertRefused(
        grouped(2),
        List.of(fourHeads(null, List.of(List.of(0), List.of(1), List.of(0), List.of(0)))),
        "value columns of block 0 are shared by a group of heads");
    assertRefused(
        grouped(1),
        List.of(fourHeads(null, List.of(List.of(0), List.of(0), List.of(0), List.of(1)))),
        "value columns of block 0 are shared by all heads");
  }

  @Test
  void whatCannotGo() {
    Model returned =
        io.gohsp.text.GraphAssert.parse(
            "g (float[2,5,8] x) => (float[2,5,8] y, float[2,5,10] a_r) <"
                + TinyTransformer.mlpWeights("a_")
                + "> {\n"
                + TinyTransformer.mlp("a_", "x", "y")
                + "}");
    assertRefused(
        TinyTransformer.blocks(returned),
        List.of(new BlockPlan("block 0", null, null, null, 10, null, null, null, List.of(0))),
        "neurons of block 0 cannot be removed: the axis is an axis of the model's output \"a_r\"",
        "leave them out of the plan");
  }

  /** One MLP's weights in the blocks of two attentions would be cut in two ways. */
  @Test
  void sharedPartsMustAgree() {
    Block block = BLOCKS.get(0);
    Block same = new Block("block 1", block.attention(), block.mlp());
    assertRefused(
        List.of(block, same),
        List.of(block(0, List.of(0), null, null, null), block(1, List.of(1), null, null, null)),
        "heads of block 1 are shared with another block, but the plan keeps others there",
        "keep the same in both");
  }
}
