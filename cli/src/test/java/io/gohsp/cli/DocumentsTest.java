package io.gohsp.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.function.Predicate;
import java.util.regex.MatchResult;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** What documents and Javadoc point at exists. */
class DocumentsTest {
  private static final Path ROOT = Path.of("..");

  /** {@code METHOD.md section 8, invariant 7} and {@code METHOD.md 8.7}, perhaps over two lines. */
  private static final Pattern CITATION =
      Pattern.compile("METHOD\\.md(?: section)? (\\d+)(?:(?:, invariant |\\.)(\\d+))?");

  private static final Pattern LINK = Pattern.compile("\\]\\(([^)\\s]+)\\)");
  private static final Pattern HEADING = Pattern.compile("(?m)^#+ (.*)$");

  static Stream<Path> documents() throws IOException {
    return files(ROOT, 3, name -> name.endsWith(".md"));
  }

  private static Stream<Path> files(Path root, int depth, Predicate<String> named)
      throws IOException {
    try (Stream<Path> files = Files.walk(root, depth)) {
      return files
          .filter(file -> named.test(file.getFileName().toString()))
          .filter(file -> !file.toString().contains("target"))
          .sorted()
          .toList()
          .stream();
    }
  }

  private static String read(Path file) {
    try {
      return Files.readString(file);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @ParameterizedTest
  @MethodSource("documents")
  void linksResolve(Path document) {
    Matcher links = LINK.matcher(read(document));
    while (links.find()) {
      String link = links.group(1);
      if (link.startsWith("http:") || link.startsWith("https:")) {
        continue;
      }
      String[] parts = link.split("#", 2);
      Path target = parts[0].isEmpty() ? document : document.resolveSibling(parts[0]);
      assertThat(target).as(link).exists();
      if (parts.length == 2) {
        assertThat(anchors(target)).as(link).contains(parts[1]);
      }
    }
  }

  private static Set<String> anchors(Path document) {
    return HEADING
        .matcher(read(document))
        .results()
        .map(heading -> heading.group(1).toLowerCase(Locale.ROOT))
        .map(text -> text.replaceAll("[^\\p{L}\\p{N} _-]", "").replace(' ', '-'))
        .collect(Collectors.toSet());
  }

  @Test
  void citedSectionsOfTheMethodExist() throws IOException {
    String method = read(ROOT.resolve("docs").resolve("METHOD.md"));
    List<String> cited =
        Stream.of("proto", "passes", "runtime", "cli", "spark")
            .map(module -> ROOT.resolve(module).resolve("src"))
            .flatMap(DocumentsTest::sources)
            .map(file -> read(file).replaceAll("\\s+(?:\\* |// )?", " "))
            .flatMap(text -> CITATION.matcher(text).results().map(DocumentsTest::heading))
            .distinct()
            .toList();

    assertThat(cited).hasSizeGreaterThan(5);
    assertThat(cited).allSatisfy(line -> assertThat(method).containsPattern(line));
  }

  private static Stream<Path> sources(Path module) {
    try {
      return files(module, Integer.MAX_VALUE, name -> name.endsWith(".java"));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** How the line begins that a citation is of. */
  private static String heading(MatchResult citation) {
    String section = "(?m)^## " + citation.group(1) + "\\. ";
    return citation.group(2) == null
        ? section
        : "(?s)" + section + "(?:(?!\n## ).)*\n" + citation.group(2) + "\\. ";
  }
}
