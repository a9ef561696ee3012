package io.gohsp.selection;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.gohsp.ir.ModelException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class WishesTest {
  @TempDir Path directory;

  private Wishes read(String text) throws Exception {
    return Wishes.read(Files.writeString(directory.resolve("wishes.json"), text));
  }

  @Test
  void saysWhatBlocksKeep() throws Exception {
    Wishes wishes =
        read(
            """
            {"block 0": "keep", "*.fc2.*": "keep",
             "block 3": {"heads": 4, "v": "75%", "minWidth": 8},
             "block *": {"neurons": "50", "minHeads": 2, "minNeurons": 16}}
            """);
    assertThat(wishes.exclude()).extracting(Exclusion::text).containsExactly("block 0", "*.fc2.*");
    assertThat(wishes.blocks().get(0).shares())
        .isEqualTo(Map.of(GroupKind.HEADS, new Share.Count(4), GroupKind.V, new Share.Percent(75)));
    assertThat(wishes.blocks().get(0).floors()).isEqualTo(Map.of(GroupKind.QK, 8, GroupKind.V, 8));
    assertThat(BlockWish.share(wishes.blocks(), "block 3", GroupKind.NEURONS))
        .isEqualTo(new Share.Count(50));
    assertThat(BlockWish.share(wishes.blocks(), "block 2", GroupKind.HEADS)).isNull();
    assertThat(BlockWish.floor(wishes.blocks(), "block 2", GroupKind.HEADS)).isEqualTo(2);
    assertThat(BlockWish.floor(wishes.blocks(), "block 3", GroupKind.V)).isEqualTo(8);
  }

  @Test
  void whatWasWishedBeforeCountsInsteadOfKeep() throws Exception {
    Exclusion keep =
        read("{\"block 3\": {\"neurons\": 0, \"minHeads\": 2}, \"block *\": \"keep\"}")
            .exclude()
            .get(0);
    assertThat(keep.keeps("block 3", GroupKind.NEURONS)).isFalse();
    assertThat(keep.keeps("block 3", GroupKind.HEADS)).isTrue();
    assertThat(keep.keeps("block 2", GroupKind.NEURONS)).isTrue();
    assertThat(keep)
        .as("what tells runs apart")
        .hasToString("block * after [block 3 {neurons=0} at least {heads=2}]");
  }

  @Test
  void noHeadsAndNoNeuronsAreNumbersToo() throws Exception {
    Wishes wishes = read("{\"block *\": {\"heads\": 0, \"neurons\": 0, \"minHeads\": 0}}");
    assertThat(wishes.blocks().get(0).shares())
        .isEqualTo(Map.of(GroupKind.HEADS, Share.NONE, GroupKind.NEURONS, Share.NONE));
    assertThat(wishes.blocks().get(0).floors()).isEqualTo(Map.of(GroupKind.HEADS, 0));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '\'',
      value = {
        "[] | expected an object",
        "{\"block 0\": 3} | expected \"keep\" or an object, found 3",
        "{\"block 0\": {\"head\": 3}} | \"block 0\".head: is not known (known are heads, qk, v",
        "{\"block 0\": {\"heads\": -1}} | expected a whole number from 0",
        "{\"block 0\": {\"v\": 0}} | expected a whole number from 1",
        "{\"block 0\": {\"minWidth\": 0}} | expected a whole number from 1",
        "{\"block 0\": {\"qk\": \"half\"}} | json: \"block 0\".qk \"half\" is not a share",
        "{\"block 0\": {\"v\": \"0\"}} | json: \"block 0\".v \"0\": a layer cannot keep 0",
        "{\"block 0\": {\"qk\": 1}, \"block 0\": {}} | not JSON: Duplicate field"
      })
  void whatIsOfAnotherFormIsRefused(String text, String message) {
    assertThatThrownBy(() -> read(text))
        .isInstanceOf(ModelException.BadPlan.class)
        .hasMessageContaining("wishes.json")
        .hasMessageContaining(message);
  }
}
