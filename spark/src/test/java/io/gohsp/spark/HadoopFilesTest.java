package io.gohsp.spark;

import static org.assertj.core.api.Assertions.assertThat;

import java.awt.image.BufferedImage;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** Data at addresses of Hadoop's file systems, read by driver and executors. */
@ExtendWith(LocalCluster.class)
class HadoopFilesTest {
  private static final Path MODEL = Path.of("..", "testdata", "models", "digits.onnx");

  @TempDir Path directory;

  private static LocalCluster.Run rank(boolean spread, Object data) {
    LocalCluster.Run run =
        LocalCluster.run(
            spread ? LocalCluster.workers() : null,
            "rank",
            MODEL,
            "--data",
            data,
            "--samples",
            130,
            "--threads",
            1,
            "--json");
    assertThat(run.exitCode()).as(run.err()).isZero();
    return run;
  }

  /** 160 pictures of noise in two classes, beside a folder that is empty and one that is hidden. */
  private Path pictures() throws IOException {
    Path folder = directory.resolve("pictures");
    Files.createDirectories(folder.resolve("train/none"));
    Files.createDirectories(folder.resolve(".hidden"));
    for (int i = 0; i < 160; i++) {
      BufferedImage picture = new BufferedImage(8, 8, BufferedImage.TYPE_BYTE_GRAY);
      for (int pixel = 0; pixel < 64; pixel++) {
        picture.setRGB(pixel % 8, pixel / 8, (i + 7) * (pixel + 3) * 7919 & 0xFF);
      }
      Path classFolder = Files.createDirectories(folder.resolve("train/class" + i % 2));
      ImageIO.write(picture, "png", classFolder.resolve(i + ".png").toFile());
    }
    return folder;
  }

  /** Whatever their names are like; those that are damaged are named. */
  @Test
  void picturesAreReadWhereTheyLie() throws IOException {
    Path folder = pictures();
    Path classFolder = folder.resolve("train/class1");
    Files.move(classFolder.resolve("7.png"), classFolder.resolve("12:30.png"));
    for (int i = 11; i < 17; i += 2) {
      Files.write(classFolder.resolve(i + ".png"), new byte[] {1, 2, 3});
    }
    String address = "shelf:" + folder.toAbsolutePath();

    LocalCluster.Run found = rank(true, address);

    assertThat(found.err()).contains("image folder " + address + ": 160 samples, 3 classes");
    LocalCluster.Run local = rank(false, folder);
    assertThat(found.out().replace(address, folder.toString()))
        .contains("\"samples\":127,")
        .isEqualTo(local.out());
    assertThat(note(found)).contains("could not be read").isEqualTo(note(local));
  }

  private static String note(LocalCluster.Run run) {
    return run.err().lines().filter(line -> line.startsWith("gohsp: note: ")).toList().toString();
  }

  @Test
  void archivesAreReadAsAWhole() throws IOException {
    Path zip = directory.resolve("pictures.zip");
    Path folder = pictures();
    try (OutputStream out = Files.newOutputStream(zip);
        ZipOutputStream entries = new ZipOutputStream(out);
        var files = Files.walk(folder)) {
      for (Path file : files.filter(Files::isRegularFile).sorted().toList()) {
        entries.putNextEntry(new ZipEntry(folder.relativize(file).toString()));
        Files.copy(file, entries);
      }
    }
    String address = zip.toUri().toString();

    assertThat(rank(true, address).out().replace(address, zip.toString()))
        .isEqualTo(rank(false, zip).out());
  }

  @Test
  void whatCannotBeReadIsNamed() {
    String library = "name the library of that file system";
    for (String wrong :
        List.of("shelf:/no/such/folder", "drawer://host/images", "hdfs://no.invalid/images")) {
      LocalCluster.Run run =
          LocalCluster.run(LocalCluster.workers(), "rank", MODEL, "--data", wrong);
      assertThat(run.exitCode()).as(run.err()).isEqualTo(6);
      assertThat(run.err())
          .contains(
              switch (wrong.charAt(0)) {
                case 's' -> wrong + ": does not exist (give ";
                case 'd' ->
                    wrong + ": cannot be read: No FileSystem for scheme \"drawer\"; " + library;
                default -> wrong + ": cannot be read: ";
              });
      assertThat(run.err().contains(library)).isEqualTo(wrong.startsWith("drawer"));
    }
  }
}
