package io.gohsp.data;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.util.LinkedHashMap;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Data are the same if their contents are, and only then. */
class ContentsTest {
  private static final FileTime SOME_TIME = FileTime.fromMillis(1_000_000_000_000L);

  @TempDir Path directory;

  private static String identity(Path data) {
    try (DataSource source = Datasets.open(data)) {
      return source.identity();
    }
  }

  /** Writes files of one size and one time, whatever they hold. */
  private static void write(Path file, byte[] contents) throws Exception {
    TestFiles.write(file, contents);
    Files.setLastModifiedTime(file, SOME_TIME);
  }

  private Path pictures(String name, int first, int second, int third) throws Exception {
    Path folder = directory.resolve(name);
    write(folder.resolve("train/cat/1.bmp"), bmp(first));
    write(folder.resolve("train/dog/1.bmp"), bmp(second));
    write(folder.resolve("val/dog/2.bmp"), bmp(third));
    return folder;
  }

  /** One grey pixel: 24 bits, stored without compression. */
  private static byte[] bmp(int grey) {
    ByteBuffer bytes = ByteBuffer.allocate(58).order(ByteOrder.LITTLE_ENDIAN);
    bytes.put("BM".getBytes(StandardCharsets.US_ASCII)).putInt(58).putInt(0).putInt(54);
    bytes.putInt(40).putInt(1).putInt(1).putShort((short) 1).putShort((short) 24);
    bytes.putInt(0).putInt(4).putInt(0).putInt(0).putInt(0).putInt(0);
    bytes.put((byte) grey).put((byte) grey).put((byte) grey);
    return bytes.array();
  }

  @Test
  void onePixelOfOnePictureCounts() throws Exception {
    String before = identity(pictures("a", 1, 2, 3));
    assertThat(identity(pictures("a", 1, 2, 3))).isEqualTo(before);
    assertThat(identity(pictures("moved", 1, 2, 3))).isEqualTo(before);
    assertThat(identity(pictures("a", 1, 9, 3))).isNotEqualTo(before);
    assertThat(identity(pictures("a", 1, 2, 9))).isNotEqualTo(before);
    assertThat(identity(pictures("a", 2, 1, 3))).isNotEqualTo(before);
  }

  @Test
  void filesThatAreNotReadDoNotCount() throws Exception {
    Path folder = pictures("a", 1, 2, 3);
    String before = identity(folder);
    write(folder.resolve("train/notes.txt"), new byte[] {1});
    assertThat(identity(folder)).isEqualTo(before);
  }

  @Test
  void namesOfClassesCount() throws Exception {
    Path folder = pictures("a", 1, 2, 3);
    String before = identity(folder);
    Files.move(folder.resolve("train/dog"), folder.resolve("train/fox"));
    Files.move(folder.resolve("val/dog"), folder.resolve("val/fox"));
    assertThat(identity(folder)).isNotEqualTo(before);
  }

  @Test
  void anotherArchiveUnderTheSameName() throws Exception {
    Path zip = directory.resolve("set.zip");
    Map<String, byte[]> entries = new LinkedHashMap<>();
    entries.put("a/1.bmp", bmp(1));
    entries.put("b/1.bmp", bmp(2));
    String before = identity(TestFiles.zip(zip, entries));
    assertThat(identity(TestFiles.zip(zip, entries))).isEqualTo(before);
    entries.put("b/1.bmp", bmp(3));
    assertThat(identity(TestFiles.zip(zip, entries))).isNotEqualTo(before);
  }

  @Test
  void numbersAndLabelsOfArraysCount() throws Exception {
    String before = identity(arrays(4, 0, 1));
    assertThat(identity(arrays(4, 0, 1))).isEqualTo(before);
    assertThat(identity(arrays(5, 0, 1))).isNotEqualTo(before);
    assertThat(identity(arrays(4, 1, 0))).isNotEqualTo(before);
  }

  private Path arrays(int last, int first, int second) throws Exception {
    Map<String, byte[]> entries = new LinkedHashMap<>();
    byte[] x = {1, 2, 3, (byte) last};
    entries.put("x.npy", TestFiles.npy("|u1", "2, 2", false, x));
    entries.put("labels.npy", TestFiles.npy("|u1", "2,", false, (byte) first, (byte) second));
    return TestFiles.zip(directory.resolve("arrays.npz"), entries);
  }

  /** A picture that cannot be decoded is data as well: it may be mended one day. */
  @Test
  void damagedPicturesCountAsTheyAreStored() throws Exception {
    Path folder = pictures("a", 1, 2, 3);
    write(folder.resolve("train/dog/1.bmp"), "no picture".getBytes(StandardCharsets.UTF_8));
    String before = identity(folder);
    write(folder.resolve("train/dog/1.bmp"), "no pictura".getBytes(StandardCharsets.UTF_8));
    assertThat(identity(folder)).isNotEqualTo(before);
  }
}
