package io.gohsp.cli;

import io.gohsp.autodiff.TiedParameters;
import io.gohsp.axis.UnknownOperators;
import io.gohsp.cost.Cost;
import io.gohsp.cost.CostModel;
import io.gohsp.io.OnnxReader;
import io.gohsp.ir.Model;
import io.gohsp.ir.Node;
import io.gohsp.normalize.WorkingModel;
import io.gohsp.report.Quantity;
import io.gohsp.selection.BlockShare;
import io.gohsp.stream.Stream;
import io.gohsp.stream.Streams;
import io.gohsp.vit.AttentionPart;
import io.gohsp.vit.Block;
import io.gohsp.vit.PrunableAxis;
import io.gohsp.vit.SeparableAttention;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Shows what a model is made of. */
@Command(
    name = "inspect",
    mixinStandardHelpOptions = true,
    description = {
      "Shows blocks, sizes and costs, how small a model can become, and why something cannot be"
          + " pruned.",
      "Of several models, the same side by side."
    },
    footerHeading = "%nExamples:%n",
    footer = {"  gohsp inspect model.onnx", "  gohsp inspect model.onnx pruned.onnx"})
final class InspectCommand implements Callable<Integer> {
  @Spec private CommandSpec spec;

  @Parameters(paramLabel = "MODEL", arity = "1..*", description = "ONNX files.")
  private List<Path> files = new ArrayList<>();

  @Mixin private ConsoleOptions console = new ConsoleOptions();

  @Override
  public Integer call() {
    PrintWriter out = Printed.out(spec);
    if (files.size() > 1) {
      sideBySide(out);
      return ExitCodes.DONE;
    }
    Path file = files.get(0);
    try (Phases phases = new Phases(console, Printed.err(spec))) {
      phases.accept("reading");
      Model model = OnnxReader.read(file);
      phases.accept("analysing");
      WorkingModel working = WorkingModel.normalized(model);
      phases.accept("counting");
      Cost cost = CostModel.of(model);
      List<Obstacle> obstacles = Obstacle.in(working.blocks());
      List<OwnBasis> bases = OwnBasis.in(working);
      List<Stream> streams = Streams.of(working).all();
      ModelFacts facts = ModelFacts.of(model, working);
      List<TiedParameters.Tied> tied = TiedParameters.of(model);
      phases.finish();
      if (console.json()) {
        Json.print(
            out,
            json -> {
              facts.write(json);
              write(json, cost, working, obstacles, bases);
              StreamText.write(json, streams);
              TiedText.write(json, tied);
              SharedAxis.write(json, SharedAxis.in(working.blocks()), working.blocks());
            });
      } else if (console.text()) {
        print(out, file, facts, cost, working, obstacles, bases, tied, streams);
      }
    }
    return ExitCodes.DONE;
  }

  private void sideBySide(PrintWriter out) {
    try (Phases phases = new Phases(console, Printed.err(spec))) {
      List<SideBySide.Column> columns = new ArrayList<>();
      for (Path file : files) {
        phases.accept("analysing " + file);
        columns.add(SideBySide.Column.of(file));
      }
      phases.finish();
      SideBySide table = new SideBySide(columns);
      if (console.json()) {
        Json.print(out, table::write);
      } else if (console.text()) {
        table.print(out);
      }
    }
  }

  /** Sizes of a block; null where it lacks the part. */
  private record Sizes(
      @Nullable Integer heads,
      @Nullable Integer qkWidth,
      @Nullable Integer vWidth,
      @Nullable Integer neurons) {
    static Sizes of(Block block) {
      AttentionPart attention = block.attention();
      return new Sizes(
          attention == null ? null : (Integer) attention.headCount(),
          attention == null ? null : size(attention.qk()),
          attention == null ? null : size(attention.v()),
          block.mlp() == null ? null : size(block.mlp().neurons()));
    }

    private static @Nullable Integer size(@Nullable PrunableAxis axis) {
      return axis == null ? null : (Integer) axis.size();
    }
  }

  private static void write(
      Json json, Cost cost, WorkingModel working, List<Obstacle> obstacles, List<OwnBasis> bases)
      throws IOException {
    json.put("params", cost.params());
    json.put("embeddings", cost.embeddings());
    json.put("macs", cost.macs());
    json.put("bytes", cost.bytes());
    json.array(
        "blocks",
        array -> {
          for (BlockShare share : BlockShare.of(working)) {
            Sizes sizes = Sizes.of(share.block());
            array.element(
                object -> {
                  object.put("name", share.block().name());
                  object.put("heads", sizes.heads());
                  object.put("qkWidth", sizes.qkWidth());
                  object.put("vWidth", sizes.vWidth());
                  object.put("neurons", sizes.neurons());
                  object.put("params", share.cost().params());
                  object.put("macs", share.cost().macs());
                });
          }
        });
    json.array(
        "notPrunable",
        array -> {
          for (Obstacle obstacle : obstacles) {
            array.element(
                object -> {
                  object.put("block", obstacle.block());
                  object.put("part", obstacle.part());
                  object.put("node", obstacle.nodeName());
                  object.put("opType", obstacle.opType());
                  object.put("reason", obstacle.reason());
                });
          }
        });
    json.array(
        "basis",
        array -> {
          for (OwnBasis basis : bases) {
            array.element(
                object -> {
                  object.put("block", basis.block());
                  object.put("part", basis.part());
                  object.put("free", basis.isFree());
                  object.put("node", basis.nodeName());
                  object.put("opType", basis.opType());
                  object.put("reason", basis.reason());
                });
          }
        });
    json.array(
        "unknownOperators",
        array -> {
          for (var entry : working.analysis().unknownOperators().nodes().entrySet()) {
            array.element(
                object -> {
                  object.put("opType", entry.getKey().toString());
                  object.put("nodes", entry.getValue());
                });
          }
        });
  }

  private void print(
      PrintWriter out,
      Path file,
      ModelFacts facts,
      Cost cost,
      WorkingModel working,
      List<Obstacle> obstacles,
      List<OwnBasis> bases,
      List<TiedParameters.Tied> tied,
      List<Stream> streams) {
    List<Block> blocks = working.blocks();
    out.println(file);
    facts.print(out);
    out.println();
    TextTable costs = new TextTable().row("parameters", Quantity.of(cost.params()));
    if (cost.embeddings() > 0) {
      costs.row(
          "of them embedding tables",
          Quantity.of(cost.embeddings())
              + ", "
              + Quantity.percent(cost.embeddings(), cost.params()));
    }
    costs
        .row("multiply-accumulates", Quantity.of(cost.macs()))
        .row("weights", Quantity.bytes(cost.bytes()));
    facts.addLeast(costs, cost);
    costs.print(out);
    if (!cost.uncounted().isEmpty()) {
      out.println(
          "not counted: "
              + cost.uncounted().size()
              + " nodes of unknown extents, such as "
              + cost.uncounted().get(0));
    }
    if (!tied.isEmpty()) {
      out.println(TiedText.of(tied));
    }
    out.println();
    if (blocks.isEmpty()) {
      out.println("There is no transformer block in it, so there is nothing to prune.");
      List<Node> separable = SeparableAttention.in(working.model());
      if (!separable.isEmpty()) {
        out.println(
            "Attention that multiplies element by element and adds up is not followed: "
                + "Softmax \""
                + separable.get(0).output().name()
                + "\""
                + (separable.size() == 1 ? "" : " and " + (separable.size() - 1) + " more"));
      }
    } else {
      BlockTable table = new BlockTable("parameters", "MACs");
      for (BlockShare share : BlockShare.of(working)) {
        Sizes sizes = Sizes.of(share.block());
        table.row(
            share.block().name(),
            text(sizes.heads()),
            text(sizes.qkWidth()),
            text(sizes.vWidth()),
            text(sizes.neurons()),
            Quantity.percent(share.cost().params(), cost.params()),
            Quantity.percent(share.cost().macs(), cost.macs()));
      }
      table.print(out);
    }
    SharedAxis.print(out, SharedAxis.in(blocks));
    printObstacles(out, obstacles);
    printBases(out, bases);
    StreamText.print(out, streams);
    UnknownOperators unknown = working.analysis().unknownOperators();
    if (!unknown.isEmpty()) {
      out.println();
      out.println("Operators that are not looked into, so that what they touch stays: " + unknown);
    }
    out.flush();
  }

  private static String text(@Nullable Integer size) {
    return size == null ? "-" : size.toString();
  }

  /** One line for each reason, with the blocks it holds for. */
  private static void printObstacles(PrintWriter out, List<Obstacle> obstacles) {
    if (obstacles.isEmpty()) {
      return;
    }
    out.println();
    out.println("Cannot be pruned:");
    Reasons reasons = new Reasons();
    obstacles.forEach(
        o -> reasons.add(o.reason(), o.part() + " of " + o.block(), o.nodeName(), o.opType()));
    reasons.print(out);
  }

  /** Which columns are free to be rotated, and why others are not. */
  private static void printBases(PrintWriter out, List<OwnBasis> bases) {
    if (bases.isEmpty()) {
      return;
    }
    long free = bases.stream().filter(OwnBasis::isFree).count();
    out.println();
    out.println(
        "Free to rotate: "
            + (free == 0
                ? "no columns"
                : "query-key and value columns" + (free < bases.size() ? ", but" : "")));
    Reasons reasons = new Reasons();
    for (OwnBasis basis : bases) {
      if (basis.reason() != null) {
        String where = basis.part() + " of " + basis.block();
        reasons.add(basis.reason(), where, basis.nodeName(), basis.opType());
      }
    }
    reasons.print(out);
  }
}
