package io.gohsp.cli;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** Writes the objects that {@code --json} prints; docs/json.md describes them. */
final class Json {
  private final JsonGenerator generator;

  /** A part of an object. */
  interface Part {
    void write(Json json) throws IOException;
  }

  private Json(JsonGenerator generator) {
    this.generator = generator;
  }

  /** Prints one object on one line. */
  static void print(PrintWriter out, Part contents) {
    out.println(text(contents));
    out.flush();
  }

  /** One object on one line. */
  static String text(Part contents) {
    StringWriter text = new StringWriter();
    try (JsonGenerator generator = new JsonFactory().createGenerator(text)) {
      generator.writeStartObject();
      contents.write(new Json(generator));
      generator.writeEndObject();
    } catch (IOException e) {
      throw new UncheckedIOException(e); // cannot happen: the text is in memory
    }
    return text.toString();
  }

  void put(String field, @Nullable String value) throws IOException {
    generator.writeStringField(field, value);
  }

  void put(String field, @Nullable Integer value) throws IOException {
    generator.writeFieldName(field);
    if (value == null) {
      generator.writeNull();
    } else {
      generator.writeNumber(value);
    }
  }

  void put(String field, long value) throws IOException {
    generator.writeNumberField(field, value);
  }

  void put(String field, boolean value) throws IOException {
    generator.writeBooleanField(field, value);
  }

  /** Numbers that JSON cannot write are null. */
  void put(String field, double value) throws IOException {
    if (Double.isFinite(value)) {
      generator.writeNumberField(field, value);
    } else {
      generator.writeNullField(field);
    }
  }

  /** Milliseconds, to the microsecond. */
  void putMs(String field, double ms) throws IOException {
    generator.writeFieldName(field);
    generator.writeNumber(String.format(Locale.ROOT, "%.3f", ms));
  }

  /** An object that is text already; null for none. */
  void putJson(String field, @Nullable String object) throws IOException {
    generator.writeFieldName(field);
    if (object == null) {
      generator.writeNull();
    } else {
      generator.writeRawValue(object);
    }
  }

  void putNull(String field) throws IOException {
    generator.writeNullField(field);
  }

  void object(String field, Part contents) throws IOException {
    generator.writeObjectFieldStart(field);
    contents.write(this);
    generator.writeEndObject();
  }

  /** An array whose elements are written one after the other; see {@link #element}. */
  void array(String field, Part elements) throws IOException {
    generator.writeArrayFieldStart(field);
    elements.write(this);
    generator.writeEndArray();
  }

  /** An object in an array. */
  void element(Part contents) throws IOException {
    generator.writeStartObject();
    contents.write(this);
    generator.writeEndObject();
  }

  void indices(String field, @Nullable List<Integer> indices) throws IOException {
    generator.writeFieldName(field);
    indices(indices);
  }

  void rows(String field, @Nullable List<List<Integer>> rows) throws IOException {
    generator.writeFieldName(field);
    if (rows == null) {
      generator.writeNull();
      return;
    }
    generator.writeStartArray();
    for (List<Integer> row : rows) {
      indices(row);
    }
    generator.writeEndArray();
  }

  void strings(String field, List<String> values) throws IOException {
    generator.writeFieldName(field);
    generator.writeArray(values.toArray(String[]::new), 0, values.size());
  }

  void numbers(String field, double[] values) throws IOException {
    generator.writeFieldName(field);
    generator.writeArray(values, 0, values.length);
  }

  /** Elements of an array. */
  void strings(List<String> values) throws IOException {
    for (String value : values) {
      generator.writeString(value);
    }
  }

  void matrix(String field, double[][] rows) throws IOException {
    generator.writeArrayFieldStart(field);
    for (double[] row : rows) {
      generator.writeArray(row, 0, row.length);
    }
    generator.writeEndArray();
  }

  private void indices(@Nullable List<Integer> indices) throws IOException {
    if (indices == null) {
      generator.writeNull();
      return;
    }
    generator.writeStartArray();
    for (int index : indices) {
      generator.writeNumber(index);
    }
    generator.writeEndArray();
  }
}
