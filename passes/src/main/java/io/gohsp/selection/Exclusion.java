package io.gohsp.selection;

import io.gohsp.plan.InvalidOption;
import java.util.List;
import java.util.regex.Pattern;
import java.util.regex.PatternSyntaxException;

/**
 * What must not be pruned: blocks by their names ("block 3") and whatever a weight of a given name
 * would be shortened by. A pattern has to match the whole name, {@code *} being any text and {@code
 * ?} any one character; between slashes it is a regular expression that may match anywhere.
 *
 * @param wished what was wished for blocks before, whose shares count instead
 */
public record Exclusion(String text, Pattern pattern, List<BlockWish> wished) {
  public Exclusion {
    wished = List.copyOf(wished);
  }

  private Exclusion(String text, Pattern pattern) {
    this(text, pattern, List.of());
  }

  /**
   * @throws InvalidOption if the pattern is empty or no regular expression
   */
  public static Exclusion parse(String text) {
    if (text.isBlank()) {
      throw new InvalidOption(
          "--exclude \"\" names nothing; give a block (\"block 3\") or a weight (\"*.mlp.*\")");
    }
    if (isRegex(text)) {
      try {
        return new Exclusion(text, Pattern.compile(text.substring(1, text.length() - 1)));
      } catch (PatternSyntaxException e) {
        throw new InvalidOption(
            "--exclude " + text + " is not a regular expression: " + e.getDescription());
      }
    }
    StringBuilder regex = new StringBuilder("^");
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      regex.append(c == '*' ? ".*" : c == '?' ? "." : Pattern.quote(String.valueOf(c)));
    }
    return new Exclusion(text, Pattern.compile(regex.append('$').toString(), Pattern.DOTALL));
  }

  /** The same where nothing was wished before. */
  Exclusion after(List<BlockWish> wishes) {
    return new Exclusion(text, pattern, wishes);
  }

  /** Whether a block keeps all of a kind. */
  boolean keeps(String block, GroupKind kind) {
    return matches(block) && BlockWish.share(wished, block, kind) == null;
  }

  private static boolean isRegex(String text) {
    return text.length() > 2 && text.startsWith("/") && text.endsWith("/");
  }

  /** Whether it is written so that it may match several names. */
  boolean isPattern() {
    return text.contains("*") || text.contains("?") || isRegex(text);
  }

  /** Whether it names a block, a weight or a stream. */
  public boolean matches(String name) {
    return pattern.matcher(name).find();
  }

  @Override
  public String toString() {
    return wished.isEmpty() ? text : text + " after " + wished;
  }
}
