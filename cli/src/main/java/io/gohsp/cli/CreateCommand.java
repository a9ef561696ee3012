package io.gohsp.cli;

import io.gohsp.cost.Cost;
import io.gohsp.cost.CostModel;
import io.gohsp.create.VitArchitecture;
import io.gohsp.create.VitBuilder;
import io.gohsp.create.VitSize;
import io.gohsp.io.OnnxWriter;
import io.gohsp.ir.Model;
import io.gohsp.report.Quantity;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.EnumMap;
import java.util.Map;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Writes an untrained model. */
@Command(
    name = "create",
    mixinStandardHelpOptions = true,
    sortOptions = false,
    description = "Writes an untrained Vision Transformer.",
    footerHeading = "%nExamples:%n",
    footer = {
      "  gohsp create deit-small -o deit-small.onnx",
      "  gohsp create vit-small -o tiny.onnx --dim 64 --depth 2 --heads 4"
    })
final class CreateCommand implements Callable<Integer> {
  @Spec private CommandSpec spec;

  @Parameters(
      paramLabel = "ARCH",
      description =
          "deit-tiny, deit-small, deit-base (224 pixels) or vit-small (32 pixels); the options"
              + " below change sizes of it.")
  private String architecture;

  @Mixin private OutputFile output = new OutputFile();

  @Option(names = "--dim", paramLabel = "N", description = "Width of the residual stream.")
  private @Nullable Integer dim;

  @Option(names = "--depth", paramLabel = "N", description = "Blocks.")
  private @Nullable Integer depth;

  @Option(names = "--heads", paramLabel = "N", description = "Attention heads of each block.")
  private @Nullable Integer heads;

  @Option(names = "--mlp", paramLabel = "N", description = "Hidden units of each block.")
  private @Nullable Integer mlp;

  @Option(names = "--patch", paramLabel = "N", description = "Height and width of a patch.")
  private @Nullable Integer patch;

  @Option(names = "--image", paramLabel = "N", description = "Height and width of an image.")
  private @Nullable Integer image;

  @Option(names = "--channels", paramLabel = "N", description = "Channels of an image.")
  private @Nullable Integer channels;

  @Option(names = "--classes", paramLabel = "N", description = "Number of logits.")
  private @Nullable Integer classes;

  @Option(
      names = "--seed",
      paramLabel = "N",
      defaultValue = "0",
      description = "Of the weights (default: ${DEFAULT-VALUE}).")
  private long seed;

  @Mixin private ConsoleOptions console = new ConsoleOptions();

  @Override
  public Integer call() {
    VitArchitecture size = VitArchitecture.named(architecture).with(sizes());
    Model model;
    try (Phases phases = new Phases(console, Printed.err(spec))) {
      phases.accept("creating");
      model = VitBuilder.build(size, seed);
      Path target = output.checked(model);
      phases.accept("writing");
      OutputFile.write(
          target,
          () -> {
            OnnxWriter.write(model, target);
            return target;
          });
    }
    report(CostModel.of(model));
    return ExitCodes.DONE;
  }

  private Map<VitSize, Integer> sizes() {
    Map<VitSize, Integer> sizes = new EnumMap<>(VitSize.class);
    put(sizes, VitSize.DIM, dim);
    put(sizes, VitSize.DEPTH, depth);
    put(sizes, VitSize.HEADS, heads);
    put(sizes, VitSize.MLP, mlp);
    put(sizes, VitSize.PATCH, patch);
    put(sizes, VitSize.IMAGE, image);
    put(sizes, VitSize.CHANNELS, channels);
    put(sizes, VitSize.CLASSES, classes);
    return sizes;
  }

  private static void put(Map<VitSize, Integer> sizes, VitSize size, @Nullable Integer value) {
    if (value != null) {
      sizes.put(size, value);
    }
  }

  private void report(Cost cost) {
    PrintWriter out = Printed.out(spec);
    if (console.json()) {
      Json.print(
          out,
          json -> {
            json.put("output", output.path().toString());
            json.put("params", cost.params());
            json.put("macs", cost.macs());
            json.put("bytes", cost.bytes());
          });
    } else if (console.text()) {
      out.println(
          "%s: %s parameters, %s multiply-accumulates"
              .formatted(output.path(), Quantity.of(cost.params()), Quantity.of(cost.macs())));
    }
    out.flush();
  }
}
