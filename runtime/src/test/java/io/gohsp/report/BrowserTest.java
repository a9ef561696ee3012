package io.gohsp.report;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.CleanupMode;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What a real browser makes of a report. Skipped where none is installed. */
class BrowserTest {
  /** A browser that was told to end may still hold files of its profile. */
  @TempDir(cleanup = CleanupMode.ON_SUCCESS)
  Path directory;

  private Browser browser;

  @BeforeEach
  void findBrowser() {
    Optional<Browser> found = Browser.find(directory);
    assumeTrue(found.isPresent(), "no browser is installed");
    browser = found.orElseThrow();
  }

  private static PruningReport report(String name) {
    return switch (name) {
      case "small" -> Reports.trained();
      case "large" -> Reports.trained(24, 16, 50);
      default -> Reports.dataFree();
    };
  }

  /**
   * A page that shows a report in a frame, for windows cannot be as narrow as telephones, and then
   * says what it measured.
   */
  private List<Integer> measured(String html, int width) throws IOException, InterruptedException {
    Files.writeString(directory.resolve("report.html"), html);
    Path page = directory.resolve("frame.html");
    Files.writeString(
        page,
        """
        <!DOCTYPE html><html><body><p id="measured"></p>
        <iframe id="frame" src="report.html" style="border:0;width:%dpx;height:800px"></iframe>
        <script>
        document.getElementById("frame").onload = event => {
          const page = event.target.contentDocument;
          for (const details of page.querySelectorAll("details")) details.open = true;
          const root = page.documentElement;
          const charts = [...page.querySelectorAll("figure svg")]
              .filter(svg => svg.getBoundingClientRect().right > root.clientWidth + 0.5);
          const tall = root.scrollHeight;
          document.getElementById("measured").textContent =
              "measured " + [root.clientWidth, root.scrollWidth, charts.length, tall].join(" ");
        };
        </script></body></html>
        """
            .formatted(width));
    Matcher numbers =
        Pattern.compile("measured (\\d+) (\\d+) (\\d+) (\\d+)").matcher(browser.dom(page));
    assertThat(numbers.find()).as("the page was measured").isTrue();
    List<Integer> all = new ArrayList<>();
    for (int i = 1; i <= numbers.groupCount(); i++) {
      all.add(Integer.valueOf(numbers.group(i)));
    }
    return all;
  }

  @ParameterizedTest
  @CsvSource({"small,390", "large,390", "free,390", "large,320", "small,1280", "large,1280"})
  void nothingSticksOut(String name, int width) throws IOException, InterruptedException {
    List<Integer> measured = measured(HtmlReport.html(report(name)), width);

    // Scroll bars of headless browsers take no room.
    assertThat(measured.get(1)).as("width of the contents").isLessThanOrEqualTo(measured.get(0));
    assertThat(measured.get(2)).as("charts that stick out").isZero();
    assertThat(measured.get(3)).as("height").isGreaterThan(800);
  }

  @Test
  void measuringFindsWhatSticksOut() throws IOException, InterruptedException {
    String html =
        HtmlReport.html(Reports.dataFree())
            .replace("<main>", "<main><div style=\"width:800px\">wide</div>");

    assertThat(measured(html, 390).get(1)).isGreaterThan(390);
  }

  @ParameterizedTest
  @CsvSource({"500", "1280"})
  void showsSomething(int width) throws IOException, InterruptedException {
    Path page = directory.resolve("report.html");
    HtmlReport.write(Reports.trained(), page);

    BufferedImage picture = ImageIO.read(browser.screenshot(page, width, 900).toFile());

    assertThat(picture.getWidth()).isEqualTo(width);
    long colours =
        Arrays.stream(picture.getRGB(0, 0, width, 900, null, 0, width)).distinct().count();
    assertThat(colours).as("letters, bars and tiles").isGreaterThan(50);
  }
}
