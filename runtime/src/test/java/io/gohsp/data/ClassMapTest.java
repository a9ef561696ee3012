package io.gohsp.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Class folders and the outputs of a model that they stand for. */
class ClassMapTest {
  @TempDir Path folder;

  private ClassMap read(String text) throws Exception {
    return ClassMap.read(Files.writeString(folder.resolve("classes.txt"), text));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "{\"dog\": 2, \"cat\": 0, \"red fox\": 1}",
        "{\"model_type\": \"vit\", \"label2id\": {\"cat\": 0, \"red fox\": 1, \"dog\": 2}}",
        "{\"id2label\": {\"0\": \"cat\", \"1\": \"red fox\", \"2\": \"dog\"}}",
        "{\"0\": [\"cat\", \"Felis catus\"], \"2\": [\"dog\", \"Canis\"], \"1\": [\"red fox\", \"\"]}",
        "[\"cat\", \"red fox\", \"dog\"]",
        "cat\nred fox\n\ndog\n",
        "dog,2\r\nred fox,1\r\ncat,0\r\n",
        "dog\t2\ncat\t0\nred fox\t1"
      })
  void everyForm(String text) throws Exception {
    ClassMap map = read(text);
    assertThat(map.names()).containsExactly("cat", "red fox", "dog");
    assertThat(map.output("dog")).isEqualTo(2);
    assertThat(map.output("wolf")).isEqualTo(-1);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "{}",
        "{\"cat\": \"one\"}",
        "{\"cat\": -1}",
        "[1]",
        "{",
        "a,1\na,2",
        "a,9999999"
      })
  void whatSaysNoNumbersIsRefused(String text) {
    assertThatThrownBy(() -> read(text))
        .isInstanceOf(DataException.class)
        .hasMessageContaining("classes.txt");
  }

  @Test
  void outputsWithoutANameAreCalledByTheirNumber() throws Exception {
    assertThat(read("b,3").names()).containsExactly("0", "1", "2", "b");
  }

  /** The first, two from the middle and the last of ILSVRC 2012's list. */
  @Test
  void imageNet() {
    ClassMap map = ClassMap.imageNet();
    assertThat(map.names()).hasSize(1000).isSorted().doesNotHaveDuplicates();
    assertThat(map.output("n01440764")).isZero(); // tench
    assertThat(map.output("n02123045")).isEqualTo(281); // tabby
    assertThat(map.output("n03028079")).isEqualTo(497); // church
    assertThat(map.output("n15075141")).isEqualTo(999); // toilet tissue
  }

  private DataSource pictures(String... classes) throws Exception {
    for (String name : classes) {
      TestFiles.write(
          folder.resolve("train").resolve(name).resolve("a.png"), TestFiles.png(2, 2, 9));
      TestFiles.write(folder.resolve("val").resolve(name).resolve("a.png"), TestFiles.png(2, 2, 9));
    }
    return Datasets.open(folder);
  }

  private static int[] labels(DataSource source) {
    return IntStream.range(0, source.train().size()).map(source.train()::label).toArray();
  }

  @Test
  void synsetsAreRecognisedWhereAModelHasAllOutputs() throws Exception {
    try (DataSource source = pictures("n03028079", "n01440764")) {
      DataSource numbered = source.forOutputs(1000);
      assertThat(labels(numbered)).containsExactly(0, 497);
      assertThat(numbered.validation().label(1)).isEqualTo(497);
      assertThat(numbered.description())
          .contains("2 classes", "numbered by ImageNet, which names 1,000 classes");
      assertThat(numbered.labels()).isEqualTo(2);
      assertThat(numbered.identity()).isNotEqualTo(source.identity());
      assertThat(source.forOutputs(2)).isSameAs(source);
      assertThat(labels(source.forOutputs(10))).containsExactly(0, 1);
    }
  }

  @Test
  void fewerFoldersThanOutputsAreSaid() throws Exception {
    try (DataSource source = pictures("cat", "dog")) {
      assertThat(source.forOutputs(1000).description())
          .endsWith(
              "the model tells 1,000 apart: folders are taken for its outputs 0 to 1 in the order of"
                  + " their names (--classes FILE says otherwise)");
      // Names are counted, not outputs up to the last that has one.
      assertThat(source.numbered(read("cat,7\ndog,2")).description())
          .endsWith("which names 2 classes");
      assertThatThrownBy(() -> source.numbered(read("cat,7\nfox,8")))
          .isInstanceOf(DataException.class)
          .hasMessageContaining("class folder dog is not in ");
    }
    try (DataSource digits = Datasets.open(Datasets.DIGITS)) {
      assertThat(digits.forOutputs(1000)).isSameAs(digits);
      assertThatThrownBy(() -> digits.numbered(ClassMap.imageNet()))
          .hasMessageContaining("has no class folders");
    }
  }
}
