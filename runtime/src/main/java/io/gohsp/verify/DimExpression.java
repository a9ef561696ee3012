package io.gohsp.verify;

import java.util.LinkedHashSet;
import java.util.Map;
import java.util.OptionalLong;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A symbolic dimension that may be a sum of products, as exporters write them: {@code batch},
 * {@code past + 1}, {@code 2*s0}. Anything else is one opaque symbol.
 */
record DimExpression(String text) {
  private static final Pattern SYMBOL = Pattern.compile("[A-Za-z_][\\w.]*");
  private static final Pattern SUM =
      Pattern.compile(
          "\\s*[\\w.]+(\\s*\\*\\s*[\\w.]+)*(\\s*\\+\\s*[\\w.]+(\\s*\\*\\s*[\\w.]+)*)*\\s*");

  /** The symbols whose sizes decide this one. */
  Set<String> symbols() {
    Set<String> symbols = new LinkedHashSet<>();
    if (!SUM.matcher(text).matches()) {
      symbols.add(text);
      return symbols;
    }
    Matcher found = SYMBOL.matcher(text);
    while (found.find()) {
      symbols.add(found.group());
    }
    return symbols;
  }

  /** The size, or empty if a symbol has none. */
  OptionalLong size(Map<String, Long> sizes) {
    Long direct = sizes.get(text);
    if (direct != null) {
      return OptionalLong.of(direct);
    }
    if (!SUM.matcher(text).matches()) {
      return OptionalLong.empty();
    }
    long sum = 0;
    for (String term : text.split("\\+", -1)) {
      long product = 1;
      for (String factor : term.split("\\*", -1)) {
        String name = factor.strip();
        Long size = name.matches("\\d{1,9}") ? Long.valueOf(name) : sizes.get(name);
        if (size == null) {
          return OptionalLong.empty();
        }
        product *= size;
      }
      sum += product;
    }
    return OptionalLong.of(sum);
  }
}
