package example;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.gohsp.Pruner;
import io.gohsp.cost.CostModel;
import io.gohsp.equivalence.Provenance;
import io.gohsp.equivalence.Verification;
import io.gohsp.io.OnnxReader;
import io.gohsp.ir.Model;
import io.gohsp.ir.ModelException;
import io.gohsp.method.Methods;
import io.gohsp.verify.Verdict;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;

class PrunedModelTest {
  private final Path original = Path.of(System.getProperty("model"));
  private final Path pruned = Path.of(System.getProperty("pruned"));

  @Test
  void isTheCutThatItsPlanSays() {
    Model model = OnnxReader.read(pruned);
    Verdict verdict =
        Verification.STANDARD.check(
            OnnxReader.read(original), Provenance.of(model), model, List.of());
    assertTrue(verdict.passed(), verdict::summary);
  }

  @Test
  void isSmallEnough() {
    long before = CostModel.of(OnnxReader.read(original)).params();
    assertTrue(CostModel.of(OnnxReader.read(pruned)).params() <= 0.6 * before);
  }

  /** On samples that it was not pruned by; such tests tell whether a new model may be shipped. */
  @Test
  void saysMostlyWhatTheOriginalDoes() {
    double same =
        Pruner.read(original).data("digits").agreement(OnnxReader.read(pruned)).sameClass();
    assertTrue(same >= 0.5, "top-1 agreement " + same);
  }

  /** What is chosen by weights may be compared with what heads do. */
  @Test
  void ranksHeads() {
    var ranked = Pruner.read(original).data("digits").calibration(32).rank();
    assertEquals(3, ranked.blocks().size());
  }

  /** This project left out what measuring on samples needs, and is told so when it tries. */
  @Test
  void saysWhatMeasuringNeeds() {
    ModelException missing =
        assertThrows(
            ModelException.class,
            () -> Pruner.read(original).keepParams(0.6).data("digits").epochs(0).prune());
    assertTrue(missing.getMessage().contains("org.bytedeco:openblas"), missing::getMessage);
  }

  /** Models are made by one thread each; threads share nothing. */
  @Test
  void severalThreadsPruneAlike() throws Exception {
    Callable<String> task =
        () ->
            Pruner.read(original)
                .keepParams(0.4)
                .method(Methods.SOMP)
                .prune()
                .plan()
                .blocks()
                .toString();
    ExecutorService threads = Executors.newFixedThreadPool(3);
    try {
      List<Future<String>> plans = threads.invokeAll(List.of(task, task, task));
      assertEquals(plans.get(0).get(), plans.get(1).get());
      assertEquals(plans.get(0).get(), plans.get(2).get());
    } finally {
      threads.shutdown();
    }
  }
}
