package io.gohsp.text;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class OnnxPrinterTest {
  private static String entry(String contents, TensorText style) {
    String text =
        OnnxPrinter.print(OnnxText.parse("g () => () <" + contents + "> {}").graph(), style);
    return text.substring(text.indexOf('<') + 1, text.indexOf('>', text.indexOf('<'))).strip();
  }

  @Test
  void leavesOutLargeContents() {
    assertThat(entry("float[16] w = zeros", TensorText.BRIEF))
        .isEqualTo("float[16] w = {0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0}");
    assertThat(entry("float[17] w = zeros", TensorText.BRIEF)).isEqualTo("float[17] w = {...}");
    assertThat(entry("int8[17] w = range", TensorText.FULL))
        .isEqualTo("int8[17] w = {0,1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16}");
  }

  @Test
  void digestsTellContentsApart() {
    String one = entry("float[4,5] w = random(1, 1)", TensorText.DIGEST);
    assertThat(one).matches("float\\[4,5] w = \\{\\.\\.\\. crc32 [0-9a-f]{8}}");
    assertThat(entry("float[4,5] w = random(1, 1)", TensorText.DIGEST)).isEqualTo(one);
    assertThat(entry("float[4,5] w = random(2, 1)", TensorText.DIGEST)).isNotEqualTo(one);
  }

  @Test
  void quotesWhatIsNoIdentifier() {
    String text =
        """
        "a b" ("float", "nan", _ok1, "1x", "ü") => () {
        }
        """;
    assertThat(OnnxPrinter.print(OnnxText.parse(text).graph())).isEqualTo(text);
  }
}
