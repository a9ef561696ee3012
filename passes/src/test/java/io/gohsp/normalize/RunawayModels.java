package io.gohsp.normalize;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.IntFunction;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/** Small models whose analysis would take for ever, or all memory, without a bound. */
final class RunawayModels {
  private static final String HEAD = "<ir_version: 10, opset_import: [\"\" : 18, \"local\" : 1]>\n";

  private RunawayModels() {}

  /** As ONNX text, by what is special about them. */
  static Map<String, String> all() {
    Map<String, String> all = new LinkedHashMap<>();
    all.put("functions that call each other", functions(12, 6, "Relu"));
    all.put("functions of nothing but calls", functions(40, 2, "Identity"));
    all.put(
        "a function that calls itself",
        HEAD
            + "g (float[N] x) => (y) { y = local.f(x) }\n"
            + "<domain: \"local\", opset_import: [\"\" : 18, \"local\" : 1]> f (a) => (b)"
            + " { c = local.f(a) b = local.f(c) }");
    all.put("functions with long names", functions(10, 3, "Relu").replace("f1", "f".repeat(9000)));
    all.put("squared extents", extents(40, i -> "s" + i + " = Mul(s" + (i - 1) + ", s" + (i - 1)));
    all.put(
        "squares of sums",
        extents(
            30, i -> "a%d = Add(s%d, one) s%d = Mul(a%d, s%d".formatted(i, i - 1, i, i, i - 1)));
    all.put(
        "quotients of quotients",
        extents(
            40,
            i ->
                "a%d = Div(s%d, three) b%d = Add(a%d, s%d) s%d = Mul(b%d, a%d"
                    .formatted(i, i - 1, i, i, i - 1, i, i, i)));
    all.put(
        "greatest of least",
        extents(
            40,
            i ->
                "a%d = Div(s%d, three) b%d = Add(a%d, one) c%d = Min(b%d, s%d) s%d = Max(c%d, a%d"
                    .formatted(i, i - 1, i, i, i, i, i - 1, i, i, i)));
    all.put("known extents squared", extents(7, 2, i -> square(i)));
    all.put("a value beside itself", repeated("float[2,3] x", 40, "Concat<axis = 1>(%1$s, %1$s)"));
    all.put(
        "a value of open extent beside itself",
        repeated("float[2,N] x", 40, "Concat<axis = 1>(%1$s, %1$s)"));
    all.put(
        "a value beside itself, regrouped",
        repeated(
            "float[2,N] x",
            3000,
            "Concat<axis = 0>(%1$s, %1$s) t%2$d = Transpose<perm = [1, 0]>(v%2$d)"
                + " r%2$d = Reshape(t%2$d, flat)"));
    all.put("thousands of open extents", many(3000, ""));
    all.put("thousands of open extents, multiplied", many(3000, "f"));
    all.put("thousands of symbols", symbols(3000));
    all.put(
        "thousands of axes",
        HEAD
            + "g (float[N] x) => (y) <int64[4000] axes = {"
            + numbers(4000)
            + "}> { y = Unsqueeze(x, axes) }");
    all.put("dozens of open axes made one", flattened(60));
    all.put("loops in loops", loops(12));
    all.put("choices in choices", choices(24));
    all.put("long tables of formulas", tables(60));
    all.put("axes of axes", axes(60));
    all.put("axes that no memory holds", huge());
    all.put("thousands of products", products(6_000));
    all.put("a long chain", repeated("float[2,N] x", 10_000, "Relu(%1$s)"));
    all.put("thousands of pieces", pieces(750, 40));
    all.put("a stream that is needed as it is behind every block", blocks(1500));
    all.putAll(RunawayStructures.all());
    return all;
  }

  /** Behind each block stands an operator that does not fit another basis. */
  private static String blocks(int count) {
    StringBuilder weights = new StringBuilder("float[4] scale = {1, 2, 3, 4}");
    StringBuilder nodes = new StringBuilder();
    for (int i = 1; i <= count; i++) {
      weights.append(", float[4,2] u%d = {%s}".formatted(i, numbers(8).replace("0,", i + ",")));
      weights.append(", float[2,4] d%d = {%s}".formatted(i, numbers(8).replace("0,", -i + ",")));
      nodes.append(
          """
          n%1$d = LayerNormalization(v%2$d, scale) a%1$d = MatMul(n%1$d, u%1$d) r%1$d = Relu(a%1$d)
          b%1$d = MatMul(r%1$d, d%1$d) s%1$d = Add(v%2$d, b%1$d) v%1$d = Relu(s%1$d)
          """
              .formatted(i, i - 1));
    }
    return HEAD
        + "g (float[N,6] x) => (y) <float[6,4] first = {"
        + numbers(24)
        + "}, "
        + weights
        + "> { v0 = MatMul(x, first) "
        + nodes
        + "y = Identity(v"
        + count
        + ") }";
  }

  private static String functions(int levels, int calls, String op) {
    StringBuilder text = new StringBuilder(HEAD + "g (float[N] x) => (y) { y = local.f0(x) }\n");
    for (int level = 0; level < levels; level++) {
      text.append("<domain: \"local\", opset_import: [\"\" : 18, \"local\" : 1]>\n");
      text.append("f" + level + " (v0) => (v" + calls + ") {\n");
      for (int i = 0; i < calls; i++) {
        String callee = level == levels - 1 ? op : "local.f" + (level + 1);
        text.append("  v" + (i + 1) + " = " + callee + "(v" + i + ")\n");
      }
      text.append("}\n");
    }
    return text.toString();
  }

  private static String square(int i) {
    return "s%d = Mul(s%d, s%d".formatted(i, i - 1, i - 1);
  }

  private static String extents(int steps, IntFunction<String> step) {
    return extents(-1, steps, step);
  }

  /** Arithmetic with the extent of an input, and a tensor of the extents that come out. */
  private static String extents(int known, int steps, IntFunction<String> step) {
    String dim = known < 0 ? "N" : Integer.toString(known);
    StringBuilder text =
        new StringBuilder(
            HEAD
                + "g (float["
                + dim
                + "] x) => (y) <int64[1] one = {1}, int64[1] three = {3}> {\n  s0 = Shape(x)\n");
    for (int i = 1; i <= steps; i++) {
      text.append("  ").append(step.apply(i)).append(")\n");
      text.append("  z" + i + " = ConstantOfShape(s" + i + ")\n");
    }
    return text + "  y = ConstantOfShape(s" + steps + ")\n}";
  }

  /** A step that takes the result of the one before. */
  private static String repeated(String input, int steps, String step) {
    boolean regrouped = step.contains("r%2$d");
    StringBuilder text =
        new StringBuilder(HEAD + "g (" + input + ") => (y) <int64[2] flat = {2, -1}> {\n");
    String last = "x";
    for (int i = 1; i <= steps; i++) {
      text.append("  v" + i + " = ").append(step.formatted(last, i)).append('\n');
      last = (regrouped ? "r" : "v") + i;
    }
    return text + "  y = Identity(" + last + ")\n}";
  }

  /** Many values whose extent only run time knows, one after the other or multiplied. */
  private static String many(int count, String multiplied) {
    StringBuilder text =
        new StringBuilder(
            HEAD + "g (float[5] x) => (y) <int64[1] flat = {-1}, int64[1] one = {1}> {\n");
    for (int i = 0; i < count; i++) {
      text.append("  n" + i + " = NonZero(x)\n");
      if (!multiplied.isEmpty()) {
        text.append("  d" + i + " = Shape<start = 1>(n" + i + ")\n");
        text.append("  f" + i + " = Mul(d" + i + ", " + (i == 0 ? "one" : "f" + (i - 1)) + ")\n");
      }
    }
    if (!multiplied.isEmpty()) {
      return text + "  y = ConstantOfShape(f" + (count - 1) + ")\n}";
    }
    String all = IntStream.range(0, count).mapToObj(i -> "n" + i).collect(Collectors.joining(", "));
    return text + "  c = Concat<axis = 1>(" + all + ")\n  y = Reshape(c, flat)\n}";
  }

  private static String symbols(int count) {
    String inputs =
        IntStream.range(0, count)
            .mapToObj(i -> "float[N" + i + "] x" + i)
            .collect(Collectors.joining(", "));
    String all = IntStream.range(0, count).mapToObj(i -> "x" + i).collect(Collectors.joining(", "));
    return HEAD + "g (" + inputs + ") => (y) { y = Concat<axis = 0>(" + all + ") }";
  }

  private static String flattened(int axes) {
    String open = IntStream.range(0, axes).mapToObj(i -> "N" + i).collect(Collectors.joining(", "));
    return HEAD + "g (float[" + open + "] x) => (y) { y = Flatten<axis = 0>(x) }";
  }

  private static String numbers(int count) {
    return IntStream.range(0, count).mapToObj(Integer::toString).collect(Collectors.joining(", "));
  }

  /** Each body is walked several times for each walk of the one around it. */
  private static String loops(int depth) {
    String body = "t%d = Concat<axis = 0>(s%d, s%d)".formatted(depth, depth, depth);
    for (int i = depth; i > 0; i--) {
      String last = i == depth ? body : body + " t%d = Identity(o%d)".formatted(i, i);
      body =
          ("o%d = Loop(k, c, %s) <body = b%d (int64 i%d, bool p%d, float[?] s%d) => (bool q%d,"
                  + " float[?] t%d) { q%d = Identity(p%d) %s }>")
              .formatted(i - 1, i == 1 ? "x" : "s" + (i - 1), i, i, i, i, i, i, i, i, last);
    }
    return HEAD + "g (float[N] x) => (o0) <int64 k = {3}, bool c = {1}> { " + body + " }";
  }

  private static String choices(int depth) {
    String body = "r%d = Relu(x)".formatted(depth);
    for (int i = depth; i > 0; i--) {
      body =
          "r%d = If(c) <then_branch = t%d () => (r%d) { %s }, else_branch = e%d () => (n%d) { n%d = Neg(x) }>"
              .formatted(i - 1, i, i, body, i, i, i);
    }
    return HEAD + "g (float[N] x, bool c) => (r0) { " + body + " }";
  }

  private static String tables(int steps) {
    String inputs =
        IntStream.range(0, steps)
            .mapToObj(i -> "float[N" + i + "] x" + i)
            .collect(Collectors.joining(", "));
    StringBuilder text =
        new StringBuilder(
            HEAD + "g (" + inputs + ") => (y) <int64[1] long = {4096}, int64[1] two = {2}> {\n");
    for (int i = 0; i < steps; i++) {
      text.append("  s" + i + " = Shape(x" + i + ")\n  e" + i + " = Expand(s" + i + ", long)\n");
      text.append(
          i == 0
              ? "  a0 = Identity(e0)\n"
              : "  b%d = Add(a%d, e%d)\n  a%d = Div(b%d, two)\n".formatted(i, i - 1, i, i, i));
    }
    return text + "  y = Identity(a" + (steps - 1) + ")\n}";
  }

  /** Many small axes, made one, turned, and taken apart again. */
  private static String axes(int count) {
    String twos = IntStream.range(0, count).mapToObj(i -> "2").collect(Collectors.joining(", "));
    String turned =
        IntStream.range(0, count)
            .mapToObj(i -> Integer.toString((i + 1) % count))
            .collect(Collectors.joining(", "));
    StringBuilder text =
        new StringBuilder(
            HEAD
                + "g (float["
                + twos
                + "] v0) => (y) <int64[1] flat = {-1}, int64["
                + count
                + "] apart = {"
                + twos
                + "}> {\n");
    for (int i = 0; i < 200; i++) {
      text.append(
          "  t%d = Transpose<perm = [%s]>(v%d)\n  f%d = Reshape(t%d, flat)\n  v%d = Reshape(f%d, apart)\n"
              .formatted(i, turned, i, i, i, i + 1, i));
    }
    return text + "  y = Identity(v200)\n}";
  }

  /** An attention of two billion columns. */
  private static String huge() {
    return HEAD
        + """
        g (float[1,4,2000000000] q, float[1,2000000000,4] k, float[2000000000,2000000000] w) => (y) {
          p = MatMul(q, w)
          s = MatMul(p, k)
          a = Softmax(s)
          v = Transpose<perm = [0, 2, 1]>(k)
          o = MatMul(a, v)
          y = MatMul(o, w)
        }
        """;
  }

  private static String products(int count) {
    StringBuilder text = new StringBuilder(HEAD + "g (float[N,4] v0, float[4,4] w) => (y) {\n");
    for (int i = 0; i < count; i++) {
      text.append("  v" + (i + 1) + " = MatMul(v" + i + ", w)\n");
    }
    return text + "  y = Identity(v" + count + ")\n}";
  }

  private static String pieces(int count, int times) {
    StringBuilder text = new StringBuilder(HEAD + "g (float[" + count + "] v0) => (y) {\n");
    for (int i = 0; i < times; i++) {
      int time = i;
      String all =
          IntStream.range(0, count)
              .mapToObj(piece -> "p" + time + "_" + piece)
              .collect(Collectors.joining(", "));
      text.append("  " + all + " = Split<axis = 0, num_outputs = " + count + ">(v" + i + ")\n");
      text.append("  v" + (i + 1) + " = Concat<axis = 0>(" + all + ")\n");
    }
    return text + "  y = Identity(v" + times + ")\n}";
  }
}
