package io.gohsp.report;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import io.gohsp.bench.Latency;
import io.gohsp.bench.Range;
import io.gohsp.latency.MeasuredLatency;
import io.gohsp.latency.MeasuredLatency.Alignment;
import io.gohsp.phase.TrainedPhase;
import io.gohsp.pipeline.PruningResult;
import io.gohsp.plan.BlockPlan;
import io.gohsp.plan.StreamPlan;
import io.gohsp.ranking.RankedBlock;
import io.gohsp.recover.RecoveredLayer;
import io.gohsp.soft.Remaining;
import io.gohsp.study.LostAccuracy;
import io.gohsp.train.EpochReport;
import io.gohsp.train.Evaluation;
import io.gohsp.verify.Evidence;
import io.gohsp.verify.Verdict;
import java.io.IOException;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * A report as one JSON object. What {@code prune --json} prints too has the same names and numbers;
 * docs/json.md describes both. Numbers that JSON cannot write are null.
 */
final class ReportJson extends MeasurementJson {
  private ReportJson(JsonGenerator json) {
    super(json);
  }

  /** The object on one line. */
  static String text(PruningReport report) {
    StringWriter text = new StringWriter();
    try (JsonGenerator generator = new JsonFactory().createGenerator(text)) {
      new ReportJson(generator).write(report);
    } catch (IOException e) {
      throw new UncheckedIOException(e); // cannot happen: the text is in memory
    }
    return text.toString();
  }

  private void write(PruningReport report) throws IOException {
    json.writeStartObject();
    json.writeStringField("output", report.run().output());
    json.writeBooleanField("copy", report.isCopy());
    json.writeStringField("method", report.method());
    change("params", report.before().params(), report.after().params());
    change("embeddings", report.before().embeddings(), report.after().embeddings());
    change("macs", report.before().macs(), report.after().macs());
    change("bytes", report.before().bytes(), report.after().bytes());
    json.writeArrayFieldStart("blocks");
    for (BlockPlan block : report.blocks()) {
      block(block);
    }
    json.writeEndArray();
    streams(report.plan().streams());
    latency(report.latency());
    verification(report.verdict());
    json.writeStringField("data", report.run().data());
    json.writeFieldName("seed");
    if (report.run().seed() == null) {
      json.writeNull();
    } else {
      json.writeNumber(report.run().seed());
    }
    json.writeNumberField(
        "trainedSteps",
        report.phases().stream().mapToLong(phase -> phase.training().steps()).sum());
    outcome(report.outcome());
    recovered(report.outcome());
    drop(report);
    json.writeArrayFieldStart("phases");
    for (TrainedPhase phase : report.phases()) {
      phase(phase);
    }
    json.writeEndArray();
    json.writeArrayFieldStart("heads");
    for (RankedBlock block : report.rankings()) {
      ranking(block);
    }
    json.writeEndArray();
    run(report);
    json.writeEndObject();
  }

  private void drop(PruningReport report) throws IOException {
    PruningResult.Outcome outcome = report.outcome();
    LostAccuracy drop =
        outcome == null ? null : LostAccuracy.of(report.plan(), outcome.dense(), outcome.last());
    if (drop == null) {
      json.writeNullField("maxDrop");
      return;
    }
    json.writeObjectFieldStart("maxDrop");
    json.writeNumberField("allowed", drop.allowed().doubleValue());
    json.writeNumberField("lost", drop.lost());
    json.writeEndObject();
  }

  private void change(String field, long before, long after) throws IOException {
    json.writeObjectFieldStart(field);
    json.writeNumberField("before", before);
    json.writeNumberField("after", after);
    json.writeEndObject();
  }

  private void streams(List<StreamPlan> streams) throws IOException {
    if (!streams.isEmpty()) {
      json.writeArrayFieldStart("streams");
      for (StreamPlan stream : streams) {
        json.writeStartObject();
        json.writeStringField("name", stream.stream());
        json.writeNumberField("width", stream.width());
        json.writeNumberField("kept", stream.kept());
        json.writeEndObject();
      }
      json.writeEndArray();
    }
  }

  private void block(BlockPlan block) throws IOException {
    List<Integer> heads = kept(block.headsKept(), block.heads());
    json.writeStartObject();
    json.writeStringField("name", block.block());
    json.writeFieldName("headsKept");
    indices(heads);
    rows("qkKept", rows(block.qkKept(), heads, block.qkWidth()));
    rows("vKept", rows(block.vKept(), heads, block.vWidth()));
    json.writeFieldName("neuronsKept");
    indices(kept(block.neuronsKept(), block.neurons()));
    json.writeEndObject();
  }

  /** Indices that stay, all written out; null if there is no such part. */
  private static @Nullable List<Integer> kept(
      @Nullable List<Integer> kept, @Nullable Integer size) {
    return kept != null || size == null ? kept : IntStream.range(0, size).boxed().toList();
  }

  private static @Nullable List<List<Integer>> rows(
      @Nullable List<List<Integer>> kept, @Nullable List<Integer> heads, @Nullable Integer width) {
    List<Integer> all = kept(null, width);
    return kept != null || heads == null || all == null
        ? kept
        : Collections.nCopies(heads.size(), all);
  }

  private void indices(@Nullable List<Integer> indices) throws IOException {
    if (indices == null) {
      json.writeNull();
      return;
    }
    json.writeStartArray();
    for (int index : indices) {
      json.writeNumber(index);
    }
    json.writeEndArray();
  }

  private void rows(String field, @Nullable List<List<Integer>> rows) throws IOException {
    json.writeFieldName(field);
    if (rows == null) {
      json.writeNull();
      return;
    }
    json.writeStartArray();
    for (List<Integer> row : rows) {
      indices(row);
    }
    json.writeEndArray();
  }

  private void latency(@Nullable MeasuredLatency measured) throws IOException {
    if (measured == null) {
      json.writeNullField("latency");
      return;
    }
    Latency pruned = measured.pruned();
    json.writeObjectFieldStart("latency");
    if (measured.target() == null) {
      json.writeNullField("target");
    } else {
      json.writeStringField("target", measured.target().toString());
    }
    json.writeStringField("device", measured.device().toString());
    json.writeNumberField("threads", measured.threads());
    json.writeNumberField("batch", pruned.batch());
    json.writeNumberField("rounds", pruned.rounds());
    json.writeObjectFieldStart("medianMs");
    ms("before", measured.dense().medianMs());
    ms("after", pruned.medianMs());
    ms("low", pruned.medianRange().low());
    ms("high", pruned.medianRange().high());
    json.writeEndObject();
    json.writeObjectFieldStart("ratio");
    number("after", pruned.ratio());
    range(pruned.ratioRange());
    json.writeEndObject();
    json.writeNumberField("align", measured.align());
    json.writeArrayFieldStart("alignments");
    for (Alignment each : measured.alignments()) {
      Latency latency = each.latency();
      if (latency != null) {
        json.writeStartObject();
        json.writeNumberField("align", each.align());
        number("ratio", latency.ratio());
        range(latency.ratioRange());
        json.writeEndObject();
      }
    }
    json.writeEndArray();
    json.writeNumberField("candidates", measured.candidates());
    json.writeEndObject();
  }

  private void range(Range range) throws IOException {
    number("low", range.low());
    number("high", range.high());
  }

  private void verification(@Nullable Verdict verdict) throws IOException {
    if (verdict == null) {
      json.writeNullField("verification");
      return;
    }
    json.writeObjectFieldStart("verification");
    json.writeBooleanField("passed", verdict.passed());
    number("maxAbsError", verdict.maxAbsError());
    number("maxRelError", verdict.maxRelError());
    number("tolerance", verdict.tolerance().relative());
    json.writeNumberField("samples", verdict.samples());
    json.writeStringField("device", verdict.device().toString());
    json.writeStringField("mode", verdict.mode().name().toLowerCase(Locale.ROOT));
    json.writeStringField("reason", verdict.reason());
    evidence(verdict.evidence());
    json.writeEndObject();
  }

  private void evidence(Evidence evidence) throws IOException {
    json.writeObjectFieldStart("evidence");
    json.writeObjectFieldStart("sizes");
    for (var entry : evidence.sizes().entrySet()) {
      json.writeArrayFieldStart(entry.getKey());
      for (long size : entry.getValue()) {
        json.writeNumber((double) size);
      }
      json.writeEndArray();
    }
    json.writeEndObject();
    json.writeNumberField("given", evidence.given());
    json.writeObjectFieldStart("ids");
    for (var entry : evidence.ids().entrySet()) {
      json.writeObjectFieldStart(entry.getKey());
      json.writeNumberField("seen", entry.getValue().seen());
      json.writeNumberField("rows", entry.getValue().rows());
      json.writeEndObject();
    }
    json.writeEndObject();
    json.writeNumberField("streams", evidence.streams());
    json.writeObjectFieldStart("branches");
    for (var entry : evidence.branches().entrySet()) {
      json.writeStringField(entry.getKey(), entry.getValue().text());
    }
    json.writeEndObject();
    json.writeStringField("structure", evidence.structure());
    json.writeArrayFieldStart("unseen");
    for (String unseen : evidence.unseen()) {
      json.writeString(unseen);
    }
    json.writeEndArray();
    json.writeEndObject();
  }

  private void outcome(PruningResult.@Nullable Outcome outcome) throws IOException {
    if (outcome == null) {
      json.writeNullField("evaluation");
      return;
    }
    json.writeObjectFieldStart("evaluation");
    evaluation("before", outcome.dense());
    evaluation("atCut", outcome.atCut());
    if (outcome.recovered() == null) {
      json.writeNullField("recovered");
    } else {
      evaluation("recovered", outcome.recovered().evaluation());
    }
    evaluation("after", outcome.last());
    json.writeEndObject();
  }

  private void recovered(PruningResult.@Nullable Outcome outcome) throws IOException {
    json.writeArrayFieldStart("recoveredLayers");
    if (outcome != null && outcome.recovered() != null) {
      for (RecoveredLayer layer : outcome.recovered().layers()) {
        json.writeStartObject();
        json.writeStringField("block", layer.block());
        json.writeStringField("part", layer.part());
        json.writeStringField("layer", layer.layer());
        number("errorBefore", layer.before());
        number("errorAfter", layer.after());
        json.writeStringField("leftAlone", layer.leftAlone());
        json.writeEndObject();
      }
    }
    json.writeEndArray();
  }

  private void phase(TrainedPhase phase) throws IOException {
    json.writeStartObject();
    json.writeStringField("name", phase.name());
    json.writeNumberField("steps", phase.training().steps());
    json.writeNumberField("batchParts", phase.training().parts());
    json.writeNumberField("keptEpoch", phase.training().kept());
    json.writeNumberField("corruptSamples", phase.training().corrupt().size());
    json.writeArrayFieldStart("epochs");
    for (EpochReport epoch : phase.training().epochs()) {
      json.writeStartObject();
      json.writeNumberField("epoch", epoch.epoch());
      json.writeNumberField("step", epoch.step());
      number("rate", epoch.rate());
      number("trainLoss", epoch.loss());
      number("trainAccuracy", epoch.accuracy());
      Evaluation validation = epoch.validation();
      if (validation != null) {
        measured(validation);
      }
      json.writeEndObject();
    }
    json.writeEndArray();
    json.writeArrayFieldStart("remaining");
    for (Map.Entry<Long, Remaining> entry : phase.remaining().entrySet()) {
      json.writeStartObject();
      json.writeNumberField("step", entry.getKey());
      number("heads", entry.getValue().heads());
      number("columns", entry.getValue().columns());
      number("neurons", entry.getValue().neurons());
      json.writeEndObject();
    }
    json.writeEndArray();
    json.writeEndObject();
  }

  private void ranking(RankedBlock block) throws IOException {
    json.writeStartObject();
    json.writeStringField("name", block.block());
    matrix("similarity", block.similarity());
    matrix("transition", block.chain().transition());
    json.writeFieldName("stationary");
    json.writeArray(block.chain().stationary(), 0, block.heads());
    json.writeFieldName("order");
    indices(block.ranking().order());
    json.writeFieldName("scores");
    json.writeArray(block.ranking().scores(), 0, block.heads());
    json.writeEndObject();
  }

  private void matrix(String field, double[][] rows) throws IOException {
    json.writeArrayFieldStart(field);
    for (double[] row : rows) {
      json.writeArray(row, 0, row.length);
    }
    json.writeEndArray();
  }

  private void run(PruningReport report) throws IOException {
    Run run = report.run();
    json.writeObjectFieldStart("run");
    json.writeStringField("model", run.model());
    json.writeStringField("sha256", report.sourceSha256());
    json.writeStringField("command", run.command());
    strings("plan", report.plan().provenance());
    strings("versions", run.versions());
    json.writeEndObject();
  }

  private void strings(String field, Map<String, String> entries) throws IOException {
    json.writeObjectFieldStart(field);
    for (Map.Entry<String, String> entry : entries.entrySet()) {
      json.writeStringField(entry.getKey(), entry.getValue());
    }
    json.writeEndObject();
  }
}
