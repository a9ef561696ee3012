package io.gohsp.ranking;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class SimilarityScaleTest {
  private static final double[] WEIGHTS = {0.2126, 0.7152, 0.0722};

  @Test
  void nearlyEqualSimilaritiesAreToldApart() {
    SimilarityScale scale =
        SimilarityScale.of(new double[][] {{1, 0.9971, 0.9984}, {0.9971, 1, 1}, {0.9984, 1, 1}});

    assertThat(scale.text(0.9971)).isEqualTo("0.9971");
    assertThat(List.of(scale.steps(0.9971), scale.steps(0.9984), scale.steps(1)))
        .containsExactly(0L, 13L, 29L);
  }

  /**
   * Numbers in cells: 4.5 to 1, which WCAG 2 asks of text, in the colours of HeadPicture's style.
   */
  @ParameterizedTest
  @CsvSource({"ffffff, 08306b, 000000, 000000, ffffff", "12161d, 9ecbff, ffffff, 000000, 000000"})
  void numbersStandOutFromTheirShades(
      String paper, String ink, String pale, String middle, String deep) {
    SimilarityScale scale = new SimilarityScale(0, 1);
    Map<String, String> tones = Map.of("hg-pale", pale, "hg-middle", middle, "hg-deep", deep);
    for (double s = 0; s <= 1; s += 1 / 64.0) {
      double shade = 0;
      for (int channel = 0; channel < 3; channel++) {
        double from = channel(paper, channel);
        double mixed = from + (channel(ink, channel) - from) * scale.opacity(s);
        shade += linear(mixed) * WEIGHTS[channel];
      }
      assertThat(contrast(shade, luminance(tones.get(scale.tone(s)))))
          .as("at %s", s)
          .isGreaterThanOrEqualTo(4.5);
    }
  }

  private static double channel(String colour, int channel) {
    return Integer.parseInt(colour.substring(2 * channel, 2 * channel + 2), 16) / 255.0;
  }

  private static double linear(double channel) {
    return channel <= 0.04045 ? channel / 12.92 : Math.pow((channel + 0.055) / 1.055, 2.4);
  }

  private static double luminance(String colour) {
    double sum = 0;
    for (int channel = 0; channel < 3; channel++) {
      sum += WEIGHTS[channel] * linear(channel(colour, channel));
    }
    return sum;
  }

  private static double contrast(double a, double b) {
    return (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
  }
}
