package io.gohsp.report;

import io.gohsp.equivalence.Provenance;
import io.gohsp.verify.Verdict;

/** Whether the rewrite is right. */
final class EquivalenceSection {
  private EquivalenceSection() {}

  static void render(PruningReport report, Markup page) {
    Section.open(page, "equivalence", "Equivalence of the cut");
    Verdict verdict = report.verdict();
    if (verdict == null) {
      page.element("p", "The result was not compared with anything.");
    } else if (verdict.samples() == 0 && verdict.passed()) {
      page.element("p", "Nothing is removed: the result is a copy of the original.");
    } else {
      compared(verdict, report.isSoftened(), page);
      if (report.isChanged()) {
        page.element(
            "p",
            "What was written has been %s since the original, on purpose: it equals the cut in its structure only."
                .formatted(Provenance.changes(report.corrected(), report.trained())),
            "class",
            "note");
      }
    }
    Section.close(page);
  }

  private static void compared(Verdict verdict, boolean softened, Markup page) {
    String reference =
        verdict.mode() == Verdict.Mode.PLAIN
            ? "the original as it is"
            : softened
                ? "the trained model at the moment of the cut, with the removed parts switched off"
                : "the original with the removed parts switched off";
    page.element(
        "p",
        "The pruned model ran in ONNX Runtime on %s, on %s, against %s. %s"
            .formatted(
                verdict.inputs(),
                verdict.device(),
                reference,
                verdict.passed() ? "They agree." : "They do NOT agree: " + verdict.reason() + "."));
    Table table = Table.open(page, "Differences", "largest difference", "measured", "allowed");
    table
        .row("relative to the output's scale")
        .number(verdict.maxRelError(), Quantity.scientific(verdict.maxRelError()))
        .number(
            verdict.tolerance().relative(),
            Quantity.scientific(verdict.tolerance().relative())
                + " ("
                + verdict.tolerance().name()
                + ")")
        .end();
    table
        .row("absolute")
        .number(verdict.maxAbsError(), Quantity.scientific(verdict.maxAbsError()))
        .cell("–")
        .end();
    table.close();
  }
}
