package io.gohsp.shape;

import io.gohsp.op.ConvOp;
import io.gohsp.op.Window;
import io.gohsp.tensor.ElementType;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Operators that slide a window over spatial axes, and resizing. Channels come second. */
final class ConvolutionShapes {
  private ConvolutionShapes() {}

  static void register(ShapeRules rules) {
    rules.standard(facts -> conv(facts, 1, facts.type(0)), "Conv", "ConvTranspose", "DeformConv");
    rules.microsoft(facts -> conv(facts, 1, facts.type(0)), "FusedConv");
    rules.microsoft(ConvolutionShapes::channelsLast, "NhwcConv", "NhwcFusedConv");
    rules.standard(ConvolutionShapes::pool, "AveragePool", "LpPool", "MaxPool");
    rules.standard(
        ConvolutionShapes::globalPool, "GlobalAveragePool", "GlobalLpPool", "GlobalMaxPool");
    rules.standard(facts -> Resizing.resize(facts), "Resize");
    rules.standard(facts -> Resizing.upsample(facts), "Upsample");
    rules.standard(ConvolutionShapes::gridSample, "GridSample");
    rules.standard(ConvolutionShapes::roiAlign, "RoiAlign");
  }

  /**
   * @param weight which operand is the weight
   */
  static void conv(NodeFacts facts, int weight, @Nullable ElementType type) {
    List<Size> x = facts.shape(0);
    List<Size> w = facts.shape(weight);
    facts.result(type, x == null || w == null ? null : conv(facts, x, w));
  }

  private static List<Size> conv(NodeFacts facts, List<Size> x, List<Size> w) {
    ConvOp op = ConvOp.of(facts.node(), x.size() - 2);
    if (w.size() != x.size()) {
      throw facts.malformed("the weight " + w + " does not go with " + x);
    }
    Size group = Size.of(op.group());
    Size in = op.transposed() ? w.get(0) : w.get(1).times(group);
    if (x.get(1).isKnown() && in.isKnown() && !in.equals(x.get(1))) {
      throw facts.malformed("the weight " + w + " in " + group + " groups does not go with " + x);
    }
    List<Size> result = new ArrayList<>();
    result.add(x.get(0));
    result.add(op.transposed() ? w.get(1).times(group) : w.get(0));
    for (int i = 0; i < x.size() - 2; i++) {
      Size kernel =
          op.window().kernel() != null ? Size.of(op.window().kernel().get(i)) : w.get(i + 2);
      Size extent =
          op.transposed()
              ? transposed(facts, op.window(), x.get(i + 2), kernel, i)
              : steps(op.window(), x.get(i + 2), kernel, i);
      result.add(extent);
    }
    return List.copyOf(result);
  }

  /** How many places a window has along one spatial axis. */
  private static Size steps(Window window, Size extent, Size kernel, int i) {
    long stride = window.strides().get(i);
    if (window.autoPad().startsWith("SAME")) {
      return extent.ceilDiv(stride);
    }
    Size span = kernel.minus(Size.ONE).times(Size.of(window.dilations().get(i)));
    Size pads = Size.ZERO;
    if (!window.autoPad().equals("VALID")) {
      pads =
          Size.of(
              Math.addExact(window.pads().get(i), window.pads().get(i + window.strides().size())));
    }
    Size room = extent.plus(pads).minus(span).minus(Size.ONE);
    Size moves = window.ceil() ? room.ceilDiv(stride) : room.floorDiv(Size.of(stride));
    Size places = moves.plus(Size.ONE);
    if (window.ceil() && extent.isKnown() && places.isKnown()) {
      // a window that would start in the padding after the end does not count
      long lastStart = (places.value() - 1) * stride;
      boolean beyond = lastStart >= extent.value() + window.pads().get(i);
      return beyond ? places.minus(Size.ONE) : places;
    }
    return places;
  }

  private static Size transposed(NodeFacts facts, Window window, Size extent, Size kernel, int i) {
    List<Long> stated = facts.node().intsAttribute("output_shape");
    if (stated != null && i < stated.size()) {
      return Size.of(stated.get(i + stated.size() - window.strides().size()));
    }
    Size stride = Size.of(window.strides().get(i));
    if (window.autoPad().startsWith("SAME")) {
      return extent.times(stride);
    }
    List<Long> extra = facts.node().intsAttribute("output_padding");
    Size span = kernel.minus(Size.ONE).times(Size.of(window.dilations().get(i)));
    Size pads =
        window.autoPad().equals("VALID")
            ? Size.ZERO
            : Size.of(window.pads().get(i) + window.pads().get(i + window.strides().size()));
    return extent
        .minus(Size.ONE)
        .times(stride)
        .plus(span)
        .plus(Size.ONE)
        .plus(Size.of(extra == null ? 0 : extra.get(i)))
        .minus(pads);
  }

  private static void channelsLast(NodeFacts facts) {
    List<Size> x = facts.shape(0);
    List<Size> w = facts.shape(1);
    if (x == null || w == null || x.size() < 3) {
      facts.result(facts.type(0), null);
      return;
    }
    List<Size> channelsSecond = new ArrayList<>(x);
    channelsSecond.add(1, channelsSecond.remove(x.size() - 1));
    List<Size> result = new ArrayList<>(conv(facts, channelsSecond, w));
    result.add(result.remove(1));
    facts.result(facts.type(0), List.copyOf(result));
  }

  static void pool(NodeFacts facts) {
    List<Size> x = facts.shape(0);
    List<Size> result = null;
    if (x != null) {
      Window window = Window.of(facts.node(), x.size() - 2);
      if (window.kernel() == null) {
        throw facts.malformed("has no kernel_shape");
      }
      result = new ArrayList<>(x.subList(0, 2));
      for (int i = 0; i < x.size() - 2; i++) {
        result.add(steps(window, x.get(i + 2), Size.of(window.kernel().get(i)), i));
      }
    }
    facts.result(0, facts.type(0), result);
    facts.result(1, ElementType.INT64, result);
  }

  static void globalPool(NodeFacts facts) {
    List<Size> x = facts.shape(0);
    if (x != null && x.size() >= 2) {
      List<Size> result = new ArrayList<>(x.subList(0, 2));
      x.subList(2, x.size()).forEach(extent -> result.add(Size.ONE));
      x = List.copyOf(result);
    }
    facts.result(facts.type(0), x);
  }

  /** X [B, C, ...] at the points of a grid [B, out..., axes]. */
  private static void gridSample(NodeFacts facts) {
    List<Size> x = facts.shape(0);
    List<Size> grid = facts.shape(1);
    if (x == null || grid == null || x.size() < 2 || grid.size() < 2) {
      facts.result(facts.type(0), null);
      return;
    }
    facts.result(
        facts.type(0), Shapes.concatenated(x.subList(0, 2), grid.subList(1, grid.size() - 1)));
  }

  private static void roiAlign(NodeFacts facts) {
    List<Size> x = facts.shape(0, 4);
    List<Size> rois = facts.shape(1, 2);
    Size height = Size.of(facts.node().intAttribute("output_height", 1));
    Size width = Size.of(facts.node().intAttribute("output_width", 1));
    facts.result(
        facts.type(0),
        List.of(
            rois == null ? facts.fresh(0, 0) : rois.get(0),
            x == null ? facts.fresh(0, 1) : x.get(1),
            height,
            width));
  }
}
