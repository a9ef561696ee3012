package io.gohsp.io;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.BufferedReader;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What another process has stays while it lives, and goes when it was killed. */
class OwnedDirectoryTest {
  @TempDir Path system;

  private Process process;
  private Path theirs;

  /** Another process. */
  public static void main(String[] arguments) throws IOException {
    Path directory = Temporaries.createPrivateDirectory();
    Files.writeString(directory.resolve("pictures.zip"), "half");
    System.out.println(directory.getParent());
    System.in.read();
  }

  @BeforeEach
  void startAnother() throws IOException {
    process =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-XX:TieredStopAtLevel=1",
                "-Djava.io.tmpdir=" + system,
                "-cp",
                System.getProperty("java.class.path"),
                OwnedDirectoryTest.class.getName())
            .redirectError(ProcessBuilder.Redirect.INHERIT)
            .start();
    BufferedReader out = process.inputReader();
    theirs = Path.of(String.valueOf(out.readLine()));
  }

  @AfterEach
  void end() throws InterruptedException {
    process.destroyForcibly().waitFor();
  }

  /** Looks as a process does that needs its first directory. */
  private void look() throws IOException {
    Path own = Files.createDirectory(system.resolve("gohsp-1-1"));
    OwnedDirectory.removeDeadBeside(own);
    Files.delete(own);
  }

  @Test
  void goesWithAProcessThatWasKilled() throws IOException, InterruptedException {
    assertThat(theirs.getParent()).isEqualTo(system);
    assertThat(String.valueOf(theirs.getFileName())).startsWith("gohsp-" + process.pid() + "-");
    look();
    assertThat(theirs).isDirectoryRecursivelyContaining("glob:**/pictures.zip");

    process.destroyForcibly().waitFor();
    assertThat(theirs).exists();
    look();
    assertThat(theirs).doesNotExist();
  }

  /** In another container the number of a process may be nobody's here. */
  @Test
  void staysWhateverNumberItsProcessHas() throws IOException {
    Path renamed = Files.move(theirs, system.resolve("gohsp-999999999-1"));
    look();
    assertThat(renamed).isDirectoryRecursivelyContaining("glob:**/pictures.zip");
  }

  @Test
  void linksAreNotFollowed() throws IOException, InterruptedException {
    process.destroyForcibly().waitFor();
    Path elsewhere = Files.move(theirs, system.resolve("elsewhere"));
    Path link = Files.createSymbolicLink(system.resolve("gohsp-2-2"), elsewhere);
    Path linked = Files.createDirectory(system.resolve("gohsp-3-3"));
    Files.createSymbolicLink(linked.resolve("owner.lock"), elsewhere.resolve("owner.lock"));
    look();
    assertThat(Files.exists(link, LinkOption.NOFOLLOW_LINKS)).isTrue();
    assertThat(linked).exists();
    assertThat(elsewhere).isDirectoryRecursivelyContaining("glob:**/pictures.zip");
  }

  /** Of a process that has just begun, or on a file system without locks. */
  @Test
  void staysWithoutALock() throws IOException {
    Path fresh = Files.createDirectory(system.resolve("gohsp-4-4"));
    Files.createFile(fresh.resolve("new.lock"));
    look();
    assertThat(fresh).exists();
  }

  @Test
  void areBelowOneThatIsHeld() throws IOException {
    Path first = Temporaries.createPrivateDirectory();
    Path second = Temporaries.createPrivateDirectory();
    assertThat(first).isEmptyDirectory().hasParent(second.getParent());
    assertThat(first.resolveSibling("owner.lock")).exists();
    Files.delete(first);
    Files.delete(second);
  }
}
