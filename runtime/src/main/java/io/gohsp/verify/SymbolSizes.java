package io.gohsp.verify;

import io.gohsp.ir.Dim;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;

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

  /** Odd ones first: one that equals a number of heads or windows could hide a mistake. */
  private static final List<Long> LENGTHS =
      List.of(9L, 17L, 16L, 32L, 64L, 224L, 8L, 384L, 128L, 256L, 7L, 4L, 1L);

  /** How many other lengths are tried: each costs a run. */
  private static final int OTHERS = 4;

  private SymbolSizes() {}

  /** What a symbol seen at {@code axis} of an input of rank {@code rank} measures. */
  static Kind kind(String symbol, int axis, int rank) {
    String name = Dim.isOfAxis(symbol) ? "" : symbol.toLowerCase(Locale.ROOT);
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

  /**
   * Likewise, those first in which symbols have the sizes that data show.
   *
   * @param seen no symbol of {@code given}
   */
  static List<Map<String, Long>> assignments(
      Map<String, Kind> symbols, Map<String, Long> given, Map<String, Long> seen) {
    List<Map<String, Long>> all = new ArrayList<>();
    if (!seen.isEmpty()) {
      Map<String, Long> known = new LinkedHashMap<>(given);
      known.putAll(seen);
      all.addAll(assignments(symbols, known));
    }
    all.addAll(assignments(symbols, given));
    return all;
  }

  /** All assignments, those first in which the fewest sizes are others than in {@code base}. */
  static List<Map<String, Long>> nearest(
      Map<String, Kind> symbols, Map<String, Long> given, Map<String, Long> base) {
    List<Map<String, Long>> all = new ArrayList<>(assignments(symbols, given));
    Map<String, Kind> open = new LinkedHashMap<>(symbols);
    open.keySet().removeAll(given.keySet());
    for (Set<String> alike : alike(open, base)) {
      LENGTHS.forEach(size -> all.add(with(base, alike, size)));
    }
    all.sort(
        Comparator.comparingLong(
            sizes ->
                sizes.entrySet().stream()
                    .filter(size -> !size.getValue().equals(base.get(size.getKey())))
                    .count()));
    return all;
  }

  /**
   * Other assignments beside one that runs: for each of two more samples what is worth trying, best
   * first.
   *
   * @param given symbols whose sizes stay
   * @param fromData whether {@code sizes} were not found by trial
   */
  static List<List<Map<String, Long>>> variants(
      Map<String, Kind> symbols, Set<String> given, Map<String, Long> sizes, boolean fromData) {
    Map<String, Kind> open = new LinkedHashMap<>(symbols);
    open.keySet().removeAll(given);
    if (!open.containsValue(Kind.BATCH) && !open.containsValue(Kind.LENGTH)) {
      return List.of();
    }
    long base =
        open.entrySet().stream()
            .filter(e -> e.getValue() == Kind.LENGTH)
            .mapToLong(e -> sizes.getOrDefault(e.getKey(), 0L))
            .findFirst()
            .orElse(0);
    // Those before it in the list were tried and did not run, unless it is the data's.
    List<Long> others = new ArrayList<>(LENGTHS);
    if (fromData) {
      others.remove(base);
    } else {
      others.subList(0, LENGTHS.indexOf(base) + 1).clear();
    }
    others = others.subList(0, Math.min(OTHERS, others.size()));
    List<Map<String, Long>> second = new ArrayList<>();
    List<Map<String, Long>> third = new ArrayList<>();
    if (open.containsValue(Kind.LENGTH)) {
      for (long other : others) {
        second.add(assigned(open, sizes, 1, other, other));
        third.add(assigned(open, sizes, 3, base, other));
      }
    }
    for (Set<String> alike : alike(open, sizes)) {
      for (long other : others) {
        Map<String, Long> some = with(sizes, alike, other);
        second.add(batched(open, some, 1));
        third.add(batched(open, some, 3));
      }
    }
    if (open.containsValue(Kind.BATCH)) {
      second.add(batched(open, sizes, 1));
      third.add(batched(open, sizes, 3));
    }
    return List.of(second, third);
  }

  /**
   * Open lengths that have one size, where there are several sizes: weights may fix one of them and
   * leave another open.
   */
  private static Collection<Set<String>> alike(Map<String, Kind> open, Map<String, Long> sizes) {
    Map<Long, Set<String>> bySize = new LinkedHashMap<>();
    open.forEach(
        (symbol, kind) -> {
          Long size = sizes.get(symbol);
          if (kind == Kind.LENGTH && size != null) {
            bySize.computeIfAbsent(size, s -> new LinkedHashSet<>()).add(symbol);
          }
        });
    return bySize.size() > 1 ? bySize.values() : List.of();
  }

  private static Map<String, Long> with(Map<String, Long> sizes, Set<String> symbols, long size) {
    Map<String, Long> changed = new LinkedHashMap<>(sizes);
    symbols.forEach(symbol -> changed.put(symbol, size));
    return Collections.unmodifiableMap(changed);
  }

  private static Map<String, Long> batched(
      Map<String, Kind> open, Map<String, Long> sizes, long batch) {
    Map<String, Long> changed = new LinkedHashMap<>(sizes);
    open.forEach(
        (symbol, kind) -> {
          if (kind == Kind.BATCH) {
            changed.put(symbol, batch);
          }
        });
    return Collections.unmodifiableMap(changed);
  }

  /** The first symbol of a length gets one size, the others another. */
  private static Map<String, Long> assigned(
      Map<String, Kind> open, Map<String, Long> sizes, long batch, long first, long others) {
    Map<String, Long> assigned = new LinkedHashMap<>(sizes);
    boolean isFirst = true;
    for (Map.Entry<String, Kind> symbol : open.entrySet()) {
      if (symbol.getValue() == Kind.BATCH) {
        assigned.put(symbol.getKey(), batch);
      } else if (symbol.getValue() == Kind.LENGTH) {
        assigned.put(symbol.getKey(), isFirst ? first : others);
        isFirst = false;
      }
    }
    return Collections.unmodifiableMap(assigned);
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
          case LENGTH -> LENGTHS;
        };
    return open ? all : all.subList(0, 1);
  }
}
