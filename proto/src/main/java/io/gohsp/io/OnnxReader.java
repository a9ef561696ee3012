package io.gohsp.io;

import static io.gohsp.io.Field.FUNCTION_ATTRIBUTE;
import static io.gohsp.io.Field.FUNCTION_DEFAULT;
import static io.gohsp.io.Field.FUNCTION_DOMAIN;
import static io.gohsp.io.Field.FUNCTION_NAME;
import static io.gohsp.io.Field.FUNCTION_OPSET_IMPORT;
import static io.gohsp.io.Field.FUNCTION_OVERLOAD;
import static io.gohsp.io.Field.MODEL_FUNCTION;
import static io.gohsp.io.Field.MODEL_GRAPH;
import static io.gohsp.io.Field.MODEL_IR_VERSION;
import static io.gohsp.io.Field.MODEL_METADATA;
import static io.gohsp.io.Field.MODEL_OPSET_IMPORT;
import static io.gohsp.io.Field.MODEL_PRODUCER_NAME;
import static io.gohsp.io.Field.MODEL_PRODUCER_VERSION;
import static io.gohsp.io.Field.MODEL_TRAINING_INFO;

import io.gohsp.ir.Attribute;
import io.gohsp.ir.Function;
import io.gohsp.ir.Graph;
import io.gohsp.ir.Location;
import io.gohsp.ir.Model;
import io.gohsp.ir.ModelException;
import io.gohsp.ir.Node;
import io.gohsp.ir.OpId;
import io.gohsp.ir.Traversal;
import io.gohsp.tensor.MappedFile;
import io.gohsp.tensor.TensorData;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * Reads ONNX models. A file is mapped and walked once; weights are not touched, so reading takes
 * milliseconds and hardly any memory, whatever the size. Everything the IR does not model, unknown
 * fields included, is kept as residue.
 *
 * <p>A model file is untrusted: every error is a {@link ModelException} that says where, never a
 * stack overflow or an exhausted heap. Operator set and IR versions newer than this program are
 * read all the same. Nodes that a file lists out of order are sorted; side files must lie in the
 * model's directory.
 *
 * <p>A model goes on reading from its files as long as it lives: they may be deleted or replaced,
 * but not changed in place.
 */
public final class OnnxReader {
  private final Document document;
  private final ExternalData external;
  private final TensorReader tensors;

  private OnnxReader(Document document) {
    this.document = document;
    this.external = new ExternalData(document.path());
    this.tensors = new TensorReader(external);
  }

  /**
   * Reads a model file.
   *
   * @throws ModelException.Malformed if it is missing, unreadable, or no valid model
   * @throws ModelException.Unsupported if it stores tensors in a way this program cannot carry
   *     along
   */
  public static Model read(Path file) {
    Location location = Location.of(file);
    if (!Files.exists(file)) {
      throw new ModelException.Malformed(location, "there is no such file");
    }
    if (Files.isDirectory(file)) {
      throw new ModelException.Malformed(location, "is a directory", "name the .onnx file in it");
    }
    if (!Files.isRegularFile(file)) {
      throw new ModelException.Malformed(
          location, "is not a regular file", "copy the model to a file first");
    }
    try {
      MappedFile mapped = MappedFile.open(file);
      return read(new Document(new TensorData.Mapped(mapped, 0, mapped.size()), file));
    } catch (IOException e) {
      throw new ModelException.Malformed(location, "cannot be read: " + IoReason.of(e), e);
    }
  }

  /**
   * Reads a model that is in memory. The array belongs to the model from now on.
   *
   * @param source where it came from, for messages and side files; may be null
   */
  public static Model read(byte[] model, @Nullable Path source) {
    return read(ByteBuffer.wrap(model), source);
  }

  /**
   * Reads a model that is in memory, from the buffer's position to its limit. The contents belong
   * to the model from now on.
   *
   * @param source where it came from, for messages and side files; may be null
   */
  public static Model read(ByteBuffer model, @Nullable Path source) {
    return read(new Document(new TensorData.Heap(model), source));
  }

  /**
   * The files a model was read from: itself and its side files, in the order of their paths. Empty
   * if it was made in memory.
   */
  public static List<Path> files(Model model) {
    return model.residue() instanceof Kept.OfModel kept ? List.copyOf(kept.files()) : List.of();
  }

  /** Whether the files that a model is read from are still where they were. */
  public static boolean isInPlace(Model model) {
    return !(model.residue() instanceof Kept.OfModel kept)
        || kept.mapped().stream().allMatch(MappedFile::isInPlace);
  }

  /**
   * To be asked when something was made of a model and before anybody trusts it.
   *
   * @throws ModelException.Malformed if a file that the model is read from was written to since it
   *     was opened
   */
  public static void requireUnchanged(Model model) {
    if (model.residue() instanceof Kept.OfModel kept) {
      for (MappedFile file : kept.mapped()) {
        if (file.isChanged()) {
          throw new ModelException.Malformed(
              Location.of(file.path()),
              "was written to while it was in use",
              "leave the file alone until this has ended, and start again");
        }
      }
    }
  }

  /**
   * What wrote the file that a model was read from, with its version; empty if that is not said.
   */
  public static String producer(Model model) {
    String name = "";
    String version = "";
    if (model.residue() instanceof Kept.OfModel kept) {
      WireCursor cursor = kept.message().fields();
      while (cursor.next()) {
        if (cursor.is(MODEL_PRODUCER_NAME, WireCursor.BYTES)) {
          name = cursor.content().text();
        } else if (cursor.is(MODEL_PRODUCER_VERSION, WireCursor.BYTES)) {
          version = cursor.content().text();
        }
      }
    }
    return (name + " " + version).strip();
  }

  private static Model read(Document document) {
    if (document.bytes().byteSize() == 0) {
      throw new ModelException.Malformed(
          document.location(), "the file is empty", "export or download it again");
    }
    try {
      return new OnnxReader(document).model();
    } catch (
        OutOfMemoryError
            e) { // a small heap, or a file made to need a large one; what was read so far is
      // garbage
      throw new ModelException.Malformed(
          document.location(),
          "its graph does not fit into the memory of this program; give it more with -Xmx",
          e);
    }
  }

  private Model model() {
    Header header = new Header();
    ParsedGraph parsed = ParsedGraph.ofGraph(header.graph(), 1);
    Model model = new Model(parsed.name, document.path());
    model.setIrVersion(header.irVersion);
    header.opsets.forEach(message -> addOpset(model.opsets(), message));
    for (Span message : header.metadata) {
      Entry entry = Entry.of(message);
      model.metadata().put(entry.key(), entry.value());
    }
    new GraphReader(parsed, model.graph(), tensors, document.location(), null).fill();
    Set<OpId> functions = new LinkedHashSet<>();
    for (Span message : header.functions) {
      Function function = function(model, message);
      if (!functions.add(function.id())) {
        throw new ModelException.Malformed(
            document.location("function " + function.id()),
            "is defined twice",
            "give every function its own name");
      }
      model.addFunction(function);
    }
    requireNoRecursion(model);
    header.trainingInfo.forEach(OnnxReader::requireContentsInside);
    Set<Path> files = new TreeSet<>(external.files().keySet());
    if (document.path() != null) {
      files.add(document.path().toAbsolutePath());
    }
    List<MappedFile> mapped = new ArrayList<>(external.files().values());
    if (document.bytes() instanceof TensorData.Mapped bytes) {
      mapped.add(bytes.file());
    }
    model.setResidue(new Kept.OfModel(document.all(), files, mapped, tensors.sawExternal(), false));
    return model;
  }

  /** The fields of the outermost message. */
  private final class Header {
    private @Nullable Span graph;
    private long irVersion;
    private final List<Span> opsets = new ArrayList<>();
    private final List<Span> metadata = new ArrayList<>();
    private final List<Span> functions = new ArrayList<>();
    private final List<Span> trainingInfo = new ArrayList<>();

    Header() {
      WireCursor cursor = document.all().fields();
      while (advance(cursor)) {
        if (cursor.is(MODEL_IR_VERSION, WireCursor.VARINT)) {
          irVersion = cursor.varint();
        } else if (cursor.wireType() == WireCursor.BYTES) {
          take(cursor.field(), cursor.content());
        }
      }
    }

    private void take(int field, Span content) {
      switch (field) {
        case MODEL_GRAPH -> {
          if (graph != null) {
            throw new ModelException.Malformed(document.location(), "has two main graphs");
          }
          graph = content;
        }
        case MODEL_OPSET_IMPORT -> opsets.add(content);
        case MODEL_METADATA -> metadata.add(content);
        case MODEL_FUNCTION -> functions.add(content);
        case MODEL_TRAINING_INFO -> trainingInfo.add(content);
        default -> {} // carried along in the message
      }
    }

    /** A file that does not even begin like a model gets a message of its own. */
    private boolean advance(WireCursor cursor) {
      try {
        return cursor.next();
      } catch (ModelException.Malformed broken) {
        if (graph != null || irVersion != 0) {
          throw broken;
        }
        throw notOnnx();
      }
    }

    Span graph() {
      if (graph != null) {
        return graph;
      }
      if (irVersion == 0) {
        throw notOnnx();
      }
      throw new ModelException.Malformed(document.location(), "has no graph", "export it again");
    }

    private ModelException.Malformed notOnnx() {
      FileSignature signature = FileSignature.of(document);
      return signature == null
          ? new ModelException.Malformed(
              document.location(),
              "is not an ONNX model",
              "give an .onnx file; export the model first")
          : new ModelException.Malformed(
              document.location(),
              "is not an ONNX model but " + signature.kind(),
              signature.hint());
    }
  }

  /** An operator set's entry; if a domain has two, the last counts. */
  static void addOpset(Map<String, Long> opsets, Span message) {
    Opset opset = Opset.of(message);
    opsets.put(opset.domain(), opset.version());
  }

  private Function function(Model model, Span message) {
    String name = "";
    String domain = "";
    String overload = "";
    List<String> attributes = new ArrayList<>();
    List<ParsedAttribute> parsedDefaults = new ArrayList<>();
    Map<String, Long> opsets = new LinkedHashMap<>();
    WireCursor cursor = message.fields();
    while (cursor.next()) {
      if (cursor.wireType() != WireCursor.BYTES) {
        continue;
      }
      Span content = cursor.content();
      switch (cursor.field()) {
        case FUNCTION_NAME -> name = content.name();
        case FUNCTION_DOMAIN -> domain = content.name();
        case FUNCTION_OVERLOAD -> overload = content.name();
        case FUNCTION_ATTRIBUTE -> attributes.add(content.name());
        case FUNCTION_DEFAULT -> parsedDefaults.add(ParsedAttribute.of(content, 1));
        case FUNCTION_OPSET_IMPORT -> addOpset(opsets, content);
        default -> {} // carried along in the message, or read with the body
      }
    }
    OpId id = new OpId(Domains.normalised(domain), name, overload);
    Graph body = model.newFunctionBody(name);
    Location location = new Location(document.path(), id.toString(), null);
    GraphReader reader =
        new GraphReader(ParsedGraph.ofFunction(message, name), body, tensors, location, null);
    reader.fill();
    Map<String, Attribute> defaults = new LinkedHashMap<>();
    for (ParsedAttribute attribute : parsedDefaults) {
      defaults.put(attribute.name(), reader.attribute(attribute));
    }
    return new Function(id, body, attributes, defaults, opsets, new Kept.OfFunction(message, id));
  }

  /** A function that calls itself, directly or not, has no end. */
  private void requireNoRecursion(Model model) {
    List<Function> functions = model.functions();
    Map<OpId, Integer> index = new LinkedHashMap<>();
    functions.forEach(function -> index.put(function.id(), index.size()));
    List<List<Integer>> calls = new ArrayList<>();
    for (Function function : functions) {
      Set<Integer> called = new TreeSet<>();
      Traversal.nodesWithin(function.body())
          .map(Node::op)
          .map(index::get)
          .forEach(
              i -> {
                if (i != null) {
                  called.add(i);
                }
              });
      calls.add(List.copyOf(called));
    }
    List<Integer> cycle = TopologicalOrder.of(calls).cycle();
    if (!cycle.isEmpty()) {
      throw new ModelException.Malformed(
          document.location("function " + functions.get(cycle.get(0)).id()),
          "calls itself, directly or through others");
    }
  }

  /** Training graphs are carried along as they are, so their tensors must be in them. */
  private static void requireContentsInside(Span trainingInfo) {
    WireCursor graphs = trainingInfo.fields();
    while (graphs.next()) {
      if (graphs.wireType() != WireCursor.BYTES
          || graphs.field() > 2) { // initialization and algorithm
        continue;
      }
      WireCursor fields = graphs.content().fields();
      while (fields.next()) {
        if (fields.is(Field.GRAPH_INITIALIZER, WireCursor.BYTES)) {
          TensorReader.requireContentsInside(fields.content());
        }
      }
    }
  }
}
