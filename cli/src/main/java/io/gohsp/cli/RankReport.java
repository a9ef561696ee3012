package io.gohsp.cli;

import io.gohsp.ranking.HeadRankings;
import io.gohsp.ranking.RankSettings;
import io.gohsp.ranking.RankedBlock;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * What is said about a ranking.
 *
 * @param data what the samples come from
 * @param settings how they were compared
 */
record RankReport(Path file, String data, RankSettings settings, HeadRankings ranked) {
  /** Matrices of more heads go below each other. */
  private static final int SIDE_BY_SIDE = 6;

  String title() {
    return "%s: heads compared by %s on %d samples"
        .formatted(file.getFileName(), settings.similarity().description(), ranked.samples());
  }

  void print(ConsoleOptions console, PrintWriter out) {
    if (console.json()) {
      Json.print(out, this::write);
    } else if (console.text()) {
      printText(out);
    }
  }

  void write(Json json) throws IOException {
    json.put("data", data);
    json.put("samples", ranked.samples());
    json.put("similarity", settings.similarity().id());
    json.put("ranking", settings.order().by().id());
    json.put("remove", settings.order().removeHighest() ? "highest" : "lowest");
    json.put("damping", settings.chains().damping());
    json.put("selfLoops", settings.chains().selfLoops());
    json.array("blocks", array -> write(array, ranked.blocks()));
  }

  /** Elements of an array, one for each block. */
  static void write(Json array, List<RankedBlock> blocks) throws IOException {
    for (RankedBlock block : blocks) {
      array.element(
          object -> {
            object.put("name", block.block());
            object.matrix("similarity", block.similarity());
            object.matrix("transition", block.chain().transition());
            object.numbers("stationary", block.chain().stationary());
            object.indices("order", block.ranking().order());
            object.numbers("scores", block.ranking().scores());
          });
    }
  }

  private void printText(PrintWriter out) {
    out.println(title());
    out.println(data);
    for (RankedBlock block : ranked.blocks()) {
      out.println();
      List<Integer> order = block.ranking().order();
      out.println(
          block.block()
              + ": "
              + String.join(" ", order.stream().map(String::valueOf).toList())
              + (order.size() == 1 ? " is the only head" : ", the last goes first"));
      if (block.heads() <= SIDE_BY_SIDE) {
        table(block, true, true).print(out);
      } else {
        table(block, true, false).print(out);
        table(block, false, true).print(out);
      }
    }
    out.flush();
  }

  private static TextTable table(RankedBlock block, boolean similarities, boolean transitions) {
    TextTable table = new TextTable();
    List<String> heading = new ArrayList<>(List.of("  head", "pi"));
    for (int j = 0; j < block.heads() && similarities; j++) {
      heading.add("S " + j);
    }
    for (int j = 0; j < block.heads() && transitions; j++) {
      heading.add("P " + j);
    }
    table.row(heading.toArray(String[]::new));
    for (int i = 0; i < block.heads(); i++) {
      List<String> row = new ArrayList<>();
      row.add("  " + i);
      row.add(number(block.chain().stationary()[i]));
      for (int j = 0; j < block.heads() && similarities; j++) {
        row.add(number(block.similarity()[i][j]));
      }
      for (int j = 0; j < block.heads() && transitions; j++) {
        row.add(number(block.chain().transition()[i][j]));
      }
      table.row(row.toArray(String[]::new));
    }
    return table;
  }

  private static String number(double value) {
    return String.format(Locale.ROOT, "%.4f", value);
  }
}
