package io.gohsp.cli;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;

/**
 * An option as somebody typed it, or another word, before anything is parsed.
 *
 * @param option null for what is none, such as a file
 * @param words the option with its values, in all forms that picocli reads: {@code -o FILE}, {@code
 *     -oFILE}, {@code -o=FILE}, {@code --output FILE}, {@code --output=FILE}; of {@code -qoFILE}
 *     each has its own
 */
record GivenWords(@Nullable OptionSpec option, List<String> words) {
  private static final String END_OF_OPTIONS = "--";

  GivenWords {
    words = List.copyOf(words);
  }

  /** All of a command line behind the name of the command. */
  static List<GivenWords> of(CommandSpec command, List<String> arguments) {
    List<GivenWords> all = new ArrayList<>();
    for (int i = 0; i < arguments.size(); i++) {
      String word = arguments.get(i);
      if (word.equals(END_OF_OPTIONS)) {
        arguments
            .subList(i, arguments.size())
            .forEach(w -> all.add(new GivenWords(null, List.of(w))));
        break;
      }
      OptionSpec option = option(command, word);
      while (option != null && isCluster(option, word) && option.arity().max() == 0) {
        all.add(new GivenWords(option, List.of(word.substring(0, 2))));
        word = "-" + word.substring(2);
        option = option(command, word);
      }
      List<String> words = new ArrayList<>(List.of(word));
      if (option != null && isName(option, word)) {
        int values = Math.min(option.arity().min(), arguments.size() - i - 1);
        words.addAll(arguments.subList(i + 1, i + 1 + values));
        i += values;
      }
      all.add(new GivenWords(option, words));
    }
    return all;
  }

  /** The option that a word begins with. */
  private static @Nullable OptionSpec option(CommandSpec command, String word) {
    if (!word.startsWith("-")) {
      return null;
    }
    OptionSpec named = command.findOption(word.replaceFirst("(?s)=.*", ""));
    boolean mayBeShort = named == null && word.length() > 2 && word.charAt(1) != '-';
    return mayBeShort ? command.findOption(word.substring(0, 2)) : named;
  }

  private static boolean isName(OptionSpec option, String word) {
    return List.of(option.names()).contains(word);
  }

  /** Whether a short option has something behind it that is no value with a sign. */
  private static boolean isCluster(OptionSpec option, String word) {
    return !isName(option, word) && word.charAt(1) != '-' && word.charAt(2) != '=';
  }
}
