package io.gohsp.data;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.MalformedInputException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Which output of a model stands for the class of a folder.
 *
 * @param origin in the user's words
 * @param outputs by the folder's name, from 0
 */
public record ClassMap(String origin, Map<String, Integer> outputs) {
  /** How many classes {@link #imageNet} has. */
  public static final int IMAGENET = 1000;

  /** What {@link #open} takes for {@link #imageNet} unless a file is called so. */
  public static final String IMAGENET_NAME = "imagenet";

  private static final String SYNSETS = "imagenet-synsets.txt";

  /** As many outputs as the largest table of labels has, many times over. */
  private static final int MAX_OUTPUTS = 1 << 20;

  private static final Pattern NUMBERED = Pattern.compile("(.+?)\\s*[,\\t]\\s*([0-9]{1,7})");

  private static final String FORMS =
      "give a JSON object of names and numbers, one with label2id (config.json of Hugging Face) or"
          + " id2label, a JSON array of names, or lines of \"name\" or \"name,number\"";

  public ClassMap {
    outputs = Map.copyOf(outputs);
  }

  /** The synsets of ImageNet's 1,000 classes, such as n01440764, in their order. */
  public static ClassMap imageNet() {
    try (InputStream in = ClassMap.class.getResourceAsStream(SYNSETS)) {
      String text =
          new String(Objects.requireNonNull(in).readAllBytes(), StandardCharsets.US_ASCII);
      return new ClassMap("ImageNet", numbered(text.lines().toList()));
    } catch (IOException e) {
      throw new IllegalStateException(SYNSETS + " is damaged in this build", e);
    }
  }

  /**
   * Reads a file, or takes {@link #imageNet} for the name {@link #IMAGENET_NAME}.
   *
   * @throws DataException if the file cannot be read or says no numbers
   */
  public static ClassMap open(String name) {
    return isBuiltIn(name) ? imageNet() : read(Path.of(name));
  }

  /** Whether this names the map that comes with this program, and no file that lies here. */
  public static boolean isBuiltIn(String name) {
    return name.equals(IMAGENET_NAME) && Files.notExists(Path.of(name));
  }

  /**
   * Reads a file of names and outputs: JSON as Hugging Face and Keras publish it, or lines.
   *
   * @throws DataException if it cannot be read or says no numbers
   */
  public static ClassMap read(Path file) {
    String text;
    try {
      text = Files.readString(file);
    } catch (MalformedInputException e) {
      throw new DataException(file.toString(), "is no text", FORMS, e);
    } catch (IOException e) {
      throw DataException.unreadable(file, e);
    }
    String start = text.stripLeading();
    Map<String, Integer> outputs =
        start.startsWith("{") || start.startsWith("[") ? ofJson(file, text) : ofLines(file, text);
    outputs.forEach(
        (name, output) -> {
          if (output < 0 || output >= MAX_OUTPUTS) {
            throw new DataException(file, "class " + name + " is output " + output, FORMS);
          }
        });
    if (outputs.isEmpty()) {
      throw new DataException(file, "names no classes", FORMS);
    }
    return new ClassMap(file.toString(), outputs);
  }

  private static Map<String, Integer> ofJson(Path file, String text) {
    JsonNode root;
    try {
      root = new ObjectMapper().readTree(text);
    } catch (JsonProcessingException e) {
      throw new DataException(file.toString(), "not JSON: " + e.getOriginalMessage(), FORMS, e);
    }
    for (String field : List.of("label2id", "id2label")) {
      root = root.path(field).isObject() ? root.path(field) : root;
    }
    Map<String, Integer> outputs = new LinkedHashMap<>();
    if (root.isArray()) {
      for (JsonNode name : root) {
        put(file, outputs, name(file, name), outputs.size());
      }
      return outputs;
    }
    for (Map.Entry<String, JsonNode> entry : root.properties()) {
      JsonNode value = entry.getValue();
      if (value.isInt()) {
        put(file, outputs, entry.getKey(), value.intValue());
      } else if (entry
          .getKey()
          .matches("[0-9]{1,7}")) { // "0": "tench", "0": ["n01440764", "tench"]
        JsonNode name = value.isArray() ? value.path(0) : value;
        put(file, outputs, name(file, name), Integer.parseInt(entry.getKey()));
      } else {
        throw new DataException(file, "class " + entry.getKey() + " has no number", FORMS);
      }
    }
    return outputs;
  }

  private static String name(Path file, JsonNode name) {
    if (!name.isTextual()) {
      throw new DataException(file, name + " is no name of a class", FORMS);
    }
    return name.textValue();
  }

  /** Lines with numbers if all have one; else the n-th line is the n-th output's. */
  private static Map<String, Integer> ofLines(Path file, String text) {
    List<String> lines = text.lines().map(String::strip).filter(line -> !line.isEmpty()).toList();
    Map<String, Integer> outputs = new LinkedHashMap<>();
    List<Matcher> numbered = lines.stream().map(NUMBERED::matcher).toList();
    if (numbered.stream().allMatch(Matcher::matches)) {
      numbered.forEach(line -> put(file, outputs, line.group(1), Integer.parseInt(line.group(2))));
    } else {
      lines.forEach(line -> put(file, outputs, line, outputs.size()));
    }
    return outputs;
  }

  private static void put(Path file, Map<String, Integer> outputs, String name, int output) {
    Integer earlier = outputs.put(name, output);
    if (earlier != null && earlier != output) {
      throw new DataException(
          file,
          "class " + name + " is output " + earlier + " and output " + output,
          "name every class once");
    }
  }

  private static Map<String, Integer> numbered(List<String> names) {
    Map<String, Integer> outputs = new LinkedHashMap<>();
    names.forEach(name -> outputs.put(name, outputs.size()));
    return outputs;
  }

  /** Whether every folder has an output. */
  boolean knows(Collection<String> folders) {
    return outputs.keySet().containsAll(folders);
  }

  /** The output of a folder's class; -1 if it has none. */
  int output(String folder) {
    return outputs.getOrDefault(folder, -1);
  }

  /** How many outputs have a name. */
  int named() {
    return (int) outputs.values().stream().distinct().count();
  }

  /** Names by output; an output without one is called by its number. */
  List<String> names() {
    int count = outputs.values().stream().mapToInt(output -> output).max().orElse(-1) + 1;
    String[] names = new String[count];
    Arrays.setAll(names, Integer::toString);
    outputs.keySet().stream().sorted().forEach(name -> names[output(name)] = name);
    return List.of(names);
  }
}
