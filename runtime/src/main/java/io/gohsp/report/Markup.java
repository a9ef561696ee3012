package io.gohsp.report;

import io.gohsp.text.Printable;
import java.util.ArrayDeque;
import java.util.Deque;

/**
 * HTML that is XML too, so that every parser reads it alike. Text and attributes are escaped here
 * and nowhere else; elements that are not closed, or in the wrong order, are mistakes of the
 * program.
 */
final class Markup {
  private final StringBuilder text = new StringBuilder();
  private final Deque<String> open = new ArrayDeque<>();

  /**
   * Opens an element.
   *
   * @param attributes names and values in turns
   */
  Markup open(String element, String... attributes) {
    tag(element, attributes).append('>');
    open.push(element);
    return this;
  }

  /** Closes the element that was opened last. */
  Markup close(String element) {
    String last = open.poll();
    if (!element.equals(last)) {
      throw new IllegalStateException("</" + element + "> where </" + last + "> is due");
    }
    text.append("</").append(element).append(">\n");
    return this;
  }

  /** An element with nothing but text in it. */
  Markup element(String element, String content, String... attributes) {
    return open(element, attributes).text(content).close(element);
  }

  /** An element that cannot contain anything: {@code meta}, and shapes of SVG. */
  Markup empty(String element, String... attributes) {
    tag(element, attributes).append("/>\n");
    return this;
  }

  Markup text(String content) {
    escape(content);
    return this;
  }

  /** Adds what is markup already. */
  Markup raw(String markup) {
    text.append(markup);
    return this;
  }

  private StringBuilder tag(String element, String... attributes) {
    text.append('<').append(element);
    for (int i = 0; i < attributes.length; i += 2) {
      text.append(' ').append(attributes[i]).append("=\"");
      escape(attributes[i + 1]);
      text.append('"');
    }
    return text;
  }

  private void escape(String content) {
    content
        .codePoints()
        .forEach(
            c -> {
              switch (c) {
                case '&' -> text.append("&amp;");
                case '<' -> text.append("&lt;");
                case '>' -> text.append("&gt;");
                case '"' -> text.append("&quot;");
                case '\t', '\n', '\r' -> text.appendCodePoint(c);
                default -> text.append(Printable.of(Character.toString(c)));
              }
            });
  }

  /** Everything, once all elements are closed. */
  String finish() {
    if (!open.isEmpty()) {
      throw new IllegalStateException("not closed: " + open);
    }
    return text.toString();
  }
}
