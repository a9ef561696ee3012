package io.gohsp.selection;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.gohsp.create.VitArchitecture;
import io.gohsp.ir.ModelException;
import io.gohsp.plan.Analysed;
import io.gohsp.plan.BlockPlan;
import io.gohsp.plan.PlanDraft;
import io.gohsp.plan.PlanJson;
import io.gohsp.plan.PruningPlan;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Plans in which numbers stand in place of lists. */
class DraftSelectorTest {
  private static final Analysed VIT = Analysed.vit(new VitArchitecture(16, 3, 4, 24, 2, 4, 40, 10));

  @TempDir private Path directory;

  private PlanDraft draft(String blocks) throws IOException {
    Path file = directory.resolve("plan.json");
    Files.writeString(
        file, "{\"format\":\"gohsp-plan\",\"version\":1,\"blocks\":[" + blocks + "]}");
    return PlanJson.draft(file);
  }

  private static String block(String kept) {
    return "{\"name\":\"block 0\",\"heads\":4,\"qkWidth\":6,\"vWidth\":6,\"neurons\":40%s},{\"name\":\"block 1\"}"
        .formatted(kept.isEmpty() ? "" : "," + kept);
  }

  private BlockPlan chosen(String kept, Importance importance) throws IOException {
    return DraftSelector.select(VIT.working(), importance, draft(block(kept))).blocks().get(0);
  }

  @Test
  void keepsWhatScoresHighest() throws IOException {
    SelectionOptions shares =
        SelectionOptions.of(
            new Share.Count(2), new Share.Count(3), new Share.Count(5), new Share.Count(7));
    for (Importance importance : List.of(VIT.magnitude(), VIT.random(5))) {
      BlockPlan expected =
          PlanSelector.select(VIT.working(), importance, shares, Map.of()).blocks().get(0);

      assertThat(chosen("\"headsKept\":2,\"qkKept\":3,\"vKept\":5,\"neuronsKept\":7", importance))
          .isEqualTo(expected);
    }
  }

  @Test
  void whatIsListedStaysAndSaysOfWhichHeadsColumnsAreChosen() throws IOException {
    Importance importance = VIT.random(3);
    BlockPlan alone = chosen("\"qkKept\":2", importance);

    BlockPlan block =
        chosen("\"headsKept\":[1,3],\"qkKept\":2,\"neuronsKept\":[0,5,39]", importance);

    assertThat(block.headsKept()).containsExactly(1, 3);
    assertThat(block.neuronsKept()).containsExactly(0, 5, 39);
    assertThat(block.qkKept()).containsExactly(alone.qkKept().get(1), alone.qkKept().get(3));
    assertThat(block.vKept()).isNull();
  }

  @Test
  void headsAreCountedWhereNeuronsAreListed() throws IOException {
    List<Integer> lastTen = IntStream.range(30, 40).boxed().toList();
    BlockPlan block = chosen("\"headsKept\":1,\"neuronsKept\":" + lastTen, VIT.magnitude());

    assertThat(block.headsKept()).hasSize(1);
    assertThat(block.neuronsKept()).isEqualTo(lastTen);
  }

  @Test
  void allAndNoneNeedNoChoice() throws IOException {
    PlanDraft draft = draft(block("\"headsKept\":0,\"neuronsKept\":40"));

    assertThat(draft.isSettled()).isTrue();
    assertThat(draft.plan().blocks().get(0).dropsAttention()).isTrue();
    assertThat(draft.plan().blocks().get(0).neuronsKept()).isNull();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "\"headsKept\":5|blocks[0].headsKept: keeps 5 of 4 (give 4 at most, or leave the field out to keep all)",
        "\"neuronsKept\":41|blocks[0].neuronsKept: keeps 41 of 40 (give 40 at most, or leave the field out to keep all)",
        "\"qkKept\":7|blocks[0].qkKept: keeps 7 of 6 (give 6 at most, or leave the field out to keep all)",
        "\"vKept\":0|blocks[0].vKept: expected a whole number from 1 to 2147483647, found 0",
        "\"headsKept\":-1|blocks[0].headsKept: expected a whole number from 0 to 2147483647, found -1",
        "\"headsKept\":2.5|blocks[0].headsKept: expected a whole number from 0 to 2147483647, found 2.5",
        "\"headsKept\":\"2\"|blocks[0].headsKept: expected a list, found \"2\"",
        "\"headsKept\":2,\"qkKept\":[[0],[1]]|blocks[0].qkKept: lists columns of every head that stays, but not which heads do (say how many columns, or list the heads)",
        "\"headsKept\":0,\"vKept\":2|blocks[0].vKept: lists columns where no head stays (leave the field out)",
      })
  void refusesWhatCannotBe(String kept, String problem) {
    assertThatThrownBy(() -> draft(block(kept)))
        .isInstanceOf(ModelException.BadPlan.class)
        .hasMessageEndingWith(problem);
  }

  @Test
  void aPlanThatIsReadAsSettledSaysWhich() throws IOException {
    PlanDraft draft = draft(block("\"headsKept\":2"));

    assertThatThrownBy(draft::settled)
        .isInstanceOf(ModelException.BadPlan.class)
        .hasMessageContaining("says how many stay of something, and not which");
  }

  /** Query-key columns under a rotary table are pairs, the same ones in both blocks. */
  @Test
  void sharedAxesAreChosenOnce() throws IOException {
    Analysed rotary = Analysed.fixture("timm_eva02_dynamo");
    int width = rotary.blocks().get(0).attention().qk().size();
    int per = rotary.blocks().get(0).attention().qk().positionsPerUnit();
    String block = "{\"name\":\"block %d\",\"heads\":%d,\"qkWidth\":%d%s}";
    int heads = rotary.blocks().get(0).attention().headCount();
    String whole = block.formatted(1, heads, width, "");

    PruningPlan plan =
        DraftSelector.select(
            rotary.working(),
            rotary.magnitude(),
            draft(block.formatted(0, heads, width, ",\"qkKept\":" + per) + "," + whole));

    assertThat(plan.blocks().get(0).qkKept()).hasSize(heads).allMatch(row -> row.size() == per);
    assertThat(plan.blocks().get(1).qkKept()).isEqualTo(plan.blocks().get(0).qkKept());
    PlanDraft odd =
        draft(block.formatted(0, heads, width, ",\"qkKept\":" + (per + 1)) + "," + whole);
    assertThatThrownBy(() -> DraftSelector.select(rotary.working(), rotary.magnitude(), odd))
        .isInstanceOf(ModelException.BadPlan.class)
        .hasMessageContaining("query-key columns of block 0 go in groups of " + per);
    PlanDraft different =
        draft(
            block.formatted(0, heads, width, ",\"qkKept\":" + per)
                + ","
                + block.formatted(1, heads, width, ",\"qkKept\":" + 2 * per));
    assertThatThrownBy(() -> DraftSelector.select(rotary.working(), rotary.magnitude(), different))
        .isInstanceOf(ModelException.BadPlan.class)
        .hasMessageContaining("are shared with another part");
  }
}
