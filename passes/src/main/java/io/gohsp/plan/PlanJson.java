package io.gohsp.plan;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.PrettyPrinter;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.core.exc.StreamConstraintsException;
import com.fasterxml.jackson.core.io.JsonEOFException;
import com.fasterxml.jackson.core.util.DefaultIndenter;
import com.fasterxml.jackson.core.util.DefaultPrettyPrinter;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.gohsp.basis.Matrix;
import io.gohsp.io.AtomicFile;
import io.gohsp.ir.Location;
import io.gohsp.ir.ModelException;
import java.io.IOException;
import java.io.StringWriter;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Plans as JSON: a file that people review and edit, and one line in the metadata of a pruned
 * model. Fields come in one order; what keeps everything is left out. Reading takes nothing for
 * granted: every problem is a {@link ModelException.BadPlan} that names the file, the place in it
 * and what was expected there.
 */
public final class PlanJson {
  static final String FORMAT = "gohsp-plan";

  /** The latest; a plan is written as the first version that can say it, for older readers. */
  static final int VERSION = 4;

  /** Far above any plan: 200 blocks of 100,000 units each. */
  private static final int LARGEST_FILE = 256 << 20;

  private PlanJson() {}

  /** Apart, for it takes long to load and writing does without. */
  private static final class Reading {
    static final ObjectMapper JSON = mapper();
  }

  private static ObjectMapper mapper() {
    StreamReadConstraints limits =
        StreamReadConstraints.builder()
            .maxNestingDepth(8)
            .maxNumberLength(32)
            .maxStringLength(1 << 20)
            .maxNameLength(1 << 10)
            .maxDocumentLength(LARGEST_FILE)
            .build();
    JsonFactory factory =
        JsonFactory.builder()
            .streamReadConstraints(limits)
            .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
            .build();
    return new ObjectMapper(factory).enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS);
  }

  /** The plan on one line, without spaces. */
  public static String compact(PruningPlan plan) {
    return text(plan, null);
  }

  /** The plan for people, one field a line. */
  public static String pretty(PruningPlan plan) {
    DefaultPrettyPrinter printer = new DefaultPrettyPrinter();
    printer.indentObjectsWith(new DefaultIndenter("  ", "\n"));
    return text(plan, printer) + "\n";
  }

  private static String text(PruningPlan plan, @Nullable PrettyPrinter printer) {
    StringWriter text = new StringWriter();
    try (JsonGenerator json = new JsonFactory().createGenerator(text)) {
      json.setPrettyPrinter(printer);
      write(plan, json);
    } catch (IOException e) {
      throw new AssertionError("text in memory can be written", e);
    }
    return text.toString();
  }

  private static void write(PruningPlan plan, JsonGenerator json) throws IOException {
    json.writeStartObject();
    json.writeStringField("format", FORMAT);
    json.writeNumberField("version", version(plan));
    json.writeObjectFieldStart("provenance");
    for (Map.Entry<String, String> entry : plan.provenance().entrySet()) {
      json.writeStringField(entry.getKey(), entry.getValue());
    }
    json.writeEndObject();
    json.writeArrayFieldStart("blocks");
    for (BlockPlan block : plan.blocks()) {
      json.writeStartObject();
      json.writeStringField("name", block.block());
      size(json, "heads", block.heads());
      size(json, "qkWidth", block.qkWidth());
      size(json, "vWidth", block.vWidth());
      size(json, "neurons", block.neurons());
      if (block.headsKept() != null) {
        json.writeFieldName("headsKept");
        indices(json, block.headsKept());
      }
      rows(json, "qkKept", block.qkKept());
      rows(json, "vKept", block.vKept());
      if (block.neuronsKept() != null) {
        json.writeFieldName("neuronsKept");
        indices(json, block.neuronsKept());
      }
      if (block.basis() != null) {
        json.writeObjectFieldStart("basis");
        matrices(json, "qk", block.basis().qk());
        matrices(json, "v", block.basis().v());
        json.writeEndObject();
      }
      json.writeEndObject();
    }
    json.writeEndArray();
    streams(json, plan.streams());
    json.writeEndObject();
  }

  private static void streams(JsonGenerator json, List<StreamPlan> streams) throws IOException {
    if (!streams.isEmpty()) {
      json.writeArrayFieldStart("streams");
      for (StreamPlan stream : streams) {
        json.writeStartObject();
        json.writeStringField("name", stream.stream());
        json.writeNumberField("width", stream.width());
        json.writeNumberField("kept", stream.kept());
        json.writeArrayFieldStart("directions");
        for (String direction : stream.directions().texts()) {
          json.writeString(direction);
        }
        json.writeEndArray();
        json.writeEndObject();
      }
      json.writeEndArray();
    }
  }

  private static int version(PruningPlan plan) {
    if (!plan.streams().isEmpty()) {
      return 4;
    }
    if (plan.blocks().stream().anyMatch(block -> block.dropsAttention() || block.dropsMlp())) {
      return 3;
    }
    return plan.blocks().stream().anyMatch(block -> block.basis() != null) ? 2 : 1;
  }

  private static void size(JsonGenerator json, String field, @Nullable Integer value)
      throws IOException {
    if (value != null) {
      json.writeNumberField(field, value);
    }
  }

  private static void indices(JsonGenerator json, List<Integer> kept) throws IOException {
    json.writeStartArray();
    for (int index : kept) {
      json.writeNumber(index);
    }
    json.writeEndArray();
  }

  private static void rows(JsonGenerator json, String field, @Nullable List<List<Integer>> kept)
      throws IOException {
    if (kept != null) {
      json.writeArrayFieldStart(field);
      for (List<Integer> row : kept) {
        indices(json, row);
      }
      json.writeEndArray();
    }
  }

  private static void matrices(JsonGenerator json, String field, @Nullable List<Matrix> matrices)
      throws IOException {
    if (matrices != null) {
      json.writeArrayFieldStart(field);
      for (Matrix matrix : matrices) {
        json.writeString(matrix.text());
      }
      json.writeEndArray();
    }
  }

  /** Writes {@link #pretty} as a whole or not at all. */
  public static void write(PruningPlan plan, Path file) throws IOException {
    AtomicFile.write(file, out -> out.write(pretty(plan).getBytes(StandardCharsets.UTF_8)));
  }

  /**
   * Reads a plan file that says of everything which stays.
   *
   * @throws ModelException.BadPlan if it is not a plan, or only counts what stays
   * @throws IOException if it cannot be read at all
   */
  public static PruningPlan read(Path file) throws IOException {
    return draft(file).settled();
  }

  /**
   * Reads a plan file that may have been edited: in place of {@code headsKept}, {@code qkKept},
   * {@code vKept} and {@code neuronsKept}, which list what stays, a whole number says how many
   * (columns: of each head). All that there are keep everything, 0 heads or neurons drop the
   * branch.
   *
   * @throws ModelException.BadPlan if it is not a plan, or keeps more than there is
   * @throws IOException if it cannot be read at all
   */
  public static PlanDraft draft(Path file) throws IOException {
    return PlanReader.read(root(file));
  }

  /** The root of a document that people write. */
  public static JsonPlace root(Path file) throws IOException {
    Location location = Location.of(file);
    if (Files.size(file) > LARGEST_FILE) {
      throw new ModelException.BadPlan(
          location,
          "has " + Files.size(file) + " bytes, more than any plan",
          "give a plan that gohsp wrote");
    }
    try {
      String text =
          StandardCharsets.UTF_8
              .newDecoder()
              .decode(ByteBuffer.wrap(Files.readAllBytes(file)))
              .toString();
      return root(text, location);
    } catch (CharacterCodingException e) {
      throw new ModelException.BadPlan(
          location, "is not text in UTF-8", "give a plan that gohsp wrote");
    }
  }

  /**
   * Reads a plan from either form of text.
   *
   * @param location where the text is from, for messages
   * @throws ModelException.BadPlan if it is not a plan, or only counts what stays
   */
  public static PruningPlan parse(String text, Location location) {
    return PlanReader.read(root(text, location)).settled();
  }

  static JsonPlace root(String text, Location location) {
    try {
      return new JsonPlace(Reading.JSON.readTree(text), "", location);
    } catch (JsonProcessingException e) {
      throw notJson(e, location);
    }
  }

  private static ModelException.BadPlan notJson(JsonProcessingException e, Location location) {
    String where =
        e.getLocation() == null
            ? ""
            : "line "
                + e.getLocation().getLineNr()
                + ", column "
                + e.getLocation().getColumnNr()
                + ": ";
    if (e instanceof JsonEOFException) {
      return new ModelException.BadPlan(
          location, where + "the plan ends too early", "it is cut off; write it again");
    }
    String problem =
        e.getOriginalMessage()
            .lines()
            .findFirst()
            .orElse("")
            .replaceAll("(\\s*\\(|: enable ).*", "");
    return e instanceof StreamConstraintsException
        ? new ModelException.BadPlan(
            location, where + "too large or too deep for a plan: " + problem, null)
        : new ModelException.BadPlan(
            location,
            where + "not JSON: " + problem,
            "mend it there, or write it again with --plan-out");
  }
}
