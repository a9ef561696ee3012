package io.gohsp.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Arrays;
import java.util.jar.Attributes;
import java.util.jar.JarEntry;
import java.util.jar.JarOutputStream;
import java.util.jar.Manifest;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

/**
 * The shell script that starts the program, in an installation of its own: its program says where
 * it was told to take libraries from, and the libraries are a few bytes.
 */
@EnabledOnOs(OS.LINUX)
@EnabledIfSystemProperty(named = "os.arch", matches = "amd64")
class LauncherTest {
  private static final String LIBRARIES = "ai/onnxruntime/native/linux-x64/";
  private static final byte[] CONTENT = "as long as it is".getBytes();

  @TempDir private Path home;

  /** What takes the program's place. */
  static final class Program {
    private Program() {}

    public static void main(String[] arguments) {
      System.out.print(System.getProperty("onnxruntime.native.path"));
    }
  }

  @BeforeEach
  void install() throws IOException {
    Path bin = Files.createDirectories(home.resolve("bin"));
    Files.copy(
        Path.of("src", "main", "dist", "bin", "gohsp"),
        bin.resolve("gohsp"),
        StandardCopyOption.COPY_ATTRIBUTES);
    Path lib = Files.createDirectories(home.resolve("lib"));
    jar(lib.resolve("onnxruntime-9.9.jar"), new Manifest(), LIBRARIES + "libone.so", CONTENT);
    Manifest manifest = new Manifest();
    manifest.getMainAttributes().put(Attributes.Name.MANIFEST_VERSION, "1.0");
    manifest.getMainAttributes().put(Attributes.Name.MAIN_CLASS, Program.class.getName());
    String file = Program.class.getName().replace('.', '/') + ".class";
    try (InputStream in = Program.class.getClassLoader().getResourceAsStream(file)) {
      jar(lib.resolve("gohsp-cli-9.9.jar"), manifest, file, in.readAllBytes());
    }
    Files.createFile(lib.resolve("gohsp.jsa")); // newer than the jars: not made anew
  }

  private static void jar(Path file, Manifest manifest, String name, byte[] content)
      throws IOException {
    try (OutputStream out = Files.newOutputStream(file);
        JarOutputStream jar = new JarOutputStream(out, manifest)) {
      jar.putNextEntry(new JarEntry(name));
      jar.write(content);
    }
  }

  /** Starts it and returns the directory of the libraries that the program is given. */
  private Path start() throws IOException, InterruptedException {
    ProcessBuilder shell =
        new ProcessBuilder(home.resolve("bin").resolve("gohsp").toString())
            .redirectErrorStream(true);
    shell.environment().put("JAVA_HOME", System.getProperty("java.home"));
    shell.environment().put("XDG_CACHE_HOME", home.resolve("cache").toString());
    Process process = shell.start();
    String said = new String(process.getInputStream().readAllBytes());
    assertThat(process.waitFor()).as(said).isZero();
    return Path.of(said);
  }

  /** A library that was cut short would end the process without a word when it is loaded. */
  @Test
  void librariesAreUnpackedOnceAndHealed() throws Exception {
    Path natives = start();
    assertThat(natives).isEqualTo(home.resolve("cache/gohsp/onnxruntime-9.9-linux-x64"));
    Path library = natives.resolve("libone.so");
    assertThat(library).hasBinaryContent(CONTENT);
    Object unpacked = Files.readAttributes(natives, "unix:ino").get("ino");
    assertThat(start()).isEqualTo(natives);
    assertThat(Files.readAttributes(natives, "unix:ino")).containsEntry("ino", unpacked);

    Files.write(library, Arrays.copyOf(CONTENT, CONTENT.length / 2));
    assertThat(start()).isEqualTo(natives);
    assertThat(library).hasBinaryContent(CONTENT);

    Files.delete(library);
    assertThat(start()).isEqualTo(natives);
    assertThat(library).hasBinaryContent(CONTENT);

    Files.delete(natives.resolve("sizes"));
    assertThat(start()).isEqualTo(natives);
    assertThat(natives.resolve("sizes")).isNotEmptyFile();
    try (var rest = Files.list(natives.getParent())) {
      assertThat(rest).as("no temporary is left").containsExactly(natives);
    }
  }
}
