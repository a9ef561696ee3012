package io.gohsp.cli;

import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** One line for each block, or for each run of blocks that look the same. */
final class BlockTable {
  private record Row(String name, List<String> cells) {}

  private final List<Row> rows = new ArrayList<>();
  private final List<String> header = new ArrayList<>();

  /**
   * @param more columns behind heads, widths and neurons
   */
  BlockTable(String... more) {
    header.addAll(List.of("", "heads", "qk width", "v width", "neurons"));
    header.addAll(List.of(more));
  }

  /**
   * @param cells heads, query-key width, value width, neurons, and what else there is
   */
  void row(String name, String... cells) {
    rows.add(new Row(name, Arrays.asList(cells)));
  }

  void print(PrintWriter out) {
    TextTable table = new TextTable().row(header.toArray(String[]::new));
    for (int i = 0; i < rows.size(); ) {
      int end = i + 1;
      while (end < rows.size() && rows.get(end).cells().equals(rows.get(i).cells())) {
        end++;
      }
      String first = rows.get(i).name();
      String last = rows.get(end - 1).name();
      List<String> line = new ArrayList<>();
      line.add(end == i + 1 ? first : first + " .. " + last.replace("block ", ""));
      line.addAll(rows.get(i).cells());
      table.row(line.toArray(String[]::new));
      i = end;
    }
    table.print(out);
  }
}
