package io.gohsp.cli;

import io.gohsp.cost.Cost;
import io.gohsp.cost.CostModel;
import io.gohsp.io.OnnxReader;
import io.gohsp.ir.Model;
import io.gohsp.normalize.WorkingModel;
import io.gohsp.report.Quantity;
import io.gohsp.selection.BlockShare;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import java.util.OptionalLong;
import java.util.function.Function;
import java.util.stream.Stream;

/** What several models are made of, a column each. */
record SideBySide(List<Column> columns) {
  private static final String NONE = "-";

  /** One of the models. */
  record Column(Path file, ModelFacts facts, Cost cost, List<BlockShare> shares) {
    static Column of(Path file) {
      Model model = OnnxReader.read(file);
      WorkingModel working = WorkingModel.normalized(model);
      return new Column(
          file, ModelFacts.of(model, working), CostModel.of(model), BlockShare.of(working));
    }

    private long heads() {
      return shares.stream()
          .filter(share -> share.block().attention() != null)
          .mapToLong(share -> share.block().attention().headCount())
          .sum();
    }

    private long neurons() {
      return shares.stream()
          .filter(share -> share.block().mlp() != null)
          .mapToLong(share -> share.block().mlp().neurons().size())
          .sum();
    }

    /** A block's part of parameters and multiply-accumulates. */
    private String share(String block) {
      return shares.stream()
          .filter(share -> share.block().name().equals(block))
          .map(
              share ->
                  Quantity.percent(share.cost().params(), cost.params())
                      + " / "
                      + Quantity.percent(share.cost().macs(), cost.macs()))
          .findFirst()
          .orElse(NONE);
    }
  }

  void print(PrintWriter out) {
    TextTable table = new TextTable();
    row(table, "", column -> column.file().toString());
    list(table, "inputs", column -> column.facts().inputs());
    list(table, "outputs", column -> column.facts().outputs());
    row(table, "batch", column -> column.facts().batch());
    row(table, "format", column -> column.facts().format());
    list(table, "side file", column -> column.facts().sideFiles());
    row(table, "parameters", column -> Quantity.of(column.cost().params()));
    row(table, "at least", column -> least(column.facts().leastParams()));
    row(table, "multiply-accumulates", column -> Quantity.of(column.cost().macs()));
    row(table, "at least", column -> least(column.facts().leastMacs()));
    row(table, "weights", column -> Quantity.bytes(column.cost().bytes()));
    row(table, "heads", column -> Long.toString(column.heads()));
    row(table, "neurons", column -> Long.toString(column.neurons()));
    row(table, "blocks", column -> Integer.toString(column.shares().size()));
    names(column -> column.shares().stream().map(share -> share.block().name()))
        .forEach(name -> row(table, "  " + name + ", params / MACs", c -> c.share(name)));
    row(table, "nodes", column -> Long.toString(column.facts().nodes()));
    names(column -> column.facts().operators().keySet().stream())
        .forEach(
            name ->
                row(
                    table,
                    "  " + name,
                    c -> Objects.toString(c.facts().operators().get(name), NONE)));
    table.print(out);
    out.flush();
  }

  private void row(TextTable table, String name, Function<Column, String> cell) {
    table.row(Stream.concat(Stream.of(name), columns.stream().map(cell)).toArray(String[]::new));
  }

  /** As many rows as the longest list has elements; none if all are empty. */
  private void list(TextTable table, String name, Function<Column, List<?>> elements) {
    int rows = columns.stream().mapToInt(c -> elements.apply(c).size()).max().orElse(0);
    for (int i = 0; i < rows; i++) {
      int at = i;
      row(
          table,
          i == 0 ? name : "",
          c -> at < elements.apply(c).size() ? elements.apply(c).get(at).toString() : NONE);
    }
  }

  /** What any of the models has, each once. */
  private Stream<String> names(Function<Column, Stream<String>> some) {
    return columns.stream().flatMap(some).distinct();
  }

  private static String least(OptionalLong number) {
    return number.isPresent() ? Quantity.of(number.getAsLong()) : NONE;
  }

  void write(Json json) throws IOException {
    json.array(
        "models",
        array -> {
          for (Column column : columns) {
            array.element(
                object -> {
                  object.put("file", column.file().toString());
                  column.facts().write(object);
                  object.put("params", column.cost().params());
                  object.put("embeddings", column.cost().embeddings());
                  object.put("macs", column.cost().macs());
                  object.put("bytes", column.cost().bytes());
                  object.put("blocks", (long) column.shares().size());
                  object.put("heads", column.heads());
                  object.put("neurons", column.neurons());
                });
          }
        });
  }
}
