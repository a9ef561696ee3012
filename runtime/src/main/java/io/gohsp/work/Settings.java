package io.gohsp.work;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The settings of a run as one text: parts {@code label: value} with semicolons between them, where
 * a value may be a record as Java prints it.
 */
final class Settings {
  private static final Pattern LABELLED = Pattern.compile("([a-z][a-z -]*): (.*)", Pattern.DOTALL);
  private static final Pattern RECORD = Pattern.compile("(\\w+)\\[(\\w+=.*)]", Pattern.DOTALL);

  private static final Pattern FIELD = Pattern.compile("\\w+=");

  /** By the end of a path: which option says it. */
  private static final Map<String, String> OPTIONS =
      Map.ofEntries(
          Map.entry("model", "the model's SHA-256"),
          Map.entry("contents", "SHA-256 of the data"),
          Map.entry("method", "--method"),
          Map.entry("similarity", "--similarity"),
          Map.entry("ranking.by", "--ranking"),
          Map.entry("removeHighest", "--remove highest"),
          Map.entry("beta", "--beta"),
          Map.entry("damping", "--damping"),
          Map.entry("selfLoops", "self-loops (--no-self-loops)"),
          Map.entry("goal.heads", "--heads"),
          Map.entry("goal.qk", "--qk"),
          Map.entry("goal.v", "--v"),
          Map.entry("goal.neurons", "--neurons"),
          Map.entry("budget", "--keep-params, --keep-macs"),
          Map.entry("latency", "--latency"),
          Map.entry("drop", "--max-drop"),
          Map.entry("latencySettings.batch", "--latency-batch"),
          Map.entry("latencySettings.threads", "--latency-threads"),
          Map.entry("allocation", "--allocation"),
          Map.entry("align", "--align"),
          Map.entry("exclude", "--exclude"),
          Map.entry("floors.heads", "--min-heads"),
          Map.entry("floors.headWidth", "--min-width"),
          Map.entry("floors.neurons", "--min-neurons"),
          Map.entry("wishes", "--wishes"),
          Map.entry("goal.width", "--width"),
          Map.entry("width", "--width"),
          Map.entry("columns", "columns (--no-rotate)"),
          Map.entry("recovery", "correction (--no-recover)"),
          Map.entry("before the cut", "training before the cut (--soft-epochs)"),
          Map.entry("after the cut", "training after the cut (--epochs)"),
          Map.entry("before the cut.epochs", "--soft-epochs"),
          Map.entry("epochs", "--epochs"),
          Map.entry("stopAfter", "--stop-after"),
          Map.entry("epochSize", "--epoch-size"),
          Map.entry("updates", "--steps"),
          Map.entry("batch", "--batch"),
          Map.entry("accumulate", "--accumulate"),
          Map.entry("rate", "--lr"),
          Map.entry("schedule", "--schedule"),
          Map.entry("warmup", "--warmup"),
          Map.entry("optimizer", "--optimizer"),
          Map.entry("weightDecay", "--weight-decay"),
          Map.entry("clip", "--clip"),
          Map.entry("average", "--ema"),
          Map.entry("keep", "--keep"),
          Map.entry("seed", "--seed"),
          Map.entry("teacher", "teacher (--teacher, --no-distill)"),
          Map.entry("weight", "--distill"),
          Map.entry("share", "--distill"),
          Map.entry("temperature", "--temperature"),
          Map.entry("smoothing", "--smoothing"),
          Map.entry("augmentation.flip", "--augment flip"),
          Map.entry("augmentation.padding", "--augment pad"),
          Map.entry("augmentation.crop", "--augment crop"),
          Map.entry("augmentation.mixup", "--augment mixup"),
          Map.entry("mean", "--mean"),
          Map.entry("std", "--std"),
          Map.entry("mask", "--mask"),
          Map.entry("calibration", "--calibration"),
          Map.entry("split", "--split-seed"),
          Map.entry("verification.samples", "--samples"),
          Map.entry("sizes", "--size"),
          Map.entry("device", "--device"),
          Map.entry("threads", "--threads"),
          Map.entry("engine", "--engine"));

  private Settings() {}

  /**
   * Values by paths such as {@code after the cut.optimizer.beta1}; that of a record itself is its
   * name, so that records of two kinds differ there.
   */
  static Map<String, String> of(String text) {
    Map<String, String> all = new LinkedHashMap<>();
    for (String part : RecordText.split(text, "; ")) {
      Matcher labelled = LABELLED.matcher(part);
      if (labelled.matches()) {
        put(all, labelled.group(1), labelled.group(2));
      } else {
        all.put(part, "given");
      }
    }
    return all;
  }

  private static void put(Map<String, String> all, String path, String value) {
    Matcher named = RECORD.matcher(value);
    boolean isRecord =
        named.matches() && RecordText.closing(value, value.indexOf('[')) == value.length() - 1;
    all.put(path, isRecord ? words(named.group(1)) : RecordText.value(value));
    if (isRecord) {
      for (String field : fields(named.group(2))) {
        int equals = field.indexOf('=');
        put(all, path + "." + field.substring(0, equals), field.substring(equals + 1));
      }
    }
  }

  /** Components with their names; a comma may also stand inside a value. */
  private static List<String> fields(String inside) {
    List<String> fields = new ArrayList<>();
    for (String item : RecordText.split(inside, ", ")) {
      if (FIELD.matcher(item).lookingAt()) {
        fields.add(item);
      } else {
        fields.add(fields.remove(fields.size() - 1) + ", " + item);
      }
    }
    return fields;
  }

  /** What a user calls a setting. */
  static String option(String path) {
    String end = path;
    while (!OPTIONS.containsKey(end)) {
      int dot = end.indexOf('.');
      if (dot < 0) {
        return words(path.replace('.', ' '));
      }
      end = end.substring(dot + 1);
    }
    return OPTIONS.get(end);
  }

  private static String words(String name) {
    return name.replaceAll("(?<=[a-z])(?=[A-Z])", " ").toLowerCase(Locale.ROOT);
  }
}
