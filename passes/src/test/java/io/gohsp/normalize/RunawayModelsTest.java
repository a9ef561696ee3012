package io.gohsp.normalize;

import static org.assertj.core.api.Assertions.assertThat;

import io.gohsp.ir.ModelException;
import io.gohsp.text.OnnxText;
import java.lang.management.ManagementFactory;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Analysing a model ends, with an answer or a refusal, in time and memory that go with its size.
 */
class RunawayModelsTest {
  /** Of a processor; the slowest takes a tenth of it. */
  private static final long SECONDS = 30;

  static Set<String> names() {
    return RunawayModels.all().keySet();
  }

  /** Which of the bounds it is, of some. */
  private static final Map<String, String> REFUSALS =
      Map.of(
          "functions that call each other", "more than 100000 nodes come of it",
          "a value beside itself", "has an axis of more than 4096 parts",
          "thousands of open extents", "an extent is a formula of more than 256 parts",
          "thousands of axes", "the result would have 4001 axes",
          "dozens of open axes made one", "parts have parts, 100 times over",
          "a chain of reshapes to what only run time knows", "parts have parts, 100 times over",
          "an attribute of a million numbers", "perm [1, 1, ",
          "long tables of formulas", "takes more steps to analyse than a model of its size");

  @ParameterizedTest
  @MethodSource("names")
  @Timeout(600)
  void ends(String name) {
    String text = RunawayModels.all().get(name);
    String refusal = null;
    long start = processorTime();
    try {
      Inspection.of(OnnxText.parse(text));
    } catch (ModelException refused) {
      refusal = refused.getMessage();
      assertThat(refusal).matches("(?s).{20,1000}");
    }
    assertThat(processorTime() - start).isLessThan(SECONDS * 1_000_000_000);
    if (REFUSALS.containsKey(name)) {
      assertThat(refusal).contains(REFUSALS.get(name));
    }
  }

  @Test
  void refusalsAreOfModelsThatThereAre() {
    assertThat(names()).containsAll(REFUSALS.keySet());
  }

  private static long processorTime() {
    return ManagementFactory.getThreadMXBean().getCurrentThreadCpuTime();
  }
}
