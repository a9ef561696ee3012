package io.gohsp.report;

import com.fasterxml.jackson.core.JsonGenerator;
import io.gohsp.train.Evaluation;
import java.io.IOException;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** Writes what was measured as all reports do. Numbers that JSON cannot write are null. */
abstract class MeasurementJson {
  /** Where it goes. */
  final JsonGenerator json;

  MeasurementJson(JsonGenerator json) {
    this.json = json;
  }

  final void number(String field, double value) throws IOException {
    if (Double.isFinite(value)) {
      json.writeNumberField(field, value);
    } else {
      json.writeNullField(field);
    }
  }

  /** To the microsecond. */
  final void ms(String field, double value) throws IOException {
    json.writeFieldName(field);
    json.writeNumber(String.format(Locale.ROOT, "%.3f", value));
  }

  /** Null where nothing was measured. */
  final void evaluation(String field, @Nullable Evaluation evaluation) throws IOException {
    if (evaluation == null) {
      json.writeNullField(field);
      return;
    }
    json.writeObjectFieldStart(field);
    measured(evaluation);
    json.writeEndObject();
  }

  /** The fields of an evaluation, in an object that has begun. */
  final void measured(Evaluation evaluation) throws IOException {
    number("loss", evaluation.loss());
    number("accuracy", evaluation.accuracy());
    json.writeNumberField("samples", evaluation.samples());
  }
}
