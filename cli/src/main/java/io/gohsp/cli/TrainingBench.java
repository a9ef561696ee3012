package io.gohsp.cli;

import io.gohsp.bench.RandomBatch;
import io.gohsp.bench.ResidentMemory;
import io.gohsp.bench.TrainingProbe;
import io.gohsp.bench.TrainingSpeed;
import io.gohsp.engine.Engine;
import io.gohsp.io.OnnxReader;
import io.gohsp.ir.Model;
import io.gohsp.ort.OrtOptions;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.Locale;
import java.util.OptionalLong;

/**
 * What {@code bench --training} measured.
 *
 * @param peak most physical memory of the process so far, in bytes, if the system says
 */
record TrainingBench(
    Path file, String device, String engine, TrainingSpeed speed, OptionalLong peak) {
  private static final double MEBI = 1 << 20;

  static TrainingBench measure(
      Path file,
      Engine engine,
      ExecutionOptions execution,
      OptionalLong batch,
      int steps,
      Phases phases) {
    phases.accept("loading");
    Model model = OnnxReader.read(file);
    RandomBatch random =
        RandomBatch.of(
            model,
            execution.sizes(),
            batch,
            OrtOptions.DEFAULT.withDevice(execution.device()).withThreads(execution.threads()));
    phases.accept("training with batch " + random.size());
    TrainingProbe probe = new TrainingProbe(TrainingProbe.STANDARD.warmUp(), steps);
    TrainingSpeed speed = probe.measure(model, random, engine);
    phases.finish();
    return new TrainingBench(
        file, random.device().toString(), engine.name(), speed, ResidentMemory.peak());
  }

  void print(ConsoleOptions console, PrintWriter out) {
    if (console.json()) {
      Json.print(out, this::write);
    } else if (console.text()) {
      print(out);
    }
  }

  private void write(Json json) throws IOException {
    json.put("device", device);
    json.put("steps", (long) speed.steps());
    json.array("models", none -> {});
    json.object(
        "training",
        training -> {
          training.put("path", file.toString());
          training.put("engine", engine);
          training.put("batch", speed.batch());
          training.putMs("medianMs", speed.medianMs());
          training.putMs("minMs", speed.minMs());
          training.put("imagesPerSecond", speed.throughput());
          training.put("peakRssMb", peak.isPresent() ? peak.getAsLong() / MEBI : Double.NaN);
          training.put("optimizerShare", speed.optimizerShare());
        });
  }

  private void print(PrintWriter out) {
    new TextTable()
        .row("", "batch", "median ms", "min ms", "samples/s", "optimizer", "peak memory")
        .row(
            file.toString(),
            Long.toString(speed.batch()),
            String.format(Locale.ROOT, "%.2f", speed.medianMs()),
            String.format(Locale.ROOT, "%.2f", speed.minMs()),
            String.format(Locale.ROOT, "%.1f", speed.throughput()),
            String.format(Locale.ROOT, "%.1f %%", 100 * speed.optimizerShare()),
            peak.isPresent()
                ? String.format(Locale.ROOT, "%.0f MB", peak.getAsLong() / MEBI)
                : "unknown")
        .print(out);
    out.flush();
  }
}
