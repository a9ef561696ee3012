package io.gohsp.cli;

import io.gohsp.axis.Fixed;
import io.gohsp.ir.Node;
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
        out.println(", may be narrower");
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
                  object.put("node", nameOf(node));
                  object.put("opType", node == null ? null : node.op().type());
                  object.put("reason", obstacle == null ? null : obstacle.reason());
                });
          }
        });
  }

  private static @Nullable String nameOf(@Nullable Node node) {
    return node == null ? null : Obstacle.nameOf(node);
  }
}
