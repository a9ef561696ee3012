package io.gohsp.report;

/** A part of the page. */
interface Section {
  /** Adds itself; adds nothing if the report has nothing for it. */
  void render(PruningReport report, Markup page);

  /** Begins a section with its heading. */
  static void open(Markup page, String id, String heading) {
    page.open("section", "id", id, "aria-labelledby", id + "-heading");
    page.element("h2", heading, "id", id + "-heading");
  }

  /** A word as a heading. */
  static String title(String word) {
    return Character.toUpperCase(word.charAt(0)) + word.substring(1);
  }

  /** What {@link #open} began ends. */
  static void close(Markup page) {
    page.close("section");
  }
}
