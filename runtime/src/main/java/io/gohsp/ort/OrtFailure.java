package io.gohsp.ort;

import ai.onnxruntime.OrtException;
import io.gohsp.ir.Location;
import io.gohsp.ir.ModelException;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** ONNX Runtime's error texts, turned into a place and a sentence. */
final class OrtFailure {
  /**
   * "Error code - ORT_FAIL - message: Load model from x.onnx failed:" and the like, which say
   * nothing new.
   */
  private static final Pattern NOISE =
      Pattern.compile("^(Error code - \\w+ - message: )?(Load model from .*? failed: ?)?");

  /** Where in its C++ sources ONNX Runtime found out, and in which function. */
  private static final Pattern SOURCE =
      Pattern.compile("/onnxruntime_src/\\S+:\\d+ .+?\\) (?=[A-Z])");

  /** How the texts name a node, with operator and name wherever they stand. */
  private static final List<Pattern> NODES =
      List.of(
          Pattern.compile("running (?<op>\\S+) node\\. Name:'(?<name>[^']*)'"),
          Pattern.compile("Node ?\\((?<name>[^)]*)\\) Op \\((?<op>[^)]*)\\)"),
          Pattern.compile("Node:(?<name>.*?) Output:"),
          Pattern.compile(
              "implementation for (?<op>\\S+?)\\(\\S+\\) node with name '(?<name>[^']*)'"),
          Pattern.compile("implementation for the node (?<name>\\S+?):(?<op>\\w+)\\("),
          Pattern.compile("of operator \\((?<op>[^)]*)\\) in node \\((?<name>[^)]*)\\)"));

  private OrtFailure() {}

  /**
   * @param source the program's file, if it has one
   * @param what what was being done, with the program's name: "cannot run the training graph on …"
   */
  static ModelException.ExecutionFailed of(@Nullable Path source, String what, Exception cause) {
    String message = cause.getMessage() == null ? cause.toString() : cause.getMessage();
    String text = NOISE.matcher(message.strip()).replaceFirst("").replaceAll("\\s*\\R\\s*", " ");
    text = SOURCE.matcher(text).replaceAll("");
    return new ModelException.ExecutionFailed(
        new Location(source, null, node(message)), what + ": " + text, cause);
  }

  private static @Nullable String node(String message) {
    for (Pattern pattern : NODES) {
      Matcher found = pattern.matcher(message);
      if (found.find()) {
        String op = pattern.pattern().contains("<op>") ? found.group("op") : "node";
        return op + " \"" + found.group("name") + "\"";
      }
    }
    return null;
  }

  /** Whether the model is to blame and not the device it was to run on. */
  static boolean isModelError(OrtException e) {
    return switch (e.getCode()) {
      case ORT_INVALID_GRAPH, ORT_INVALID_PROTOBUF, ORT_NO_SUCHFILE, ORT_INVALID_ARGUMENT -> true;
      default -> false;
    };
  }
}
