package io.gohsp.cli;

import io.gohsp.basis.Basis;
import io.gohsp.basis.Matrix;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Bases of blocks as an argument of a command, to the bit: blocks are separated by semicolons,
 * query-key from value columns by a colon, heads by commas.
 */
final class BasesText {
  private BasesText() {}

  static String of(List<@Nullable Basis> bases) {
    return bases.stream()
        .map(basis -> basis == null ? ":" : heads(basis.qk()) + ":" + heads(basis.v()))
        .collect(Collectors.joining(";"));
  }

  private static String heads(@Nullable List<Matrix> heads) {
    return heads == null
        ? ""
        : heads.stream()
            .map(head -> ShardOptions.text(head.elements()))
            .collect(Collectors.joining(","));
  }

  static List<@Nullable Basis> read(String text) {
    List<@Nullable Basis> bases = new ArrayList<>();
    for (String block : text.split(";", -1)) {
      String[] kinds = block.split(":", -1);
      Basis basis = new Basis(matrices(kinds[0]), matrices(kinds[1]));
      bases.add(basis.isEmpty() ? null : basis);
    }
    return bases;
  }

  private static @Nullable List<Matrix> matrices(String heads) {
    return heads.isEmpty() ? null : Stream.of(heads.split(",", -1)).map(BasesText::matrix).toList();
  }

  private static Matrix matrix(String text) {
    double[] elements = ShardOptions.numbers(text);
    return Matrix.of((int) Math.round(Math.sqrt(elements.length)), elements);
  }
}
