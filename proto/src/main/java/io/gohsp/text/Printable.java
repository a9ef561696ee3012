package io.gohsp.text;

/**
 * Text from files as people may see it. Names in models, archives, plans and configurations can
 * hold characters that command a terminal (colours, titles, the cursor, the bell) or turn the order
 * of what follows round; they are shown as escapes instead.
 */
public final class Printable {
  private Printable() {}

  /**
   * The text with {@code \}{@code u001b} and the like in place of characters that do not stand for
   * themselves: controls of both sets but for tabs, line ends, bidirectional and other invisible
   * formats, and halves of pairs. As the escapes are JSON's, the text stays what it was inside a
   * JSON string.
   */
  public static String of(String text) {
    if (text.codePoints().allMatch(Printable::isPlain)) {
      return text;
    }
    StringBuilder shown = new StringBuilder();
    text.codePoints()
        .forEach(
            c -> {
              if (isPlain(c)) {
                shown.appendCodePoint(c);
              } else {
                for (char unit : Character.toChars(c)) {
                  shown.append("\\u%04x".formatted((int) unit));
                }
              }
            });
    return shown.toString();
  }

  /** The last two of every plane are no characters at all. */
  private static boolean isPlain(int c) {
    if (c == '\t') {
      return true;
    }
    return switch ((c & 0xFFFE) == 0xFFFE ? Character.CONTROL : Character.getType(c)) {
      case Character.CONTROL,
          Character.FORMAT,
          Character.SURROGATE,
          Character.LINE_SEPARATOR,
          Character.PARAGRAPH_SEPARATOR ->
          false;
      default -> true;
    };
  }
}
