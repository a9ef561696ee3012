package io.gohsp.train;

import io.gohsp.autodiff.Loss;
import io.gohsp.data.Batch;
import io.gohsp.data.DataException;
import io.gohsp.data.Dataset;
import io.gohsp.data.ModelInputs;
import io.gohsp.data.ModelOutputs;
import io.gohsp.ir.Location;
import io.gohsp.ir.Model;
import io.gohsp.ir.ModelException;
import io.gohsp.ir.Value;
import io.gohsp.ir.ValueType;
import io.gohsp.ort.HostTensor;
import io.gohsp.plan.InvalidOption;
import io.gohsp.tensor.ElementType;
import java.nio.LongBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.OptionalInt;
import org.jspecify.annotations.Nullable;

/**
 * What a model is trained towards: labels, a teacher, or both. Says which losses the training graph
 * computes, and what their targets are for a batch.
 *
 * <p>Labels: cross-entropy of the class scores (see {@link ModelOutputs#logits}). Teacher: for them
 * the divergence from the teacher's softened distribution (METHOD.md section 3); a model without
 * such an output, an encoder for example, learns to give the teacher's outputs themselves, in mean
 * squares, but for what is said about padding.
 */
public final class Objective {
  /**
   * How much the teacher counts.
   *
   * @param temperature both distributions are softened by it, more than 0
   * @param weight of the teacher's part of the loss, in [0, 1]; labels have the rest
   */
  public record Distillation(double temperature, double weight) {
    public static final Distillation STANDARD = new Distillation(2, 0.5);

    public Distillation {
      if (!(temperature > 0) || !(weight >= 0 && weight <= 1)) {
        throw new InvalidOption(
            "distillation needs a temperature above 0 and a weight from 0 to 1, not "
                + temperature
                + " and "
                + weight);
      }
    }
  }

  /** A loss and where its target comes from. */
  private record Term(Loss loss, boolean taught) {}

  private final List<Term> terms;
  private final List<Value> outputs;
  private final @Nullable Value logits;
  private final int classes;
  private final double smoothing;
  private final @Nullable Teacher teacher;

  private Objective(
      List<Term> terms,
      List<Value> outputs,
      @Nullable Value logits,
      int classes,
      double smoothing,
      @Nullable Teacher teacher) {
    this.terms = terms;
    this.outputs = outputs;
    this.logits = logits;
    this.classes = classes;
    this.smoothing = smoothing;
    this.teacher = teacher;
  }

  /**
   * Finds what can be trained.
   *
   * @param model the model that is trained
   * @param labelled whether there are labels
   * @param mixed whether samples are mixed, so that labels are shares of classes
   * @param smoothing share of the probability that is spread over all classes
   * @param teacher null if labels are all there is
   * @param distillation how much the teacher counts; without labels its weight is 1
   * @throws ModelException.Unsupported if there are labels but no output of class scores, or
   *     neither labels nor a teacher
   */
  public static Objective of(
      Model model,
      boolean labelled,
      boolean mixed,
      double smoothing,
      @Nullable Teacher teacher,
      Distillation distillation) {
    if (!labelled && teacher == null) {
      throw new InvalidOption(
          "the data has no labels: give a teacher to learn from (--teacher MODEL)");
    }
    Value logits = ModelOutputs.logits(model);
    if (labelled && logits == null) {
      throw new ModelException.Unsupported(
          Location.of(model),
          "no output of class scores [batch, classes] that labels could be compared with",
          "leave out the labels and train towards a teacher");
    }
    List<Term> terms = new ArrayList<>();
    boolean both = labelled && teacher != null;
    if (labelled && !(both && distillation.weight() == 1)) {
      float weight = (float) (both ? 1 - distillation.weight() : 1);
      Value scores = Objects.requireNonNull(logits);
      terms.add(
          new Term(
              mixed
                  ? new Loss.SoftCrossEntropy(scores, weight)
                  : new Loss.CrossEntropy(scores, (float) smoothing, weight),
              false));
    }
    List<Value> outputs = logits == null ? ModelOutputs.floating(model) : List.of(logits);
    if (teacher != null && !(both && distillation.weight() == 0)) {
      double weight = both ? distillation.weight() : 1;
      for (Value output : outputs) {
        terms.add(
            new Term(
                logits == null
                    ? new Loss.FeatureMatch(
                        output, (float) (weight / outputs.size()), teacher.isPartial())
                    : new Loss.Distillation(
                        output, (float) distillation.temperature(), (float) weight),
                true));
      }
    }
    int classes = logits == null ? 0 : ModelOutputs.classes(model, logits);
    return new Objective(
        List.copyOf(terms), List.copyOf(outputs), logits, classes, smoothing, teacher);
  }

  /**
   * What a model can be trained on where the caller brings the targets: labels of its class scores,
   * or values of all its floating outputs if it has no scores.
   *
   * @throws ModelException.Unsupported if it has no floating output
   */
  public static Objective given(Model model) {
    Value logits = ModelOutputs.logits(model);
    List<Value> outputs = taught(model);
    List<Term> terms =
        logits == null
            ? outputs.stream()
                .map(output -> new Term(new Loss.FeatureMatch(output, 1f / outputs.size()), true))
                .toList()
            : List.of(new Term(new Loss.CrossEntropy(logits, 0, 1), false));
    int classes = logits == null ? 0 : ModelOutputs.classes(model, logits);
    return new Objective(terms, List.copyOf(outputs), logits, classes, 0, null);
  }

  /** The outputs that are trained or taught: class scores, or all floating outputs. */
  public static List<Value> taught(Model model) {
    Value logits = ModelOutputs.logits(model);
    return logits == null ? ModelOutputs.floating(model) : List.of(logits);
  }

  /** In the order of their targets. */
  public List<Loss> losses() {
    return terms.stream().map(Term::loss).toList();
  }

  /** What is to be returned beside the loss. */
  List<Value> outputs() {
    return outputs;
  }

  /** Class scores among the outputs; null if there are none. */
  public @Nullable Value logits() {
    return logits;
  }

  /** How many classes the scores are for; 0 if there are none. */
  public int classes() {
    return classes;
  }

  /**
   * Compares labels with the class scores.
   *
   * @throws DataException if there are labels that the model has no score for
   */
  public void requireClasses(Dataset data) {
    int known = data.classes().size();
    if (logits != null && data.isLabelled() && known > classes) {
      throw new DataException(
          data.size() == 0 ? "data" : data.name(0),
          known + " classes, but the model tells " + classes + " apart",
          "use data with the model's classes, or a model with as many outputs");
    }
  }

  @Nullable Teacher teacher() {
    return teacher;
  }

  /** One target for each loss, in their order. */
  List<HostTensor> targets(Batch batch) {
    Map<String, HostTensor> taught =
        terms.stream().anyMatch(Term::taught)
            ? Objects.requireNonNull(teacher).outputs(batch.inputs())
            : Map.of();
    List<HostTensor> targets = new ArrayList<>();
    for (Term term : terms) {
      targets.add(
          term.taught()
              ? asFloats(Objects.requireNonNull(taught.get(term.loss().value().name())))
              : term.loss() instanceof Loss.CrossEntropy ? labels(batch) : shares(batch));
    }
    return targets;
  }

  private static HostTensor labels(Batch batch) {
    HostTensor labels = HostTensor.allocate(ElementType.INT64, batch.rows());
    LongBuffer into = labels.bytes().asLongBuffer();
    for (int row = 0; row < batch.rows(); row++) {
      into.put(batch.label(row));
    }
    return labels;
  }

  private HostTensor shares(Batch batch) {
    HostTensor shares = HostTensor.allocate(ElementType.FLOAT, batch.rows(), classes);
    batch.targets(classes, smoothing, shares.bytes().asFloatBuffer());
    return shares;
  }

  private static HostTensor asFloats(HostTensor tensor) {
    return tensor.type() == ElementType.FLOAT
        ? tensor
        : HostTensor.ofFloats(tensor.dims(), tensor.floats());
  }

  /** The batch that is built into a model; empty if it takes any. */
  public static OptionalInt builtInBatch(Model model) {
    return ModelInputs.builtInBatch(ModelInputs.of(model));
  }

  /**
   * Fails if a model only takes batches of another size.
   *
   * @throws InvalidOption if so
   */
  public static void requireBatch(Model model, int batch) {
    for (Value input : model.graph().inputs()) {
      if (input.constant() == null
          && input.type() instanceof ValueType.TensorType type
          && type.shape() != null
          && !type.shape().isEmpty()
          && type.shape().get(0).isKnown()
          && type.shape().get(0).value() != batch) {
        throw new InvalidOption(
            "the model takes batches of %d only (input \"%s\"), not of %d; export it with a free batch size, or give --batch %d"
                .formatted(
                    type.shape().get(0).value(), input.name(), batch, type.shape().get(0).value()));
      }
    }
  }
}
