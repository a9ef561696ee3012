package io.gohsp.axis;

import io.gohsp.ir.Model;
import io.gohsp.text.GraphAssert;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.function.ToIntFunction;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/**
 * A random model that only moves elements about: reshapes, transposes, splits, slices, gathers and
 * concatenations of one root tensor. For every value it knows which element of the root each of its
 * elements is, found by moving labels, not by reasoning about axes.
 */
final class RandomChain {
  static final String ROOT = "root";

  /** A tensor of labels, row-major. */
  @SuppressWarnings("ArrayRecordComponent") // made and read, never compared
  record Labels(int[] dims, int[] at) {
    int rank() {
      return dims.length;
    }

    /** Reads the element that {@code source} gives for each position of a tensor of these dims. */
    static Labels of(int[] dims, ToIntFunction<int[]> source) {
      int size = Arrays.stream(dims).reduce(1, (a, b) -> a * b);
      int[] at = new int[size];
      for (int i = 0; i < size; i++) {
        at[i] = source.applyAsInt(position(dims, i));
      }
      return new Labels(dims, at);
    }

    static int[] position(int[] dims, int element) {
      int[] position = new int[dims.length];
      int rest = element;
      for (int axis = dims.length - 1; axis >= 0; axis--) {
        position[axis] = rest % dims[axis];
        rest /= dims[axis];
      }
      return position;
    }

    int get(int... position) {
      int element = 0;
      for (int axis = 0; axis < dims.length; axis++) {
        element = element * dims[axis] + position[axis];
      }
      return at[element];
    }
  }

  private final Random random;
  private final Map<String, Labels> values = new LinkedHashMap<>();
  private final List<String> unread = new ArrayList<>();
  private final StringBuilder nodes = new StringBuilder();
  private final StringBuilder constants = new StringBuilder();

  RandomChain(long seed, int steps) {
    random = new Random(seed);
    int[] dims = regrouped(List.of(2, 2, 3, 4, 3).subList(0, 3 + random.nextInt(3)));
    add(ROOT, Labels.of(dims, p -> 0));
    Labels root = values.get(ROOT);
    Arrays.setAll(root.at(), i -> i);
    for (int i = 0; i < steps; i++) {
      step();
    }
  }

  Map<String, Labels> values() {
    return values;
  }

  /** Scalars come out, so that no axis is one of the model's outputs. */
  Model model() {
    String outputs =
        unread.stream().map(name -> "float sum_" + name).collect(Collectors.joining(", "));
    StringBuilder text = new StringBuilder("g (float x) => (").append(outputs).append(") <");
    text.append("float").append(dims(values.get(ROOT).dims())).append(" w = range");
    text.append(constants).append("> {\n").append(ROOT).append(" = Mul(x, w)\n").append(nodes);
    unread.forEach(
        name ->
            text.append("sum_")
                .append(name)
                .append(" = ReduceSum<keepdims = 0>(")
                .append(name)
                .append(")\n"));
    return GraphAssert.parse(text.append("}").toString());
  }

  private static String dims(int[] dims) {
    return Arrays.toString(dims).replace(" ", "");
  }

  private String constant(String name, int... elements) {
    constants.append(", int64[").append(elements.length).append("] ").append(name).append(" = {");
    constants.append(
        Arrays.stream(elements).mapToObj(Integer::toString).collect(Collectors.joining(",")));
    constants.append("}");
    return name;
  }

  private void add(String name, Labels labels) {
    values.put(name, labels);
    unread.add(name);
  }

  private void node(String outputs, String call) {
    nodes.append(outputs).append(" = ").append(call).append('\n');
  }

  private void step() {
    List<String> names = new ArrayList<>(values.keySet());
    String in = names.get(random.nextInt(names.size()));
    String out = "v" + values.size();
    switch (random.nextInt(6)) {
      case 0, 1 -> reshape(in, out);
      case 2 -> transpose(in, out);
      case 3 -> split(in, out);
      case 4 -> slice(in, out);
      default -> concat(in, out);
    }
  }

  private int[] regrouped(List<Integer> factors) {
    List<Integer> dims = new ArrayList<>();
    for (int factor : factors) {
      if (!dims.isEmpty() && random.nextBoolean()) {
        dims.set(dims.size() - 1, dims.get(dims.size() - 1) * factor);
      } else {
        dims.add(factor);
      }
    }
    return dims.stream().mapToInt(i -> i).toArray();
  }

  private void reshape(String in, String out) {
    Labels from = values.get(in);
    List<Integer> factors = new ArrayList<>();
    for (int dim : from.dims()) {
      int rest = dim;
      for (int prime : new int[] {2, 3, 5, 7}) {
        while (rest % prime == 0 && rest > 1) {
          factors.add(prime);
          rest /= prime;
        }
      }
      if (rest > 1) {
        factors.add(rest);
      }
    }
    unread.remove(in);
    Labels to = new Labels(regrouped(factors), from.at());
    node(out, "Reshape(" + in + ", " + constant("s" + out, to.dims()) + ")");
    add(out, to);
  }

  private void transpose(String in, String out) {
    Labels from = values.get(in);
    if (from.rank() == 0) {
      return;
    }
    List<Integer> perm = new ArrayList<>(IntStream.range(0, from.rank()).boxed().toList());
    Collections.shuffle(perm, random);
    int[] dims = perm.stream().mapToInt(axis -> from.dims()[axis]).toArray();
    unread.remove(in);
    node(out, "Transpose<perm = " + perm + ">(" + in + ")");
    add(
        out,
        Labels.of(
            dims,
            p -> {
              int[] source = new int[p.length];
              for (int i = 0; i < p.length; i++) {
                source[perm.get(i)] = p[i];
              }
              return from.get(source);
            }));
  }

  private void split(String in, String out) {
    Labels from = values.get(in);
    int axis = random.nextInt(Math.max(1, from.rank()));
    if (from.rank() == 0 || from.dims()[axis] < 2) {
      return;
    }
    int cut = 1 + random.nextInt(from.dims()[axis] - 1);
    unread.remove(in);
    String sizes = constant("s" + out, cut, from.dims()[axis] - cut);
    node(out + ", " + out + "b", "Split<axis = " + axis + ">(" + in + ", " + sizes + ")");
    add(out, part(from, axis, 0, cut));
    add(out + "b", part(from, axis, cut, from.dims()[axis]));
  }

  private static Labels part(Labels from, int axis, int start, int end) {
    int[] dims = from.dims().clone();
    dims[axis] = end - start;
    return Labels.of(
        dims,
        p -> {
          int[] source = p.clone();
          source[axis] += start;
          return from.get(source);
        });
  }

  private void slice(String in, String out) {
    Labels from = values.get(in);
    if (from.rank() == 0) {
      return;
    }
    int axis = random.nextInt(from.rank());
    int start = random.nextInt(from.dims()[axis]);
    int end = start + 1 + random.nextInt(from.dims()[axis] - start);
    unread.remove(in);
    String bounds = constant("a" + out, start) + ", " + constant("e" + out, end);
    node(out, "Slice(" + in + ", " + bounds + ", " + constant("x" + out, axis) + ")");
    add(out, part(from, axis, start, end));
  }

  private void concat(String in, String out) {
    Labels a = values.get(in);
    List<String> partners =
        values.keySet().stream().filter(name -> joinable(a, values.get(name)) >= 0).toList();
    if (partners.isEmpty()) {
      return;
    }
    String other = partners.get(random.nextInt(partners.size()));
    Labels b = values.get(other);
    int axis = joinable(a, b);
    int[] dims = a.dims().clone();
    dims[axis] += b.dims()[axis];
    unread.remove(in);
    unread.remove(other);
    node(out, "Concat<axis = " + axis + ">(" + in + ", " + other + ")");
    int first = a.dims()[axis];
    add(
        out,
        Labels.of(
            dims,
            p -> {
              int[] source = p.clone();
              if (p[axis] < first) {
                return a.get(source);
              }
              source[axis] -= first;
              return b.get(source);
            }));
  }

  /** The axis two tensors can be put together along; -1 if they differ in more than one. */
  private static int joinable(Labels a, Labels b) {
    if (a.rank() != b.rank() || a.rank() == 0) {
      return -1;
    }
    int[] different =
        IntStream.range(0, a.rank()).filter(i -> a.dims()[i] != b.dims()[i]).toArray();
    return different.length > 1 ? -1 : different.length == 1 ? different[0] : 0;
  }
}
