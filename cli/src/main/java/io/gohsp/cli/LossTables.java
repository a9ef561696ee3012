package io.gohsp.cli;

import io.gohsp.report.Quantity;
import io.gohsp.selection.GroupKind;
import io.gohsp.selection.LossTable;
import java.io.IOException;
import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** Tables of errors, for machines and for people. */
final class LossTables {
  /** Shares that people are shown, in percent. */
  private static final List<Integer> SHARES = List.of(90, 75, 50, 25, 10);

  private LossTables() {}

  /** Elements of an array. */
  static void write(Json array, List<LossTable> tables) throws IOException {
    for (LossTable table : tables) {
      array.element(
          object -> {
            object.array("blocks", names -> names.strings(table.blocks()));
            object.put("kind", table.kind().name().toLowerCase(Locale.ROOT));
            object.put("positions", table.positions());
            object.put("positionsPerUnit", table.positionsPerUnit());
            object.numbers(
                "loss", table.loss().stream().mapToDouble(Double::doubleValue).toArray());
            object.put("unitParams", table.unitParams());
            object.put("unitMacs", table.unitMacs());
            object.put(
                "reasonToKeep", table.reasonToKeep().isEmpty() ? null : table.reasonToKeep());
          });
    }
  }

  /** A table for each kind, a row for each block. */
  static void print(List<LossTable> tables, PrintWriter out) {
    for (GroupKind kind : GroupKind.values()) {
      List<LossTable> own = tables.stream().filter(table -> table.kind() == kind).toList();
      if (own.isEmpty()) {
        continue;
      }
      TextTable text = new TextTable();
      List<String> heading = new ArrayList<>(List.of(kind.label(), "of"));
      SHARES.forEach(share -> heading.add(share + " %"));
      heading.add("params each");
      text.row(heading.toArray(String[]::new));
      for (LossTable table : own) {
        List<String> row = new ArrayList<>();
        row.add("  " + String.join(", ", table.blocks()));
        row.add(Integer.toString(table.positions()));
        SHARES.forEach(share -> row.add(loss(table, share)));
        row.add(Quantity.of(table.unitParams()));
        text.row(row.toArray(String[]::new));
      }
      out.println();
      text.print(out);
    }
  }

  private static String loss(LossTable table, int percent) {
    if (!table.reasonToKeep().isEmpty()) {
      return "-";
    }
    int kept = Math.max(1, Math.round(table.units() * percent / 100f));
    return String.format(Locale.ROOT, "%.1e", table.at(kept));
  }
}
