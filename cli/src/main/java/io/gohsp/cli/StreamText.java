package io.gohsp.cli;

import io.gohsp.axis.Fixed;
import io.gohsp.ir.Node;
import io.gohsp.plan.StreamPlan;
import io.gohsp.stream.Stream;
import java.io.IOException;
import java.io.PrintWriter;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The residual streams of a model: how wide, and why they stay so. */
final class StreamText {
  private StreamText() {}

  static void print(PrintWriter out, List<Stream> streams) {
    if (streams.isEmpty()) {
      return;
    }
    out.println();
    out.println("Residual streams:");
    for (Stream stream : streams) {
      Fixed obstacle = stream.obstacle();
      out.printf("  %s: %d channels", stream.name(), stream.width());
      if (obstacle == null) {
        out.println(
            stream.layers()
                ? ", may be narrower, with a layer of its own where it begins or ends"
                : ", may be narrower");
      } else {
        Node node = obstacle.node();
        String where = node == null ? "" : " (" + node.op().type() + " " + nameOf(node) + ")";
        out.println(where + ": " + obstacle.reason());
      }
    }
  }

  static void write(Json json, List<Stream> streams) throws IOException {
    json.array(
        "streams",
        array -> {
          for (Stream stream : streams) {
            Fixed obstacle = stream.obstacle();
            Node node = obstacle == null ? null : obstacle.node();
            array.element(
                object -> {
                  object.put("name", stream.name());
                  object.put("width", stream.width());
                  object.put("free", obstacle == null);
                  object.put("layers", stream.layers());
                  object.put("node", nameOf(node));
                  object.put("opType", node == null ? null : node.op().type());
                  object.put("reason", obstacle == null ? null : obstacle.reason());
                });
          }
        });
  }

  /** What a plan leaves of streams; nothing if they stay as wide. */
  static void printKept(PrintWriter out, List<StreamPlan> streams) {
    for (StreamPlan stream : streams) {
      out.println(
          "%s: %d of %d channels".formatted(stream.stream(), stream.kept(), stream.width()));
    }
    if (!streams.isEmpty()) {
      out.println();
    }
  }

  /** Likewise; no field if they stay as wide. */
  static void writeKept(Json json, List<StreamPlan> streams) throws IOException {
    if (streams.isEmpty()) {
      return;
    }
    json.array(
        "streams",
        array -> {
          for (StreamPlan stream : streams) {
            array.element(
                object -> {
                  object.put("name", stream.stream());
                  object.put("width", stream.width());
                  object.put("kept", stream.kept());
                });
          }
        });
  }

  private static @Nullable String nameOf(@Nullable Node node) {
    return node == null ? null : Obstacle.nameOf(node);
  }
}
