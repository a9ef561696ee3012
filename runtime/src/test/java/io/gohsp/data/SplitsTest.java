package io.gohsp.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

class SplitsTest {
  private static DataSource source(int size, boolean withValidation) {
    Images validation = withValidation ? new GreyImages(7, Set.of()) : null;
    return DataSource.of("test", "here", new GreyImages(size, Set.of()), validation, "val");
  }

  private static List<String> names(Dataset part) {
    List<String> names = new ArrayList<>();
    for (int i = 0; i < part.size(); i++) {
      names.add(part.name(i));
    }
    return names;
  }

  @Test
  void partsShareNothingAndLoseNothing() {
    Splits splits = Splits.of(source(100, false), 20, 5);
    List<String> all = names(splits.train());
    all.addAll(names(splits.validation()));
    all.addAll(names(splits.calibration()));
    assertThat(all).hasSize(100).doesNotHaveDuplicates();
    assertThat(splits.train().size()).isEqualTo(70);
    assertThat(splits.validation().size()).isEqualTo(10);
    assertThat(splits.calibration().size()).isEqualTo(20);
  }

  @Test
  void theSameSeedGivesTheSameParts() {
    assertThat(names(Splits.of(source(100, false), 20, 5).calibration()))
        .isEqualTo(names(Splits.of(source(100, false), 20, 5).calibration()))
        .isNotEqualTo(names(Splits.of(source(100, false), 20, 6).calibration()));
  }

  @Test
  void aSeparateValidationPartIsUsedAsItIs() {
    DataSource source = source(30, true);
    Splits splits = Splits.of(source, 6, 0);
    assertThat(splits.validation()).isSameAs(source.validation());
    assertThat(splits.train().size()).isEqualTo(24);
    Set<String> train = new HashSet<>(names(splits.train()));
    assertThat(names(splits.calibration())).hasSize(6).noneMatch(train::contains);
  }

  @Test
  void everyPartHasTheClassesInProportion() {
    Splits splits = Splits.of(source(90, false), 1.0 / 3, 15, 2);
    for (Dataset part : List.of(splits.train(), splits.validation(), splits.calibration())) {
      int[] counts = new int[GreyImages.CLASSES];
      for (int i = 0; i < part.size(); i++) {
        counts[part.label(i)]++;
      }
      assertThat(counts).containsOnly(part.size() / GreyImages.CLASSES);
    }
  }

  @Test
  void tooFewSamples() {
    assertThatThrownBy(() -> Splits.of(source(10, false), 9, 0))
        .isInstanceOf(DataException.class)
        .hasMessage(
            "here: 10 samples cannot give 1 for validation and 9 for calibration and leave any to"
                + " train on (use more data or fewer samples for calibration)");
  }
}
