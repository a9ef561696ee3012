package io.gohsp.autodiff;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.StringJoiner;
import java.util.stream.IntStream;

/** Random shapes and attributes, and how ONNX's textual syntax writes them. */
final class Draw {
  private final Random random;

  Draw(long seed) {
    random = new Random(seed);
  }

  /** A whole number in {@code [low, high]}. */
  int number(int low, int high) {
    return low + random.nextInt(high - low + 1);
  }

  boolean chance(double share) {
    return random.nextDouble() < share;
  }

  String decimal(double low, double high) {
    return String.format(java.util.Locale.ROOT, "%.2f", low + (high - low) * random.nextDouble());
  }

  @SafeVarargs
  final <T> T pick(T... choices) {
    return choices[random.nextInt(choices.length)];
  }

  <T> List<T> shuffled(List<T> list) {
    List<T> copy = new ArrayList<>(list);
    Collections.shuffle(copy, random);
    return copy;
  }

  /** Extents of 1 to 4. */
  List<Integer> shape(int lowestRank, int highestRank) {
    int rank = number(lowestRank, highestRank);
    return IntStream.range(0, rank).mapToObj(axis -> number(1, 4)).toList();
  }

  /** A shape that broadcasting repeats to {@code to}: leading axes missing, extents of 1. */
  List<Integer> repeatable(List<Integer> to) {
    List<Integer> shape =
        new ArrayList<>(to.subList(chance(0.4) ? number(0, to.size()) : 0, to.size()));
    shape.replaceAll(extent -> chance(0.3) ? 1 : extent);
    return shape;
  }

  /** An axis, counted from either end. */
  int axis(int rank) {
    return number(-rank, rank - 1);
  }

  /** Different axes in any order, at least {@code least}. */
  List<Integer> axes(int rank, int least) {
    List<Integer> all = shuffled(IntStream.range(0, rank).boxed().toList());
    return all.subList(0, number(least, rank));
  }

  /** Whole numbers in {@code [low, high]}, as many as the shape has elements. */
  List<Integer> numbers(List<Integer> shape, int low, int high) {
    return IntStream.range(0, size(shape)).mapToObj(i -> number(low, high)).toList();
  }

  /** Extents as a type has them, some of them symbols: B for 2, N for 3. */
  String open(List<Integer> shape) {
    StringJoiner dims = new StringJoiner(",", "[", "]");
    for (int extent : shape) {
      boolean symbol = (extent == 2 || extent == 3) && chance(0.25);
      dims.add(symbol ? (extent == 2 ? "B" : "N") : Integer.toString(extent));
    }
    return shape.isEmpty() ? "" : dims.toString();
  }

  static int size(List<Integer> shape) {
    return shape.stream().reduce(1, (a, b) -> a * b);
  }

  /** Extents as numbers. */
  static String fixed(List<Integer> shape) {
    return shape.isEmpty() ? "" : list(shape);
  }

  static String list(List<Integer> numbers) {
    return numbers.toString().replace(" ", "");
  }

  static String list(Integer... numbers) {
    return list(Arrays.asList(numbers));
  }

  /** An initializer: {@code int64[2] name = {1, 2}}. */
  static String constant(String type, String name, List<Integer> shape, List<Integer> contents) {
    String numbers = contents.toString().replace('[', '{').replace(']', '}');
    return type + fixed(shape) + " " + name + " = " + numbers;
  }

  /** A vector of INT64. */
  static String longs(String name, List<Integer> contents) {
    return constant("int64", name, List.of(contents.size()), contents);
  }
}
