package io.gohsp.cli;

import io.gohsp.engine.Engine;
import io.gohsp.engine.OrtEngine;
import io.gohsp.ort.OrtOptions;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** What executes training. */
final class EngineOptions {
  @Option(names = "--engine", paramLabel = "NAME", description = "ort (ONNX Runtime; the default).")
  private String engine = OrtEngine.NAME;

  @Mixin private ExecutionOptions execution = new ExecutionOptions();

  /** The options that also count where nothing is trained. */
  ExecutionOptions execution() {
    return execution;
  }

  Engine engine() {
    if (!engine.equals(OrtEngine.NAME)) {
      throw new UsageError("--engine " + engine + " is not known; give ort");
    }
    return new OrtEngine(
        OrtOptions.DEFAULT
            .withDevice(execution.device())
            .withThreads(execution.threads())
            .withDims(execution.sizes())
            .withDeterministic(true));
  }

  /** What changes the result's last bits. */
  @Override
  public String toString() {
    return engine + " on " + execution.device() + ", threads " + execution.threads();
  }
}
