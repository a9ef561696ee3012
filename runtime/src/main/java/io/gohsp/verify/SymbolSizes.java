package io.gohsp.verify;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * Which sizes to try for the symbols of a model. Models seldom say: an image side must be a
 * multiple of the patch, a sequence no longer than the position table.
 */
final class SymbolSizes {
  /**
   * What a symbol measures, as far as it decides which sizes are worth trying; the likeliest comes
   * first.
   */
  enum Kind {
    BATCH,
    CHANNELS,
    /** Of a sequence, or a side of an image. */
    LENGTH
  }

  private SymbolSizes() {}

  /** What a symbol seen at {@code axis} of an input of rank {@code rank} measures. */
  static Kind kind(String symbol, int axis, int rank) {
    String name = symbol.toLowerCase(Locale.ROOT);
    if (name.contains("batch") || (axis == 0 && rank > 1 && !name.contains("seq"))) {
      return Kind.BATCH;
    }
    return name.contains("channel")
            || (axis == 1 && rank == 4 && !name.matches(".*(height|width|seq).*"))
        ? Kind.CHANNELS
        : Kind.LENGTH;
  }

  /** All assignments worth trying, likeliest first; symbols of one kind get one size. */
  static List<Map<String, Long>> assignments(Map<String, Kind> symbols, Map<String, Long> given) {
    List<Map<String, Long>> all = new ArrayList<>();
    for (long channels : candidates(Kind.CHANNELS, symbols, given)) {
      for (long batch : candidates(Kind.BATCH, symbols, given)) {
        for (long length : candidates(Kind.LENGTH, symbols, given)) {
          Map<String, Long> sizes = new LinkedHashMap<>();
          symbols.forEach(
              (symbol, kind) ->
                  sizes.put(
                      symbol,
                      switch (kind) {
                        case BATCH -> batch;
                        case CHANNELS -> channels;
                        case LENGTH -> length;
                      }));
          sizes.putAll(given);
          all.add(sizes);
        }
      }
    }
    return all;
  }

  private static List<Long> candidates(
      Kind kind, Map<String, Kind> symbols, Map<String, Long> given) {
    boolean open =
        symbols.entrySet().stream()
            .anyMatch(e -> e.getValue() == kind && !given.containsKey(e.getKey()));
    List<Long> all =
        switch (kind) {
          case BATCH -> List.of(2L, 1L, 3L, 4L);
          case CHANNELS -> List.of(3L, 1L);
          // Odd lengths first: one that equals a number of heads or windows could hide a mistake.
          case LENGTH -> List.of(9L, 17L, 16L, 32L, 64L, 224L, 8L, 384L, 128L, 256L, 7L, 4L, 1L);
        };
    return open ? all : all.subList(0, 1);
  }
}
