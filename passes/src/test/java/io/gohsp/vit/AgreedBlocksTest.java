package io.gohsp.vit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.gohsp.ir.Location;
import io.gohsp.ir.ModelException;
import java.util.List;
import org.junit.jupiter.api.Test;

/** The cases in which shapes differ are in {@code WorkingModelTest}. */
class AgreedBlocksTest {
  @Test
  void whatIsOneAxisElsewhereIsRefused() {
    List<Block> apart = TinyTransformer.blocks(TinyTransformer.twoBlocks());
    List<Block> tied =
        TinyTransformer.blocks(
            TinyTransformer.model(
                "float[2,5,8] x",
                String.join(
                    ", ",
                    TinyTransformer.TWO_HEADS,
                    TinyTransformer.weights("a_"),
                    TinyTransformer.weights("b_")),
                TinyTransformer.attention("a_", "x", "x1")
                    + TinyTransformer.mlp("a_", "x1", "x2")
                    + TinyTransformer.attention("b_", "x2", "x3").replace("b_wv", "a_wv")
                    + TinyTransformer.mlp("b_", "x3", "y")));
    assertThat(AgreedBlocks.of(apart, apart, Location.UNKNOWN)).isEqualTo(apart);
    assertThatThrownBy(() -> AgreedBlocks.of(apart, tied, Location.UNKNOWN))
        .isInstanceOf(ModelException.Unsupported.class);
  }
}
