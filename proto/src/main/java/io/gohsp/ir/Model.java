package io.gohsp.ir;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** One ONNX model: a main graph, local functions, operator set versions and metadata. */
public final class Model {
  private final @Nullable Path source;
  private final @Nullable Model owner;
  private final NameScope names = new NameScope();
  private final Graph graph;
  private final List<Function> functions = new ArrayList<>();
  private final Map<String, Long> opsets = new LinkedHashMap<>();
  private final Map<String, String> metadata = new LinkedHashMap<>();
  private long irVersion;
  private long modificationCount;
  private @Nullable Residue residue;

  /** An empty model whose main graph has the given name. */
  public Model(String graphName, @Nullable Path source) {
    this(graphName, source, null);
  }

  private Model(String graphName, @Nullable Path source, @Nullable Model owner) {
    this.source = source;
    this.owner = owner;
    this.graph = new Graph(this, graphName);
  }

  /** The file this was read from, for messages and external data; null if it was made in memory. */
  public @Nullable Path source() {
    return source;
  }

  public Graph graph() {
    return graph;
  }

  public NameScope names() {
    return names;
  }

  /** Local functions in file order. */
  public List<Function> functions() {
    return List.copyOf(functions);
  }

  public void addFunction(Function function) {
    functions.add(function);
    touch();
  }

  /** Drops a function that nothing calls any more. */
  public void removeFunction(Function function) {
    functions.remove(function);
    touch();
  }

  /**
   * An empty graph with a name scope of its own, to become the body of a function of this model.
   */
  public Graph newFunctionBody(String functionName) {
    return new Model(functionName, source, this).graph();
  }

  /** Operator set versions by domain; the standard domain is the empty string. Live. */
  public Map<String, Long> opsets() {
    return opsets;
  }

  /**
   * The version of the standard operator set.
   *
   * @throws ModelException.Malformed if none is imported
   */
  public int opset() {
    Long version = opsets.get("");
    if (version == null) {
      throw new ModelException.Malformed(
          Location.of(this),
          "no version of the standard operators is imported",
          "export the model again");
    }
    return Math.toIntExact(version);
  }

  /** Key-value metadata, in file order. Live. */
  public Map<String, String> metadata() {
    return metadata;
  }

  public long irVersion() {
    return irVersion;
  }

  public void setIrVersion(long version) {
    irVersion = version;
  }

  /**
   * Rises with every edit of the graph; how the pass manager knows whether a pass changed anything.
   */
  public long modificationCount() {
    return modificationCount;
  }

  void touch() {
    modificationCount++;
    if (owner != null) {
      owner.touch();
    }
  }

  public @Nullable Residue residue() {
    return residue;
  }

  public void setResidue(@Nullable Residue newResidue) {
    residue = newResidue;
  }
}
