package io.gohsp.normalize;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.IntFunction;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/** {@link RunawayModels} that are large or deep in nodes, attributes, ranks and blocks. */
final class RunawayStructures {
  private static final String HEAD = "<ir_version: 10, opset_import: [\"\" : 18]>\n";

  private RunawayStructures() {}

  /** As ONNX text, by what is special about them. */
  static Map<String, String> all() {
    Map<String, String> all = new LinkedHashMap<>();
    all.put("loops and choices, in turns", loopsAndChoices(26));
    all.put("a chain of reshapes to what only run time knows", reshapes(1500));
    all.put("reshapes to other factors", factors(300));
    all.put("an equation of all letters", einsum(52, 200));
    all.put("an equation of many operands", manyOperands(2000));
    all.put("extents beyond all numbers", overflow());
    all.put("numbers that fill no memory", fills());
    all.put("pads, tiles and expansions without end", grown(60));
    all.put("an attribute of a million numbers", perm(1_000_000));
    all.put("a split into two billion pieces", splits());
    all.put("a node with a hundred thousand results", results(100_000));
    all.put("one value read a hundred thousand times", readers(100_000));
    all.put("a tensor of many axes, reduced and expanded", reductions(300));
    all.put("thousands of MLPs", mlps(500));
    all.put("hundreds of attentions", attentions(80));
    all.put("hundreds of attentions on one tensor", parallel(80));
    all.put("a chain of gathers and slices of extents", gathers(3000));
    all.put("choices among a thousand extents", wheres(1500));
    return all;
  }

  private static String list(int count, IntFunction<String> each) {
    return IntStream.range(0, count).mapToObj(each).collect(Collectors.joining(", "));
  }

  private static String lines(int count, IntFunction<String> each) {
    return IntStream.range(0, count).mapToObj(each).collect(Collectors.joining("\n"));
  }

  private static String loopsAndChoices(int depth) {
    String body = "t%d = Concat<axis = 0>(x, x)".formatted(depth);
    String inner = "t" + depth;
    for (int i = depth; i > 0; i--) {
      String out = i == 1 ? "y" : "o" + (i - 1);
      body =
          i % 2 == 0
              ? "%s = If(c) <then_branch = a%d () => (%s) { %s }, else_branch = e%d () => (n%d) { n%d = Neg(x) }>"
                  .formatted(out, i, inner, body, i, i, i)
              : ("%s = Loop(k, c, x) <body = b%d (int64 i%d, bool p%d, float[?] s%d) => (bool q%d, float[?] u%d)"
                      + " { q%d = Identity(p%d) %s u%d = Add(%s, s%d) }>")
                  .formatted(out, i, i, i, i, i, i, i, i, body, i, inner, i);
      inner = out;
    }
    return HEAD + "g (float[N] x) => (y) <int64 k = {3}, bool c = {1}> { " + body + " }";
  }

  private static String reshapes(int count) {
    return HEAD
        + "g (float[A,B] v0) => (y) <int64[1] open = {-1}, int64[2] flat = {1, -1}> {\n"
        + lines(
            count,
            i ->
                ("n%1$d = NonZero(v%1$d) d%1$d = Shape<start = 1>(n%1$d) s%1$d = Concat<axis = 0>(d%1$d, open)"
                        + " v%2$d = Reshape(v%1$d, s%1$d)")
                    .formatted(i, i + 1))
        + "\n y = Reshape(v"
        + count
        + ", flat) }";
  }

  /** No extent of one is a product of extents of the other. */
  private static String factors(int count) {
    return HEAD
        + "g (float[6,10,14,15] v0) => (y) <int64[3] a = {20, 21, 30}, int64[4] b = {6, 10, 14, 15}> {\n"
        + lines(
            count,
            i ->
                "r%1$d = Reshape(v%1$d, a) t%1$d = Transpose<perm = [1, 2, 0]>(r%1$d) v%2$d = Reshape(t%1$d, b)"
                    .formatted(i, i + 1))
        + "\n y = Identity(v"
        + count
        + ") }";
  }

  private static String letters(int count) {
    String all = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ";
    return all.substring(0, count);
  }

  private static String einsum(int rank, int times) {
    String from = letters(rank);
    String to = new StringBuilder(from).reverse().toString();
    return HEAD
        + "g (float["
        + list(rank, i -> "2")
        + "] v0) => (y) {\n"
        + lines(
            times,
            i ->
                "v%2$d = Einsum<equation = \"%3$s,%3$s->%4$s\">(v%1$d, v%1$d)"
                    .formatted(i, i + 1, from, to))
        + "\n y = Identity(v"
        + times
        + ") }";
  }

  private static String manyOperands(int count) {
    return HEAD
        + "g (float[N,N] x) => (y) { y = Einsum<equation = \""
        + IntStream.range(0, count).mapToObj(i -> "ab").collect(Collectors.joining(","))
        + "->ab\">("
        + list(count, i -> "x")
        + ") }";
  }

  private static String overflow() {
    return HEAD
        + """
        g (float[4611686018427387904,4611686018427387904] x, float[9223372036854775807] z) => (y) <int64[1] flat = {-1}> {
          a = Reshape(x, flat)
          b = Concat<axis = 0>(z, z)
          c = Add(a, b)
          s = Shape(c)
          d = Mul(s, s)
          y = ConstantOfShape(d)
        }
        """;
  }

  private static String fills() {
    return HEAD
        + """
        g (float[N] x) => (y) <int64 zero = {0}, int64 most = {4611686018427387904}, int64 one = {1}, int64[1] much = {1099511627776}, int64[2] both = {1048576, 1048576}> {
          r = Range(zero, most, one)
          c = ConstantOfShape(much)
          d = ConstantOfShape(both)
          e = Expand(r, much)
          t = Tile(r, much)
          y = ConstantOfShape(e)
        }
        """;
  }

  private static String grown(int count) {
    return HEAD
        + "g (float[N,3] v0) => (y) <int64[4] pads = {0, 1152921504606846976, 0, 1152921504606846976}, int64[2] twice = {2, 2},"
        + " int64[3] three = {7, 1, 1}, int64[2] flat = {1, -1}> {\n"
        + lines(
            count,
            i ->
                "p%1$d = Pad(v%1$d, pads) t%1$d = Tile(p%1$d, twice) e%1$d = Expand(t%1$d, three) v%2$d = Reshape(e%1$d, flat)"
                    .formatted(i, i + 1))
        + "\n y = Identity(v"
        + count
        + ") }";
  }

  private static String perm(int count) {
    return HEAD
        + "g (float[N,2] x) => (y) { y = Transpose<perm = ["
        + list(count, i -> "1")
        + "]>(x) }";
  }

  private static String splits() {
    return HEAD
        + "g (float[N,2147483647] x) => (y) { y = Split<axis = 1, num_outputs = 2147483647>(x) }";
  }

  private static String results(int count) {
    return HEAD
        + "g (float[N,"
        + count
        + "] x) => (p0) { "
        + list(count, i -> "p" + i)
        + " = Split<axis = 1, num_outputs = "
        + count
        + ">(x) }";
  }

  private static String readers(int count) {
    return HEAD
        + "g (float[N,4] x) => (y) { y = Sum("
        + list(count, i -> "x")
        + ") z = Concat<axis = 1>("
        + list(count, i -> "x")
        + ") }";
  }

  private static String reductions(int count) {
    return HEAD
        + "g (float["
        + list(60, i -> "N" + i)
        + "] v0) => (y) {\n"
        + lines(
            count,
            i ->
                "r%1$d = ReduceSum<keepdims = 1>(v%1$d) v%2$d = Add(v%1$d, r%1$d)"
                    .formatted(i, i + 1))
        + "\n y = Identity(v"
        + count
        + ") }";
  }

  private static String mlps(int count) {
    return HEAD
        + "g (float[N,4] v0) => (y) <"
        + list(
            count,
            i ->
                "float[4,8] a%1$d = random(1, 0.1), float[8,4] b%1$d = random(2, 0.1)".formatted(i))
        + "> {\n"
        + lines(
            count,
            i ->
                "h%1$d = MatMul(v%1$d, a%1$d) r%1$d = Relu(h%1$d) o%1$d = MatMul(r%1$d, b%1$d) v%2$d = Add(v%1$d, o%1$d)"
                    .formatted(i, i + 1))
        + "\n y = Identity(v"
        + count
        + ") }";
  }

  private static String attention(int i, String from) {
    return ("q%1$d = MatMul(%2$s, wq) k%1$d = MatMul(%2$s, wk) u%1$d = MatMul(%2$s, wv)"
            + " qs%1$d = Reshape(q%1$d, heads) ks%1$d = Reshape(k%1$d, heads) us%1$d = Reshape(u%1$d, heads)"
            + " qt%1$d = Transpose<perm = [0, 2, 1, 3]>(qs%1$d) kt%1$d = Transpose<perm = [0, 2, 3, 1]>(ks%1$d)"
            + " ut%1$d = Transpose<perm = [0, 2, 1, 3]>(us%1$d)"
            + " l%1$d = MatMul(qt%1$d, kt%1$d) s%1$d = Softmax(l%1$d) w%1$d = MatMul(s%1$d, ut%1$d)"
            + " wt%1$d = Transpose<perm = [0, 2, 1, 3]>(w%1$d) wf%1$d = Reshape(wt%1$d, flat) o%1$d = MatMul(wf%1$d, wo)")
        .formatted(i, from);
  }

  private static final String ATTENTION =
      "<float[8,8] wq = random(1, 0.1), float[8,8] wk = random(2, 0.1), float[8,8] wv = random(3, 0.1),"
          + " float[8,8] wo = random(4, 0.1), int64[4] heads = {0, 0, 2, 4}, int64[3] flat = {0, 0, 8}> {\n";

  private static String attentions(int count) {
    return HEAD
        + "g (float[N,T,8] v0) => (y) "
        + ATTENTION
        + lines(
            count, i -> attention(i, "v" + i) + " v%2$d = Add(v%1$d, o%1$d)".formatted(i, i + 1))
        + "\n y = Identity(v"
        + count
        + ") }";
  }

  private static String parallel(int count) {
    return HEAD
        + "g (float[N,T,8] x) => (y) "
        + ATTENTION
        + lines(count, i -> attention(i, "x"))
        + "\n y = Sum(x, "
        + list(count, i -> "o" + i)
        + ") }";
  }

  private static String gathers(int count) {
    return HEAD
        + "g (float[A,B,C] x) => (y) <int64[1] one = {1}, int64[1] zero = {0}, int64[1] two = {2}> {\n s0 = Shape(x)\n"
        + lines(
            count,
            i ->
                ("a%1$d = Gather<axis = 0>(s%1$d, one) b%1$d = Slice(s%1$d, zero, two) c%1$d = Add(b%1$d, a%1$d)"
                        + " s%2$d = Concat<axis = 0>(a%1$d, c%1$d)")
                    .formatted(i, i + 1))
        + "\n y = ConstantOfShape(s"
        + count
        + ") }";
  }

  private static String wheres(int count) {
    return HEAD
        + "g (float[N] x, bool c) => (y) <int64[1] three = {3}> {\n s0 = Shape(x)\n"
        + lines(
            count,
            i ->
                ("a%1$d = Add(s%1$d, three) e%1$d = Less(a%1$d, three) w%1$d = Where(e%1$d, s%1$d, a%1$d)"
                        + " z%1$d = ConstantOfShape(w%1$d) s%2$d = Shape(z%1$d)")
                    .formatted(i, i + 1))
        + "\n y = ConstantOfShape(s"
        + count
        + ") }";
  }
}
