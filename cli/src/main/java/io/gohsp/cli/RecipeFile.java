package io.gohsp.cli;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.io.JsonStringEncoder;
import io.gohsp.equivalence.Provenance;
import io.gohsp.io.AtomicFile;
import io.gohsp.io.OnnxReader;
import io.gohsp.ir.ModelException;
import java.io.IOException;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;

/**
 * The arguments of a run in a file, so that one argument repeats it. As YAML they are a list: a
 * line of {@code - ARGUMENT} for each, plain or in double quotes; lines that begin with {@code #}
 * are comments. A model that was pruned has them in its metadata and is a recipe too.
 */
final class RecipeFile {
  /** Options that change nothing of what is written, by their longest names. */
  private static final Set<String> SAYING = Set.of("--quiet", "--verbose", "--json", "--dry-run");

  /** What names a recipe to read, before anything else. */
  static final String OPTION = "--recipe";

  /** What may stand in YAML without quotes: no number, no word with a meaning, no indicator. */
  private static final Pattern PLAIN = Pattern.compile("(-{1,2}[A-Za-z]|[A-Za-z./])[\\w./+-]*");

  /** A word of a command line as {@link CommandText} writes it. */
  private static final Pattern WORD = Pattern.compile("\\G\\s*((?:[^\\s'\\\\]|'[^']*'|\\\\')+)");

  private RecipeFile() {}

  /**
   * Arguments with a recipe in place of {@code --recipe FILE}; options that are given beside it are
   * taken instead of those in it. Where the arguments are written is not taken from it: that would
   * be itself.
   *
   * @throws UsageError if the file cannot be read or is none
   */
  static String[] expanded(CommandLine program, String... arguments) {
    if (!isGiven(arguments)) {
      return arguments;
    }
    if (arguments.length == 1 && arguments[0].equals(OPTION)) {
      throw new UsageError(
          OPTION + " has no value; give a file that --recipe-out wrote, or a model");
    }
    Path file = file(arguments);
    List<String> more = more(arguments);
    List<String> all = new ArrayList<>(without(program, RecipeTarget.without(read(file)), more));
    all.addAll(more);
    return all.toArray(String[]::new);
  }

  /**
   * The recipe among arguments that nothing may be written to; null if there is none. A model with
   * nothing behind it but how much is said is one that makes itself anew.
   */
  static @Nullable Path kept(CommandLine program, String... arguments) {
    if (!isGiven(arguments) || (arguments.length == 1 && arguments[0].equals(OPTION))) {
      return null;
    }
    Path file = file(arguments);
    return isModel(file) && saysOnly(program, read(file), more(arguments)) ? null : file;
  }

  /** Whether arguments change nothing of what a recipe writes. */
  private static boolean saysOnly(CommandLine program, List<String> recipe, List<String> more) {
    CommandLine command = command(program, recipe);
    return command != null
        && GivenWords.of(command.getCommandSpec(), more).stream()
            .map(GivenWords::option)
            .allMatch(option -> option != null && SAYING.contains(option.longestName()));
  }

  private static boolean isGiven(String... arguments) {
    return arguments.length > 0
        && (arguments[0].equals(OPTION) || arguments[0].startsWith(OPTION + "="));
  }

  /** The recipe of arguments that have one. */
  private static Path file(String... arguments) {
    return Path.of(
        arguments[0].equals(OPTION) ? arguments[1] : arguments[0].substring(OPTION.length() + 1));
  }

  /** What stands behind it. */
  private static List<String> more(String... arguments) {
    return List.of(arguments).subList(arguments[0].equals(OPTION) ? 2 : 1, arguments.length);
  }

  private static @Nullable CommandLine command(CommandLine program, List<String> recipe) {
    return recipe.isEmpty() ? null : program.getSubcommands().get(recipe.get(0));
  }

  private static boolean isModel(Path file) {
    return String.valueOf(file.getFileName()).endsWith(".onnx");
  }

  /** What a recipe says but for options that are given anew. */
  private static List<String> without(CommandLine program, List<String> recipe, List<String> more) {
    CommandLine command = command(program, recipe);
    if (command == null) {
      return recipe;
    }
    CommandSpec spec = command.getCommandSpec();
    Set<OptionSpec> given = new HashSet<>();
    GivenWords.of(spec, more).forEach(words -> given.add(words.option()));
    given.remove(null);
    List<String> kept = new ArrayList<>(recipe.subList(0, 1));
    GivenWords.of(spec, recipe.subList(1, recipe.size())).stream()
        .filter(words -> !given.contains(words.option()))
        .forEach(words -> kept.addAll(words.words()));
    return kept;
  }

  /** The arguments in a file. */
  static List<String> read(Path file) {
    try {
      return isModel(file) ? ofModel(file) : ofText(file);
    } catch (CharacterCodingException e) {
      throw new UsageError(
          OPTION + " " + file + " is no text; give a file that --recipe-out wrote, or a model");
    } catch (IOException e) {
      throw new UsageError(OPTION + " " + file + " cannot be read: " + OutputError.reason(e));
    }
  }

  private static List<String> ofModel(Path file) {
    String command;
    try {
      command = OnnxReader.read(file).metadata().get(Provenance.COMMAND);
    } catch (ModelException e) {
      throw new UsageError(OPTION + " " + e.getMessage());
    }
    if (command == null) {
      throw new UsageError(OPTION + " " + file + " does not say what made it; give another");
    }
    List<String> words = new ArrayList<>();
    Matcher word = WORD.matcher(command);
    while (word.find()) {
      words.add(unquoted(word.group(1)));
    }
    return List.copyOf(words.subList(1, words.size()));
  }

  /** As a shell reads it. */
  private static String unquoted(String word) {
    StringBuilder text = new StringBuilder();
    boolean quoted = false;
    for (int i = 0; i < word.length(); i++) {
      char c = word.charAt(i);
      if (c == '\'') {
        quoted = !quoted;
      } else if (c == '\\' && !quoted) {
        text.append(word.charAt(++i));
      } else {
        text.append(c);
      }
    }
    return text.toString();
  }

  private static List<String> ofText(Path file) throws IOException {
    List<String> arguments = new ArrayList<>();
    int number = 0;
    for (String line : Files.readAllLines(file)) {
      number++;
      String text = line.strip();
      if (text.isEmpty() || text.startsWith("#")) {
        continue;
      }
      if (!text.startsWith("- ")) {
        throw new UsageError(
            "%s %s: line %d is no \"- ARGUMENT\"; give one argument a line"
                .formatted(OPTION, file, number));
      }
      arguments.add(value(file, number, text.substring(2).strip()));
    }
    return arguments;
  }

  private static String value(Path file, int line, String text) {
    if (!text.startsWith("\"")) {
      return text.startsWith("'") && text.endsWith("'") && text.length() > 1
          ? text.substring(1, text.length() - 1).replace("''", "'")
          : text;
    }
    try {
      JsonParser json = new JsonFactory().createParser(text);
      if (json.nextToken() == JsonToken.VALUE_STRING) {
        String value = json.getText();
        if (json.nextToken() == null) {
          return value;
        }
      }
      throw new IOException("no text");
    } catch (IOException e) {
      throw new UsageError(
          "%s %s: line %d has no text in double quotes; close them, or escape what is inside"
              .formatted(OPTION, file, line));
    }
  }

  /**
   * Writes the arguments of a run.
   *
   * @throws IOException if the file cannot be written
   */
  static void write(Path file, List<String> arguments) throws IOException {
    StringBuilder text = new StringBuilder();
    text.append("# gohsp ").append(Provenance.version());
    text.append(": gohsp --recipe ").append(file.getFileName()).append(" runs this again.\n");
    for (String argument : arguments) {
      text.append("- ");
      if (PLAIN.matcher(argument).matches()) {
        text.append(argument);
      } else {
        text.append('"')
            .append(JsonStringEncoder.getInstance().quoteAsString(argument))
            .append('"');
      }
      text.append('\n');
    }
    byte[] bytes = text.toString().getBytes(StandardCharsets.UTF_8);
    AtomicFile.write(file, out -> out.write(bytes));
  }
}
