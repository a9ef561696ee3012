package io.gohsp.vit;

import io.gohsp.axis.Factor;
import io.gohsp.axis.Fixed;
import io.gohsp.ir.Location;
import io.gohsp.ir.ModelException;
import java.util.Collections;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * What may go of blocks that were found twice: in a model whose batch has one name, since samples
 * are stacked, and in the model as it is written, which is the one that is cut. A plan by samples
 * must not say what the names of the model's own inputs do not allow.
 */
public final class AgreedBlocks {
  private AgreedBlocks() {}

  /**
   * The blocks, of which nothing may go that may not go of the others.
   *
   * @param stacked with one batch
   * @param written as the user named axes
   * @throws ModelException.Unsupported if the others are of other sizes, or have other axes in
   *     common, since no plan fits both
   */
  public static List<Block> of(List<Block> stacked, List<Block> written, Location location) {
    if (!sizes(stacked).equals(sizes(written)) || !shared(stacked).equals(shared(written))) {
      throw new ModelException.Unsupported(
          location,
          "shows its heads and columns only where the first axes of all inputs are one, as those of"
              + " samples are, but they have different names",
          "give these axes one name in the model");
    }
    return IntStream.range(0, stacked.size())
        .mapToObj(i -> of(stacked.get(i), written.get(i)))
        .toList();
  }

  private static List<List<Integer>> sizes(List<Block> blocks) {
    return blocks.stream().map(Block::sizes).toList();
  }

  /** For each axis those that have positions in common with it. */
  private static List<List<Integer>> shared(List<Block> blocks) {
    List<Set<Factor>> axes =
        blocks.stream()
            .flatMap(Block::axes)
            .map(axis -> axis.layout().factors().collect(Collectors.toSet()))
            .toList();
    return axes.stream()
        .map(
            own ->
                IntStream.range(0, axes.size())
                    .filter(i -> !Collections.disjoint(axes.get(i), own))
                    .boxed()
                    .toList())
        .toList();
  }

  private static Block of(Block stacked, Block written) {
    AttentionPart attention = stacked.attention();
    AttentionPart own = written.attention();
    MlpPart mlp = stacked.mlp();
    MlpPart ownMlp = written.mlp();
    return new Block(
        stacked.name(),
        attention == null || own == null
            ? null
            : new AttentionPart(
                of(attention.heads(), own.heads()),
                of(attention.qk(), own.qk()),
                of(attention.v(), own.v()),
                attention.scores(),
                attention.outputs()),
        mlp == null || ownMlp == null
            ? null
            : new MlpPart(agreed(mlp.neurons(), ownMlp.neurons()), mlp.outputs()));
  }

  private static @Nullable PrunableAxis of(
      @Nullable PrunableAxis stacked, @Nullable PrunableAxis written) {
    return stacked == null || written == null ? null : agreed(stacked, written);
  }

  private static PrunableAxis agreed(PrunableAxis stacked, PrunableAxis written) {
    if (!stacked.isPrunable()) {
      return stacked;
    }
    Fixed obstacle = written.obstacle();
    return new PrunableAxis(
        stacked.layout(),
        stacked.factor(),
        written.rows() == stacked.rows() ? stacked.dependsOn() : List.of(),
        obstacle != null || written.units() == stacked.units()
            ? obstacle
            : new Fixed(null, "goes in other units where all inputs have one batch"));
  }
}
