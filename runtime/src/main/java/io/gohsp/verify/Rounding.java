package io.gohsp.verify;

import io.gohsp.ir.Model;
import io.gohsp.ir.ModelCopy;
import io.gohsp.ir.ModelException;
import io.gohsp.ir.Node;
import io.gohsp.ir.Traversal;
import io.gohsp.ir.Use;
import io.gohsp.ir.Value;
import io.gohsp.ort.HostTensor;
import io.gohsp.ort.OrtOptions;
import io.gohsp.ort.OrtOptions.Optimization;
import io.gohsp.ort.OrtProgram;
import io.gohsp.tensor.ElementType;
import io.gohsp.tensor.Tensor;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * How far runs of one model are apart that differ in rounding only: with ONNX Runtime's optimiser
 * and without, and with inputs, biases, scales and gates moved to a neighbouring number. What such
 * a run changes, another order of summation may change too, and nobody can tell a right file from a
 * wrong one below it. That holds for whatever arithmetic the model has (half precision, integers,
 * Round, Floor, Ceil, casts to integers), and is as small as it is: a model that only stores its
 * weights in half precision rounds as finely as any.
 */
public final class Rounding {
  /** Where a parameter takes part in real arithmetic and does not state a size. */
  private static final Set<String> ARITHMETIC =
      Set.of(
          "Add",
          "Sub",
          "Mul",
          "Div",
          "MatMul",
          "Gemm",
          "Conv",
          "BatchNormalization",
          "LayerNormalization",
          "SimplifiedLayerNormalization",
          "RMSNormalization",
          "SkipLayerNormalization",
          "SkipSimplifiedLayerNormalization",
          "QuantizeLinear",
          "DequantizeLinear",
          "BiasGelu",
          "FastGelu",
          "Attention",
          "MultiHeadAttention");

  /** Larger parameters are left alone; no copies of large weights are made. */
  private static final int LARGEST = 1 << 16;

  /** Magnitudes from here on mean infinity. */
  private static final float ENDLESS = 1e30f;

  /**
   * In 16 bits a neighbour is far away, and another order of summation reaches it seldom: of so
   * many numbers one is moved.
   */
  private static final int SELDOM = 16;

  private static final int FIRST_NUDGES = 2;
  private static final int MORE_NUDGES = 6;

  /**
   * The neighbours of zero are subnormal, as is what they are multiplied by, and of such numbers a
   * product takes processors fifty times as long. This is as little, but for that.
   */
  private static final double LEAST = 1e-30;

  /** The last three bits: what many terms in another order may change. */
  private static final int FAR = 8;

  private final Model model;
  private final OrtOptions options;

  private final boolean weights;

  private Rounding(Model model, OrtOptions options, boolean weights) {
    this.model = model;
    this.options = options;
    this.weights = weights;
  }

  /**
   * Of a model; nothing is run until it is needed.
   *
   * @param options of the runs that the others are compared with
   */
  public static Rounding of(Model model, OrtOptions options) {
    return new Rounding(model, options, false);
  }

  /** Likewise, where weights are computed anew and rounded to the type they are stored in. */
  public static Rounding ofWeights(Model model, OrtOptions options) {
    return new Rounding(model, options, true);
  }

  Model model() {
    return model;
  }

  /** A run that differs in rounding only. */
  interface Twin {
    Map<String, HostTensor> run(Map<String, HostTensor> feed);
  }

  /** What is done with a twin. */
  interface Visitor {
    void visit(Twin twin);
  }

  /** Makes the model itself ready once more. */
  void same(Visitor visitor) {
    visit(model, options, feed -> feed, visitor);
  }

  /** Makes a few twins, one after the other: the optimised model, and neighbours. */
  void first(Visitor visitor) {
    visit(model, options.withOptimization(otherLevel()).withPrepack(true), feed -> feed, visitor);
    for (int i = 0; i < FIRST_NUDGES; i++) {
      nudge(i, 1, visitor);
    }
  }

  /**
   * Where a file says in real arithmetic what is meant in 8 bits (a quantised operator between
   * DequantizeLinear and QuantizeLinear), the whole optimiser computes in integers what the model
   * as it is written does not: that is other arithmetic and no rounding of this one.
   */
  private Optimization otherLevel() {
    boolean simulated = Traversal.allNodes(model).anyMatch(node -> node.is("DequantizeLinear"));
    return simulated || options.optimization() == Optimization.ALL
        ? Optimization.BASIC
        : Optimization.ALL;
  }

  /** More of them, whose numbers are moved further: for jumps, which are seldom seen. */
  void more(Visitor visitor) {
    for (int i = 0; i < MORE_NUDGES; i++) {
      nudge(FIRST_NUDGES + i, FAR, visitor);
    }
  }

  private void nudge(int number, int steps, Visitor visitor) {
    Random random = new Random(number);
    ModelCopy copy = ModelCopy.of(model);
    for (Value parameter : copy.model().graph().initializers()) {
      Tensor nudged = nudge(parameter, steps, random);
      if (nudged != null) {
        parameter.setConstant(nudged);
      }
    }
    visit(copy.model(), options, feed -> nudge(feed, steps, random), visitor);
  }

  private static void visit(
      Model model,
      OrtOptions options,
      UnaryOperator<Map<String, HostTensor>> feeds,
      Visitor visitor) {
    try (OrtProgram program =
        OrtProgram.compile("the reference, rounded otherwise", model, options)) {
      visitor.visit(feed -> program.run(feeds.apply(feed)));
    } catch (ModelException.ExecutionFailed e) {
      // This twin does not run, so it tells nothing.
    }
  }

  private @Nullable Tensor nudge(Value parameter, int steps, Random random) {
    Tensor old = parameter.constant();
    if (old == null || !isReal(old.type()) || old.rank() == 0) {
      return null;
    }
    boolean takesPart = weights && old.rank() > 1;
    for (Use use : parameter.uses()) {
      takesPart |= old.size() <= LARGEST && isArithmetic(use.node());
    }
    return takesPart
        ? Tensor.ofFloats(old.type(), old.dims(), nudge(old.type(), old.floats(), steps, random))
        : null;
  }

  private static boolean isReal(ElementType type) {
    return type == ElementType.FLOAT || type == ElementType.FLOAT16 || type == ElementType.BFLOAT16;
  }

  private static boolean isArithmetic(Node node) {
    return ARITHMETIC.contains(node.op().type());
  }

  /** Inputs of 32 bits. Those of 16 are what they are; their neighbours are other inputs. */
  private Map<String, HostTensor> nudge(Map<String, HostTensor> feed, int steps, Random random) {
    Map<String, HostTensor> nudged = new LinkedHashMap<>();
    feed.forEach(
        (name, tensor) ->
            nudged.put(
                name,
                tensor.type() == ElementType.FLOAT
                    ? HostTensor.ofFloats(
                        tensor.dims(), nudge(tensor.type(), tensor.floats(), steps, random))
                    : tensor));
    return nudged;
  }

  private float[] nudge(ElementType type, float[] numbers, int steps, Random random) {
    boolean wide = type == ElementType.FLOAT;
    for (int i = 0; i < numbers.length; i++) {
      boolean moves = wide || weights || steps > 1 || random.nextInt(SELDOM) == 0;
      if (moves && Math.abs(numbers[i]) < ENDLESS) {
        double step = (random.nextBoolean() ? 1 : -1) * Math.max(Ulp.of(type, numbers[i]), LEAST);
        numbers[i] += (float) (wide ? steps * step : step);
      }
    }
    return numbers;
  }
}
