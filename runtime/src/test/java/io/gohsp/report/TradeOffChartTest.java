package io.gohsp.report;

import static org.assertj.core.api.Assertions.assertThat;

import io.gohsp.report.TradeOffChart.Point;
import io.gohsp.report.TradeOffChart.Series;
import java.util.Collections;
import java.util.List;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

class TradeOffChartTest {
  /** Methods are drawn beside each other, and bars have ends: at both ends of the axis, too. */
  @Test
  void nothingIsDrawnBesideTheAxes() {
    List<Point> ends = List.of(new Point(0, 1, 0.1), new Point(100, 2, 0.1));
    Markup page = new Markup();

    new TradeOffChart(
            "it", "It", "", "x", "y", Collections.nCopies(4, new Series("one", ends)), List.of())
        .picture(page);

    List<Double> across =
        Pattern.compile("class=\"spread[^>]*>")
            .matcher(page.finish())
            .results()
            .map(MatchResult::group)
            .flatMap(
                line ->
                    Pattern.compile("x[12]=\"([^\"]*)\"")
                        .matcher(line)
                        .results()
                        .map(x -> Double.valueOf(x.group(1))))
            .toList();
    assertThat(across)
        .hasSize(4 * 2 * 3 * 2)
        .allMatch(x -> x >= ChartFrame.LEFT && x <= ChartFrame.WIDTH - ChartFrame.RIGHT);
  }
}
