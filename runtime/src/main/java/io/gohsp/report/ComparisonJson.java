package io.gohsp.report;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import io.gohsp.bench.Latency;
import io.gohsp.compare.CellFailure;
import io.gohsp.compare.CellLatency;
import io.gohsp.compare.CellResult;
import io.gohsp.compare.Results;
import io.gohsp.compare.Row;
import io.gohsp.compare.Spread;
import io.gohsp.train.Agreement;
import java.io.IOException;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import org.jspecify.annotations.Nullable;

/** A comparison as one JSON object; docs/json.md describes it. */
final class ComparisonJson extends MeasurementJson {
  private ComparisonJson(JsonGenerator json) {
    super(json);
  }

  /** The object on one line. */
  static String text(Results results, @Nullable String command) {
    StringWriter text = new StringWriter();
    try (JsonGenerator generator = new JsonFactory().createGenerator(text)) {
      new ComparisonJson(generator).write(results, command);
    } catch (IOException e) {
      throw new UncheckedIOException(e); // cannot happen: the text is in memory
    }
    return text.toString();
  }

  private void write(Results results, @Nullable String command) throws IOException {
    Results.Terms terms = results.terms();
    json.writeStartObject();
    json.writeStringField("command", command);
    json.writeStringField("model", terms.model());
    json.writeStringField("data", terms.data());
    json.writeStringField("sourceSha256", terms.sourceSha256());
    json.writeStringField("settings", terms.settings());
    json.writeNumberField("steps", terms.steps());
    json.writeArrayFieldStart("seeds");
    for (long seed : terms.seeds()) {
      json.writeNumber(seed);
    }
    json.writeEndArray();
    json.writeObjectFieldStart("dense");
    json.writeNumberField("params", terms.dense().params());
    json.writeNumberField("macs", terms.dense().macs());
    json.writeNumberField("bytes", terms.dense().bytes());
    evaluation("evaluation", results.dense());
    json.writeEndObject();
    json.writeFieldName("denseTrained");
    row(results.control());
    json.writeArrayFieldStart("rows");
    for (Row row : results.rows()) {
      row(row);
    }
    json.writeEndArray();
    json.writeArrayFieldStart("cells");
    for (CellResult cell : results.cells()) {
      cell(cell);
    }
    json.writeEndArray();
    json.writeArrayFieldStart("failures");
    for (CellFailure failure : results.failures()) {
      json.writeStartObject();
      json.writeStringField("method", failure.method());
      json.writeStringField("budget", failure.budget());
      json.writeNumberField("seed", failure.seed());
      json.writeStringField("reason", failure.reason());
      json.writeEndObject();
    }
    json.writeEndArray();
    json.writeNumberField("missing", results.missing());
    json.writeEndObject();
  }

  private void row(@Nullable Row row) throws IOException {
    if (row == null) {
      json.writeNull();
      return;
    }
    json.writeStartObject();
    json.writeStringField("method", row.method());
    json.writeStringField("budget", row.budget());
    json.writeNumberField("runs", row.loss().runs());
    spread("accuracy", row.accuracy());
    spread("loss", row.loss());
    spread("accuracyAtCut", row.atCut());
    spread("agreement", row.agreement());
    spread("difference", row.difference());
    number("params", row.params());
    number("macs", row.macs());
    number("steps", row.steps());
    latency(row.latency());
    json.writeEndObject();
  }

  private void spread(String field, Spread spread) throws IOException {
    json.writeObjectFieldStart(field);
    number("mean", spread.mean());
    number("deviation", spread.deviation());
    json.writeEndObject();
  }

  private void latency(@Nullable CellLatency measured) throws IOException {
    if (measured == null) {
      json.writeNullField("latency");
      return;
    }
    Latency pruned = measured.pruned();
    json.writeObjectFieldStart("latency");
    json.writeNumberField("seed", measured.seed());
    json.writeStringField("conditions", measured.conditions());
    json.writeNumberField("rounds", pruned.rounds());
    ms("denseMs", measured.dense().medianMs());
    ms("medianMs", pruned.medianMs());
    number("ratio", pruned.ratio());
    number("low", pruned.ratioRange().low());
    number("high", pruned.ratioRange().high());
    json.writeEndObject();
  }

  private void cell(CellResult cell) throws IOException {
    json.writeStartObject();
    json.writeStringField("method", cell.method());
    json.writeStringField("budget", cell.budget());
    json.writeNumberField("seed", cell.seed());
    evaluation("evaluation", cell.last());
    evaluation("evaluationAtCut", cell.atCut());
    evaluation("evaluationUntuned", cell.untuned());
    agreement("agreement", cell.agreement());
    agreement("agreementAtCut", cell.agreementAtCut());
    json.writeNumberField("params", cell.params());
    json.writeNumberField("macs", cell.macs());
    json.writeNumberField("bytes", cell.bytes());
    json.writeNumberField("stepsBefore", cell.softSteps());
    json.writeNumberField("stepsAfter", cell.tuneSteps());
    number("seconds", cell.seconds());
    json.writeBooleanField("resumed", cell.resumed());
    json.writeStringField("planSha256", cell.planSha256());
    json.writeStringField("modelSha256", cell.modelSha256());
    json.writeEndObject();
  }

  private void agreement(String field, Agreement agreement) throws IOException {
    json.writeObjectFieldStart(field);
    number("sameClass", agreement.sameClass());
    number("meanKl", agreement.divergence());
    number("relativeError", agreement.relativeError());
    json.writeEndObject();
  }
}
