package io.gohsp.cli;

import io.gohsp.cost.Cost;
import io.gohsp.vit.Block;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.List;
import java.util.OptionalLong;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** Sizes and costs of several models, a column each. */
record SideBySide(List<Column> columns) {
  /** One of the models. */
  record Column(Path file, ModelFacts facts, Cost cost, List<Block> blocks) {
    private long heads() {
      return blocks.stream()
          .filter(block -> block.attention() != null)
          .mapToLong(block -> block.attention().headCount())
          .sum();
    }

    private long neurons() {
      return blocks.stream()
          .filter(block -> block.mlp() != null)
          .mapToLong(block -> block.mlp().neurons().size())
          .sum();
    }
  }

  void print(PrintWriter out) {
    TextTable table = new TextTable();
    row(table, "", column -> column.file().toString());
    row(table, "inputs", column -> inputs(column.facts()));
    row(table, "batch", column -> column.facts().batch());
    row(table, "nodes", column -> Long.toString(column.facts().nodes()));
    row(table, "parameters", column -> Quantity.of(column.cost().params()));
    row(table, "at least", column -> least(column.facts().leastParams()));
    row(table, "multiply-accumulates", column -> Quantity.of(column.cost().macs()));
    row(table, "at least", column -> least(column.facts().leastMacs()));
    row(table, "weights", column -> Quantity.bytes(column.cost().bytes()));
    row(table, "blocks", column -> Integer.toString(column.blocks().size()));
    row(table, "heads", column -> Long.toString(column.heads()));
    row(table, "neurons", column -> Long.toString(column.neurons()));
    table.print(out);
    out.flush();
  }

  private void row(TextTable table, String name, Function<Column, String> cell) {
    table.row(Stream.concat(Stream.of(name), columns.stream().map(cell)).toArray(String[]::new));
  }

  private static String inputs(ModelFacts facts) {
    return facts.inputs().stream().map(ModelFacts.Declared::type).collect(Collectors.joining(" "));
  }

  private static String least(OptionalLong number) {
    return number.isPresent() ? Quantity.of(number.getAsLong()) : "-";
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
                  object.put("blocks", (long) column.blocks().size());
                  object.put("heads", column.heads());
                  object.put("neurons", column.neurons());
                });
          }
        });
  }
}
