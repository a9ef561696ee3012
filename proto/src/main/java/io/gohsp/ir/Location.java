package io.gohsp.ir;

import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/**
 * Where in a model something is, for messages: file, graph, node. Any part may be unknown (null);
 * an unnamed node goes by its operator and first output.
 */
public record Location(@Nullable Path file, @Nullable String graph, @Nullable String node) {
  public static final Location UNKNOWN = new Location(null, null, null);

  public static Location of(Path file) {
    return new Location(file, null, null);
  }

  public static Location of(Model model) {
    return new Location(model.source(), null, null);
  }

  /** A graph; the main one goes without saying. */
  public static Location of(Model model, Graph graph) {
    return new Location(model.source(), graph == model.graph() ? null : graph.name(), null);
  }

  /** A node, by its name if it has one. */
  public static Location of(Node node) {
    String name = node.name();
    if (name.isEmpty()) {
      name = node.presentOutputs().findFirst().map(v -> "-> " + v.name()).orElse("(unnamed)");
    }
    Location graph = of(node.graph().model(), node.graph());
    return new Location(graph.file(), graph.graph(), node.op() + " \"" + name + "\"");
  }

  @Override
  public String toString() {
    StringBuilder text = new StringBuilder();
    if (file != null) {
      text.append(file);
    }
    if (graph != null) {
      text.append(text.isEmpty() ? "" : ": ").append("graph \"").append(graph).append('"');
    }
    if (node != null) {
      text.append(text.isEmpty() ? "" : ": ").append(node);
    }
    return text.toString();
  }
}
