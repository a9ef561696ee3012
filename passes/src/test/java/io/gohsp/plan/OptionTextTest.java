package io.gohsp.plan;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.gohsp.cost.Cost;
import io.gohsp.selection.Budget;
import io.gohsp.selection.Exclusion;
import io.gohsp.selection.SelectionOptions;
import io.gohsp.selection.SelectionOptions.Floors;
import io.gohsp.selection.Share;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What users write for budgets, shares and exclusions. */
class OptionTextTest {
  private static final Cost DENSE = new Cost(22_050_664, 4_600_000_000L, 0, List.of());

  @ParameterizedTest
  @CsvSource({
    "0.6, 13230398", // rounded down
    ".5, 11025332",
    "1, 22050664",
    "60%, 13230398",
    "12.5%, 2756333",
    "14.4M, 14400000",
    "800k, 800000",
    "800K, 800000",
    "3.0G, 3000000000",
    "14400000, 14400000",
    "2.0000004M, 2000000",
  })
  void readsBudgets(String text, long limit) {
    assertThat(Budget.params(text).limit(DENSE)).isEqualTo(limit);
  }

  @Test
  void limitsWhatItSays() {
    assertThat(Budget.macs("0.5").limit(DENSE)).isEqualTo(2_300_000_000L);
    assertThat(Budget.macs("0.5").spent(DENSE)).isEqualTo(DENSE.macs());
    assertThat(Budget.macs("60%")).hasToString("60% multiply-accumulates");
    assertThat(Budget.params("14.4M")).hasToString("14400000 parameters");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "0|would keep nothing",
        "0.0|would keep nothing",
        "101%|is more than there is",
        "60|is neither a fraction nor a plausible number (60%? 60M?)",
        "1.5|is neither a fraction nor a plausible number (1.5%? 1.5M?)",
        "-1|is not an amount",
        "NaN|is not an amount",
        "1e9|is not an amount",
        "12ms|is not an amount",
        "3 G|is not an amount",
        "M|is not an amount",
        "0.0001k|is out of range",
        "99999999999T|is out of range",
      })
  void refusesOtherBudgets(String text, String problem) {
    assertThatThrownBy(() -> Budget.params(text))
        .isInstanceOf(InvalidOption.class)
        .hasMessage(
            "--keep-params \""
                + text
                + "\" "
                + problem
                + "; give a fraction to keep (0.6 or 60%) or a number (14.4M, 3.0G, 800k)");
  }

  @ParameterizedTest
  @CsvSource({"4, 6, 4", "9, 6, 6", "50%, 6, 3", "75%, 6, 5", "1%, 6, 1", "100%, 6, 6"})
  void readsShares(String text, int size, int kept) {
    assertThat(Share.parse("--heads", text).of(size)).isEqualTo(kept);
    assertThat(Share.parse("--heads", text)).hasToString(text);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "0|: a layer cannot keep 0; keep at least 1",
        "0%|: a layer cannot keep 0.0%; keep more than 0% and at most 100%",
        "101%|: a layer cannot keep 101.0%; keep more than 0% and at most 100%",
        "0.5|` is not a share; give how many to keep (4) or a percentage (75%)`",
        "many|` is not a share; give how many to keep (4) or a percentage (75%)`",
      })
  void refusesOtherShares(String text, String problem) {
    assertThatThrownBy(() -> Share.parse("--heads", text))
        .isInstanceOf(InvalidOption.class)
        .hasMessage("--heads \"" + text + "\"" + problem);
  }

  @ParameterizedTest
  @CsvSource({
    "block 1, block 1, true",
    "block 1, block 11, false",
    "block ?, block 7, true",
    "*.mlp.*, blocks.0.mlp.fc1.weight, true",
    "*.mlp.*, blocks.0.attn.mlp, false",
    "a.c, abc, false",
    "/fc[12]/, blocks.0.mlp.fc1.weight, true",
    "/^fc/, mlp.fc1, false",
  })
  void matchesNames(String pattern, String name, boolean matches) {
    assertThat(Exclusion.parse(pattern).matches(name)).isEqualTo(matches);
  }

  @Test
  void refusesOtherPatternsAndEmptyOptions() {
    assertThatThrownBy(() -> Exclusion.parse("/(/"))
        .isInstanceOf(InvalidOption.class)
        .hasMessage("--exclude /(/ is not a regular expression: Unclosed group");
    assertThatThrownBy(() -> Exclusion.parse(" ")).isInstanceOf(InvalidOption.class);
    assertThatThrownBy(() -> SelectionOptions.of(null, null, null, null))
        .isInstanceOf(InvalidOption.class)
        .hasMessageStartingWith("nothing says how much to keep");
    assertThatThrownBy(() -> SelectionOptions.of(Budget.params("0.5")).withAlign(0))
        .isInstanceOf(InvalidOption.class);
    assertThatThrownBy(() -> new Floors(-1, 1, 1)).isInstanceOf(InvalidOption.class);
  }
}
