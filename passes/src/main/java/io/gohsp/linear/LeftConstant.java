package io.gohsp.linear;

import io.gohsp.ir.ModelException;
import io.gohsp.ir.Node;
import io.gohsp.ir.Value;
import io.gohsp.op.ConstantValue;
import io.gohsp.tensor.Tensor;
import java.util.Objects;

/**
 * What a branch that is gone still adds to the stream, {@code y = x + c}: a number for each channel
 * ({@code BranchRemoval} puts it there), which a correction moves to where the branch was on the
 * mean.
 */
public final class LeftConstant implements Correctable {
  private final Node addition;
  private final int operand;
  private final int channels;
  private final boolean channelsSecond;

  private LeftConstant(Node addition, int operand, int channels, boolean channelsSecond) {
    this.addition = addition;
    this.operand = operand;
    this.channels = channels;
    this.channelsSecond = channelsSecond;
  }

  /**
   * Reads an addition of a constant.
   *
   * @throws ModelException.Unsupported if it adds no number for each channel
   */
  public static LeftConstant of(Node addition) {
    int operand = ConstantValue.of(addition.input(1)) == null ? 0 : 1;
    Tensor constant = ConstantValue.of(addition.input(operand));
    if (constant == null || !constant.type().isFloating() || constant.rank() < 1) {
      throw StoredWeight.unsupported(addition, "adds no constant of real numbers");
    }
    long channels = constant.dim(0);
    if (constant.size() != channels) {
      throw StoredWeight.unsupported(addition, "adds more than one number for each channel");
    }
    return new LeftConstant(addition, operand, Math.toIntExact(channels), constant.rank() > 1);
  }

  @Override
  public Value output() {
    return addition.output();
  }

  /** The constant. */
  public Value stored() {
    return addition.input(operand);
  }

  @Override
  public Activation read() {
    return new Activation(addition.input(1 - operand), channels, channelsSecond);
  }

  @Override
  public int inputs() {
    return channels;
  }

  @Override
  public int outputs() {
    return channels;
  }

  @Override
  public boolean channelsSecond() {
    return channelsSecond;
  }

  @Override
  public boolean hasWeight() {
    return false;
  }

  @Override
  public boolean hasBias() {
    return true;
  }

  @Override
  public void add(double[] weights, double[] biases) {
    int behind = Objects.requireNonNull(ConstantValue.of(stored())).rank() - 1;
    Objects.requireNonNull(StoredBias.of(addition, operand, behind, channels)).add(biases);
  }
}
