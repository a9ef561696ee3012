package io.gohsp.autodiff;

import static io.gohsp.autodiff.Draw.constant;
import static io.gohsp.autodiff.Draw.fixed;
import static io.gohsp.autodiff.Draw.list;
import static io.gohsp.autodiff.Draw.longs;
import static io.gohsp.autodiff.Draw.size;

import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.StringJoiner;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/**
 * One call of an operator with random shapes, broadcasts and attributes, in the form of {@link
 * SmallNetworks}: a row for each operator that has a gradient rule. The element type is FLOAT where
 * ONNX Runtime has no kernel for DOUBLE.
 */
final class RandomNetworks {
  private static final Map<String, Function<Draw, String>> ROWS = new LinkedHashMap<>();

  static {
    for (String type : List.of("Exp", "Abs", "Neg", "Sin", "Cos", "Tanh", "Sigmoid", "Relu")) {
      unary(type, "double", "a", d -> "");
    }
    for (String type : List.of("Sqrt", "Log", "Reciprocal")) {
      unary(type, "double", "p", d -> "");
    }
    for (String type : List.of("Identity", "Dropout")) {
      unary(type, "double", "a", d -> "");
    }
    unary("Cast", "double", "a", d -> "<to = " + d.pick(1, 11) + ">");
    unary("Erf", "float", "a", d -> "");
    unary("Softplus", "float", "a", d -> "");
    unary("Gelu", "float", "a", d -> d.pick("", "<approximate = \"tanh\">"));
    unary("LeakyRelu", "float", "a", d -> alpha(d));
    unary("Elu", "float", "a", d -> alpha(d));
    unary("HardSigmoid", "float", "a", d -> "<alpha = " + d.decimal(0.1, 0.3) + ", beta = 0.5>");
    row("HardSwish", d -> "float" + d.open(d.shape(0, 3)) + " a | y = HardSwish(a)");
    row(
        "CastLike",
        d -> {
          String like = d.pick("float", "double");
          String x = "double" + d.open(d.shape(0, 3)) + " a";
          return x + " <" + like + " like = {1}> | y = CastLike(a, like)";
        });
    row(
        "Clip",
        d -> {
          String type = "double" + d.open(d.shape(1, 3)) + " a <double low = {-0.5}";
          return d.pick(
              type + "> | y = Clip(a, low)",
              type + ", double high = {0.4}> | y = Clip(a, low, high)",
              type + ", double high = {0.4}> | y = Clip(a, , high)");
        });

    row("Add", d -> broadcast(d, "double", "Add", "a", "b"));
    row("Sub", d -> broadcast(d, "double", "Sub", "a", "b"));
    row("Mul", d -> broadcast(d, "double", "Mul", "a", "b"));
    row("Div", d -> broadcast(d, "double", "Div", "a", "p"));
    row("Pow", d -> broadcast(d, "double", "Pow", "p", "b"));
    row("Sum", d -> broadcast(d, "double", "Sum", several(d)));
    row("Mean", d -> broadcast(d, "float", "Mean", several(d)));
    row("Max", d -> broadcast(d, "double", "Max", several(d)));
    row("Min", d -> broadcast(d, "double", "Min", several(d)));
    row(
        "Where",
        d -> {
          List<Integer> whole = d.shape(0, 3);
          List<Integer> condition = d.repeatable(whole);
          String c = constant("bool", "c", condition, d.numbers(condition, 0, 1));
          return operands(d, "double", whole, "a", "b") + " <" + c + "> | y = Where(c, a, b)";
        });

    row("MatMul", RandomNetworks::matMul);
    row("Gemm", RandomNetworks::gemm);
    row("Einsum", RandomNetworks::einsum);

    row("Softmax", d -> alongAxis(d, "Softmax"));
    row("LogSoftmax", d -> alongAxis(d, "LogSoftmax"));
    row("LayerNormalization", d -> norm(d, "LayerNormalization", d.chance(0.5)));
    row("RMSNormalization", d -> norm(d, "RMSNormalization", false));
    row("SimplifiedLayerNormalization", d -> norm(d, "SimplifiedLayerNormalization", false));
    row(
        "BatchNormalization",
        d -> {
          List<Integer> x = new ArrayList<>(d.shape(2, 4));
          String channels = list(x.get(1));
          String mean = constant("float", "m", List.of(x.get(1)), d.numbers(x.subList(1, 2), 0, 2));
          String variance =
              constant("float", "v", List.of(x.get(1)), d.numbers(x.subList(1, 2), 1, 3));
          return "float%s a, float%s s, float%s b <%s, %s> | y = BatchNormalization<epsilon = %s>(a, s, b, m, v)"
              .formatted(d.open(x), channels, channels, mean, variance, d.decimal(0.1, 1));
        });

    row(
        "InstanceNormalization",
        d -> {
          List<Integer> x = new ArrayList<>(d.shape(2, 2));
          x.add(d.number(2, 4)); // of one position nothing is left
          x.add(d.number(1, 3));
          String channels = list(x.get(1));
          return "float%s a, float%s s, float%s b | y = InstanceNormalization<epsilon = %s>(a, s, b)"
              .formatted(d.open(x), channels, channels, d.decimal(0.1, 1));
        });

    row("Conv", RandomNetworks::conv);
    row("ConvTranspose", RandomNetworks::convTranspose);
    row(
        "GlobalAveragePool",
        d -> "float" + d.open(d.shape(3, 4)) + " x | y = GlobalAveragePool(x)");
    row("AveragePool", d -> pool(d, "float", "AveragePool"));
    row("MaxPool", d -> pool(d, "double", "MaxPool"));
    row("Resize", RandomNetworks::resize);

    for (String type : List.of("ReduceSum", "ReduceMean", "ReduceMax", "ReduceMin")) {
      row(type, d -> reduction(d, "double", type, "x"));
    }
    for (String type : List.of("ReduceL1", "ReduceSumSquare", "ReduceLogSumExp")) {
      row(type, d -> reduction(d, "float", type, "x"));
    }
    for (String type : List.of("ReduceProd", "ReduceL2", "ReduceLogSum")) {
      row(type, d -> reduction(d, "float", type, "p"));
    }
    row(
        "CumSum",
        d -> {
          List<Integer> x = d.shape(1, 3);
          return "double%s x <int64 i = {%d}> | y = CumSum<reverse = %d, exclusive = %d>(x, i)"
              .formatted(d.open(x), d.axis(x.size()), d.number(0, 1), d.number(0, 1));
        });

    row("Reshape", RandomNetworks::reshape);
    row(
        "Flatten",
        d -> {
          List<Integer> x = d.shape(1, 4);
          return call(d, x, "", "Flatten<axis = " + d.number(-x.size(), x.size()) + ">(x)");
        });
    row(
        "Squeeze",
        d -> {
          List<Integer> x = new ArrayList<>(d.shape(1, 4));
          List<Integer> axes = d.axes(x.size(), 1);
          axes.forEach(axis -> x.set(axis, 1));
          return call(d, x, longs("i", axes), "Squeeze(x, i)");
        });
    row(
        "Unsqueeze",
        d -> {
          List<Integer> x = d.shape(0, 3);
          int added = d.number(1, 2);
          List<Integer> axes = d.axes(x.size() + added, added).subList(0, added);
          return call(d, x, longs("i", axes), "Unsqueeze(x, i)");
        });
    row(
        "Transpose",
        d -> {
          List<Integer> x = d.shape(1, 4);
          String perm = list(d.shuffled(IntStream.range(0, x.size()).boxed().toList()));
          return call(d, x, "", d.pick("Transpose(x)", "Transpose<perm = " + perm + ">(x)"));
        });
    row(
        "Expand",
        d -> {
          List<Integer> whole = d.shape(1, 4);
          List<Integer> asked = new ArrayList<>(whole);
          List<Integer> x = d.repeatable(whole);
          int lead = whole.size() - x.size();
          for (int i = 0; i < x.size(); i++) {
            boolean kept = x.get(i).equals(whole.get(lead + i)) && d.chance(0.3);
            asked.set(lead + i, kept ? 1 : whole.get(lead + i)); // 1 asks for nothing
          }
          return call(d, x, longs("s", asked), "Expand(x, s)");
        });
    row(
        "Tile",
        d -> {
          List<Integer> x = d.shape(1, 3);
          return call(d, x, longs("s", d.numbers(List.of(x.size()), 1, 3)), "Tile(x, s)");
        });
    row(
        "Trilu",
        d -> {
          String k = "int64 k = {" + d.number(-2, 2) + "}";
          return call(d, d.shape(2, 4), k, "Trilu<upper = %d>(x, k)".formatted(d.number(0, 1)));
        });
    row(
        "DepthToSpace",
        d -> {
          int block = d.number(1, 3);
          List<Integer> x = new ArrayList<>(d.shape(4, 4));
          x.set(1, d.number(1, 2) * block * block);
          return "float%s x | y = DepthToSpace<blocksize = %d, mode = \"%s\">(x)"
              .formatted(d.open(x), block, d.pick("DCR", "CRD"));
        });
    row(
        "SpaceToDepth",
        d -> {
          int block = d.number(1, 3);
          List<Integer> x =
              List.of(
                  d.number(1, 3), d.number(1, 3), block * d.number(1, 2), block * d.number(1, 2));
          return "float%s x | y = SpaceToDepth<blocksize = %d>(x)".formatted(d.open(x), block);
        });
    row("Split", RandomNetworks::split);
    row("Concat", RandomNetworks::concat);
    row("Slice", RandomNetworks::slice);
    row(
        "Pad",
        d -> {
          List<Integer> x = d.shape(1, 3);
          List<Integer> axes = d.axes(x.size(), 1);
          List<Integer> pads = new ArrayList<>(d.numbers(List.of(2 * axes.size()), 0, 2));
          int cut = d.number(0, axes.size() - 1);
          if (x.get(axes.get(cut)) > 1) {
            pads.set(cut, -1);
          }
          return call(d, x, longs("p", pads) + ", " + longs("i", axes), "Pad(x, p, , i)");
        });

    row(
        "Gather",
        d -> {
          List<Integer> x = d.shape(1, 3);
          int axis = d.axis(x.size());
          int extent = x.get(Math.floorMod(axis, x.size()));
          List<Integer> at = d.shape(0, 2);
          String type = d.pick("int64", "int32");
          String indices = constant(type, "i", at, d.numbers(at, -extent, extent - 1));
          return call(d, x, indices, "Gather<axis = " + axis + ">(x, i)");
        });
    row(
        "GatherElements",
        d -> {
          List<Integer> x = d.shape(1, 3);
          int axis = d.axis(x.size());
          int extent = x.get(Math.floorMod(axis, x.size()));
          List<Integer> at = new ArrayList<>(x);
          at.replaceAll(e -> d.number(1, e));
          at.set(Math.floorMod(axis, x.size()), d.number(1, 4));
          String indices = constant("int64", "i", at, d.numbers(at, -extent, extent - 1));
          return call(d, x, indices, "GatherElements<axis = " + axis + ">(x, i)");
        });
    row("GatherND", RandomNetworks::gatherNd);
    row("ScatterND", RandomNetworks::scatterNd);
    row("ScatterElements", RandomNetworks::scatterElements);
  }

  private RandomNetworks() {}

  private static void row(String type, Function<Draw, String> network) {
    if (ROWS.put(type, network) != null) {
      throw new IllegalStateException("two rows for " + type);
    }
  }

  static Set<String> operators() {
    return Collections.unmodifiableSet(ROWS.keySet());
  }

  /** The same network whenever asked with the same seed. */
  static String of(String operator, int seed) {
    return ROWS.get(operator).apply(new Draw(31L * operator.hashCode() + seed));
  }

  private static void unary(
      String type, String element, String input, Function<Draw, String> attributes) {
    row(
        type,
        d ->
            "%s%s %s | y = %s%s(%s)"
                .formatted(
                    element, d.open(d.shape(0, 4)), input, type, attributes.apply(d), input));
  }

  private static String alpha(Draw d) {
    return d.chance(0.3) ? "" : "<alpha = " + d.decimal(0.1, 1.5) + ">";
  }

  private static String[] several(Draw d) {
    return d.pick(new String[] {"a"}, new String[] {"a", "b"}, new String[] {"a", "b", "c"});
  }

  private static String operands(Draw d, String type, List<Integer> whole, String... names) {
    StringJoiner operands = new StringJoiner(", ");
    for (String name : names) {
      operands.add(type + d.open(d.repeatable(whole)) + " " + name);
    }
    return operands.toString();
  }

  private static String broadcast(Draw d, String element, String type, String... names) {
    return "%s | y = %s(%s)"
        .formatted(operands(d, element, d.shape(0, 4), names), type, String.join(", ", names));
  }

  /** {@code y} of one DOUBLE operand x. */
  private static String call(Draw d, List<Integer> x, String initializers, String y) {
    String constants = initializers.isEmpty() ? "" : " <" + initializers + ">";
    return "double" + d.open(x) + " x" + constants + " | y = " + y;
  }

  private static String alongAxis(Draw d, String type) {
    List<Integer> x = d.shape(1, 4);
    return call(d, x, "", "%s<axis = %d>(x)".formatted(type, d.axis(x.size())));
  }

  private static String reduction(Draw d, String element, String type, String name) {
    List<Integer> x = d.shape(1, 4);
    List<Integer> axes = new ArrayList<>(d.axes(x.size(), 1));
    axes.replaceAll(axis -> d.chance(0.3) ? axis - x.size() : axis);
    String keep = "<keepdims = " + d.number(0, 1) + ">";
    String operand = element + d.open(x) + " " + name;
    return d.chance(0.2)
        ? "%s | y = %s%s(%s)".formatted(operand, type, keep, name)
        : "%s <%s> | y = %s%s(%s, i)".formatted(operand, longs("i", axes), type, keep, name);
  }

  private static String matMul(Draw d) {
    List<Integer> batch = d.shape(0, 2);
    int contracted = d.number(1, 4);
    List<Integer> a = new ArrayList<>(d.repeatable(batch));
    List<Integer> b = new ArrayList<>(d.repeatable(batch));
    a.addAll(List.of(d.number(1, 4), contracted));
    b.addAll(List.of(contracted, d.number(1, 4)));
    if (d.chance(0.15)) {
      a = List.of(contracted);
    }
    if (d.chance(0.15)) {
      b = List.of(contracted);
    }
    return "double%s a, double%s b | y = MatMul(a, b)".formatted(d.open(a), d.open(b));
  }

  private static String gemm(Draw d) {
    int n = d.number(1, 4);
    int k = d.number(1, 4);
    int m = d.number(1, 4);
    boolean transA = d.chance(0.5);
    boolean transB = d.chance(0.5);
    String a = "double" + d.open(transA ? List.of(k, n) : List.of(n, k)) + " a";
    String b = "double" + d.open(transB ? List.of(m, k) : List.of(k, m)) + " b";
    String attributes =
        "<transA = %d, transB = %d, alpha = %s, beta = %s>"
            .formatted(transA ? 1 : 0, transB ? 1 : 0, d.decimal(0.3, 2), d.decimal(0.3, 2));
    if (d.chance(0.25)) {
      return "%s, %s | y = Gemm%s(a, b)".formatted(a, b, attributes);
    }
    String c = "double" + d.open(d.repeatable(List.of(n, m))) + " c";
    return "%s, %s, %s | y = Gemm%s(a, b, c)".formatted(a, b, c, attributes);
  }

  /** Labels that both operands have or one, in any order, of which the result keeps some. */
  private static String einsum(Draw d) {
    Map<String, Integer> extents = new LinkedHashMap<>();
    List<String> a = new ArrayList<>();
    List<String> b = new ArrayList<>();
    List<String> y = new ArrayList<>();
    for (String label : List.of("b", "h", "k", "m", "n").subList(0, d.number(2, 5))) {
      extents.put(label, d.number(1, 3));
      String where = d.pick("both", "both", "both", "a", "b");
      if (!where.equals("b")) {
        a.add(label);
      }
      if (!where.equals("a")) {
        b.add(label);
      }
      if (d.chance(0.6)) {
        y.add(label);
      }
    }
    a = d.shuffled(a);
    b = d.shuffled(b);
    Function<List<String>, String> shape =
        labels -> d.open(labels.stream().map(extents::get).collect(Collectors.toList()));
    return "double%s a, double%s b | y = Einsum<equation = \"%s,%s->%s\">(a, b)"
        .formatted(
            shape.apply(a),
            shape.apply(b),
            String.join("", a),
            String.join("", b),
            String.join("", d.shuffled(y)));
  }

  private static String norm(Draw d, String type, boolean bias) {
    List<Integer> x = new ArrayList<>(d.shape(1, 4));
    int axis = d.axis(x.size());
    int first = Math.floorMod(axis, x.size());
    if (size(x.subList(first, x.size())) == 1) {
      x.set(x.size() - 1, 3); // one element alone is its own mean
    }
    String scale = fixed(x.subList(first, x.size()));
    String attributes = "<axis = %d, epsilon = %s>".formatted(axis, d.decimal(0.1, 0.5));
    String operands = "float%s a, float%s s".formatted(d.open(x), scale);
    return bias
        ? "%s, float%s b | y = %s%s(a, s, b)".formatted(operands, scale, type, attributes)
        : "%s | y = %s%s(a, s)".formatted(operands, type, attributes);
  }

  private static String conv(Draw d) {
    int spatial = d.number(1, 2);
    int group = d.number(1, 2);
    List<Integer> x = new ArrayList<>(List.of(d.number(1, 2), group * d.number(1, 2)));
    List<Integer> w = new ArrayList<>(List.of(group * d.number(1, 2), x.get(1) / group));
    List<Integer> strides = new ArrayList<>();
    List<Integer> dilations = new ArrayList<>();
    for (int i = 0; i < spatial; i++) {
      w.add(d.number(1, 3));
      dilations.add(d.number(1, 2));
      strides.add(d.number(1, 3));
      x.add(dilations.get(i) * (w.get(i + 2) - 1) + d.number(1, 4));
    }
    String pads =
        d.chance(0.25)
            ? "auto_pad = \"" + d.pick("SAME_UPPER", "SAME_LOWER", "VALID") + "\""
            : "pads = " + list(d.numbers(List.of(2 * spatial), 0, 2));
    String dilated = pads.contains("SAME") ? "" : ", dilations = " + list(dilations);
    String attributes =
        "<group = %d, strides = %s, %s%s>".formatted(group, list(strides), pads, dilated);
    String operands = "float%s x, float%s w".formatted(fixed(x), fixed(w));
    return d.chance(0.5)
        ? "%s, float[%d] b | y = Conv%s(x, w, b)".formatted(operands, w.get(0), attributes)
        : "%s | y = Conv%s(x, w)".formatted(operands, attributes);
  }

  private static String convTranspose(Draw d) {
    int spatial = d.number(1, 2);
    int group = d.number(1, 2);
    List<Integer> x = new ArrayList<>(List.of(d.number(1, 2), group * d.number(1, 2)));
    List<Integer> w = new ArrayList<>(List.of(x.get(1), d.number(1, 2)));
    List<Integer> strides = new ArrayList<>();
    List<Integer> dilations = new ArrayList<>();
    List<Integer> more = new ArrayList<>();
    for (int i = 0; i < spatial; i++) {
      w.add(d.number(2, 3));
      dilations.add(d.number(1, 2));
      strides.add(d.number(1, 3));
      x.add(d.number(2, 4));
      more.add(d.number(0, strides.get(i) - 1));
    }
    List<Integer> pads = d.numbers(List.of(2 * spatial), 0, 1);
    String call =
        "ConvTranspose<group = %d, strides = %s, pads = %s, dilations = %s, output_padding = %s>"
            .formatted(group, list(strides), list(pads), list(dilations), list(more));
    String operands = "float%s x, float%s w".formatted(fixed(x), fixed(w));
    return d.chance(0.5)
        ? "%s, float[%d] b | y = %s(x, w, b)".formatted(operands, group * w.get(1), call)
        : "%s | y = %s(x, w)".formatted(operands, call);
  }

  private static String pool(Draw d, String element, String type) {
    int spatial = d.number(1, 2);
    List<Integer> x = new ArrayList<>(d.shape(2, 2));
    List<Integer> kernel = new ArrayList<>();
    List<Integer> pads = new ArrayList<>();
    for (int i = 0; i < spatial; i++) {
      kernel.add(d.number(1, 3));
      x.add(kernel.get(i) + d.number(0, 4));
    }
    for (int i = 0; i < 2 * spatial; i++) {
      pads.add(d.number(0, kernel.get(i % spatial) - 1));
    }
    List<Integer> strides = d.numbers(List.of(spatial), 1, 3);
    String count = type.equals("AveragePool") ? ", count_include_pad = " + d.number(0, 1) : "";
    return "%s%s x | y = %s<kernel_shape = %s, strides = %s, pads = %s, ceil_mode = %d%s>(x)"
        .formatted(
            element,
            fixed(x),
            type,
            list(kernel),
            list(strides),
            list(pads),
            d.chance(0.3) ? 1 : 0,
            count);
  }

  private static String resize(Draw d) {
    List<Integer> x = List.of(1, d.number(1, 2), d.number(2, 5), d.number(2, 5));
    String mode = d.pick("nearest", "linear", "cubic");
    String way = d.pick("half_pixel", "asymmetric", "align_corners", "pytorch_half_pixel");
    String attributes =
        "<mode = \"%s\", coordinate_transformation_mode = \"%s\">".formatted(mode, way);
    if (d.chance(0.5)) {
      List<Integer> sizes = List.of(x.get(0), x.get(1), d.number(2, 8), d.number(2, 8));
      return "float%s x <%s> | y = Resize%s(x, , , s)"
          .formatted(fixed(x), longs("s", sizes), attributes);
    }
    return "float%s x <float[4] s = {1.0, 1.0, %s, %s}> | y = Resize%s(x, , s)"
        .formatted(fixed(x), d.decimal(0.6, 2.5), d.decimal(0.6, 2.5), attributes);
  }

  /** Neighbouring axes merged, or an axis of 1 put in, with 0 and -1 where they say the same. */
  private static String reshape(Draw d) {
    List<Integer> x = d.shape(1, 4);
    List<Integer> target = new ArrayList<>(x);
    if (d.chance(0.5) && target.size() > 1) {
      int at = d.number(0, target.size() - 2);
      target.set(at, target.get(at) * target.remove(at + 1));
    }
    if (d.chance(0.5)) {
      target.add(d.number(0, target.size()), 1);
    }
    if (d.chance(0.3)) {
      Collections.reverse(target);
    }
    for (int i = 0; i < Math.min(x.size(), target.size()); i++) {
      if (x.get(i).equals(target.get(i)) && d.chance(0.3)) {
        target.set(i, 0);
      }
    }
    if (d.chance(0.5)) {
      target.set(d.number(0, target.size() - 1), -1);
    }
    return call(d, x, longs("s", target), "Reshape(x, s)");
  }

  /** Of three pieces the loss reads some. */
  private static String split(Draw d) {
    List<Integer> sizes = d.numbers(List.of(3), 1, 3);
    List<Integer> x = new ArrayList<>(d.shape(1, 3));
    int axis = d.axis(x.size());
    x.set(Math.floorMod(axis, x.size()), sizes.stream().mapToInt(Integer::intValue).sum());
    String outputs = d.pick("y1, y2, y3", "t, y2, u", "t, u, y3", "y1, t, y3");
    return "double%s x <%s> | %s = Split<axis = %d>(x, s)"
        .formatted(d.open(x), longs("s", sizes), outputs, axis);
  }

  private static String concat(Draw d) {
    List<Integer> whole = d.shape(1, 3);
    int axis = d.axis(whole.size());
    String[] names = several(d);
    StringJoiner operands = new StringJoiner(", ");
    for (String name : names) {
      List<Integer> part = new ArrayList<>(whole);
      part.set(Math.floorMod(axis, whole.size()), d.number(1, 3));
      operands.add("double" + d.open(part) + " " + name);
    }
    return "%s | y = Concat<axis = %d>(%s)".formatted(operands, axis, String.join(", ", names));
  }

  /** At least one element along each axis, forwards and backwards, counted from either end. */
  private static String slice(Draw d) {
    List<Integer> x = new ArrayList<>(d.shape(1, 3));
    List<Integer> axes = d.axes(x.size(), 1);
    List<Integer> starts = new ArrayList<>();
    List<Integer> ends = new ArrayList<>();
    List<Integer> steps = new ArrayList<>();
    for (int axis : axes) {
      int extent = d.number(2, 6);
      x.set(axis, extent);
      int low = d.number(0, extent - 1);
      int high = d.number(low, extent - 1);
      boolean back = d.chance(0.3);
      steps.add((back ? -1 : 1) * d.number(1, d.chance(0.5) ? 1 : 3));
      starts.add((back ? high : low) - (d.chance(0.3) ? extent : 0));
      ends.add(back ? low - 1 - extent : d.chance(0.3) ? Integer.MAX_VALUE : high + 1);
    }
    String constants =
        String.join(
            ", ", longs("s", starts), longs("e", ends), longs("i", axes), longs("k", steps));
    return call(d, x, constants, "Slice(x, s, e, i, k)");
  }

  private static String gatherNd(Draw d) {
    List<Integer> x = d.shape(1, 4);
    int batch = d.number(0, Math.min(2, x.size() - 1));
    int depth = d.number(1, x.size() - batch);
    List<Integer> at = new ArrayList<>(x.subList(0, batch));
    at.addAll(d.shape(0, 2));
    List<Integer> tuples = new ArrayList<>();
    for (int i = 0; i < size(at); i++) {
      for (int extent : x.subList(batch, batch + depth)) {
        tuples.add(d.number(-extent, extent - 1));
      }
    }
    at.add(depth);
    String indices = constant("int64", "i", at, tuples);
    return call(d, x, indices, "GatherND<batch_dims = " + batch + ">(x, i)");
  }

  /** Rows of x: different ones where they are written, any where they are added. */
  private static String scatterNd(Draw d) {
    List<Integer> x = d.shape(1, 3);
    boolean adds = d.chance(0.5);
    List<Integer> rows = d.axes(x.get(0), 1);
    if (adds) {
      rows = d.numbers(List.of(d.number(1, 4)), -x.get(0), x.get(0) - 1);
    }
    List<Integer> updates = new ArrayList<>(x);
    updates.set(0, rows.size());
    return "double%s x, double%s u <%s> | y = ScatterND<reduction = \"%s\">(x, i, u)"
        .formatted(
            d.open(x),
            fixed(updates),
            constant("int64", "i", List.of(rows.size(), 1), rows),
            adds ? "add" : "none");
  }

  /** Along one axis the same different positions everywhere, or any where they are added. */
  private static String scatterElements(Draw d) {
    List<Integer> x = d.shape(1, 3);
    int axis = d.axis(x.size());
    int at = Math.floorMod(axis, x.size());
    boolean adds = d.chance(0.5);
    List<Integer> taken = d.axes(x.get(at), 1);
    List<Integer> updates = new ArrayList<>(x);
    updates.replaceAll(extent -> d.number(1, extent));
    updates.set(at, taken.size());
    int inner = size(updates.subList(at + 1, updates.size()));
    List<Integer> indices = new ArrayList<>();
    for (int i = 0; i < size(updates); i++) {
      indices.add(
          adds
              ? (Integer) d.number(-x.get(at), x.get(at) - 1)
              : taken.get(i / inner % taken.size()));
    }
    return "double%s x, double%s u <%s> | y = ScatterElements<axis = %d, reduction = \"%s\">(x, i, u)"
        .formatted(
            d.open(x),
            fixed(updates),
            constant("int64", "i", updates, indices),
            axis,
            adds ? "add" : "none");
  }
}
