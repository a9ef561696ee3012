package io.gohsp.shape;

import static org.assertj.core.api.Assertions.fail;

import io.gohsp.cost.CostModel;
import io.gohsp.ir.Model;
import io.gohsp.ir.ModelException;
import io.gohsp.ir.OpId;
import io.gohsp.lower.Lowering;
import io.gohsp.normalize.WorkingModel;
import io.gohsp.zero.DeadUnits;
import java.util.Collection;
import java.util.Random;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Whatever a file says, the rules of an operator (shapes, axes, blocks, costs, zeroes, lowering)
 * answer or refuse the model with a reason; they never break.
 */
class RulesRobustnessTest {
  private static final int TRIES = 300;

  static Collection<OpId> operators() {
    return ShapeRules.standard().operators();
  }

  @ParameterizedTest
  @MethodSource("operators")
  void answerOrRefuse(OpId op) {
    answerOrRefuse(op, 0, TRIES);
  }

  @ParameterizedTest
  @MethodSource("operators")
  @Tag("slow") // 5 million models
  void answerOrRefuseAgainAndAgain(OpId op) {
    answerOrRefuse(op, TRIES, 20_000);
  }

  private static void answerOrRefuse(OpId op, int from, int to) {
    for (int seed = from; seed < to; seed++) {
      Model model = RandomNode.model(op, new Random(seed));
      try {
        ShapeInference.of(model);
        DeadUnits.of(WorkingModel.normalized(model));
        CostModel.of(model);
        Lowering.of(model);
      } catch (ModelException.PassFailed broken) {
        fail("%s with seed %d".formatted(op, seed), broken);
      } catch (ModelException expected) {
        // one of the two ways to pass
      } catch (RuntimeException broken) {
        fail(
            "%s with seed %d: %s".formatted(op, seed, model.graph().nodes().get(0).attributes()),
            broken);
      }
    }
  }
}
