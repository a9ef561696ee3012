package io.gohsp.data;

import static org.assertj.core.api.Assertions.assertThat;

import io.gohsp.tensor.ElementType;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Every form of data, as it is recognised and read. */
class DatasetsTest {
  @TempDir Path folder;

  private static int pixel(Dataset images, int index, int x, int y, int channel) throws Exception {
    Pixels pixels = new Pixels();
    try (ImageDecoder decoder = new ImageDecoder()) {
      ((Images) images).read(index, decoder, pixels);
    }
    return pixels.at(x, y, channel);
  }

  private static int sum(Dataset images, int index) throws Exception {
    Pixels pixels = new Pixels();
    try (ImageDecoder decoder = new ImageDecoder()) {
      ((Images) images).read(index, decoder, pixels);
    }
    int sum = 0;
    for (int i = 0; i < pixels.width() * pixels.height() * pixels.channels(); i++) {
      sum += pixels.data()[i] & 0xFF;
    }
    return sum;
  }

  private void folderTree() throws Exception {
    TestFiles.write(folder.resolve("set/train/dog/b.png"), TestFiles.png(4, 3, 20));
    TestFiles.write(folder.resolve("set/train/dog/a.PNG"), TestFiles.png(4, 3, 10));
    TestFiles.write(folder.resolve("set/train/cat/deep/c.png"), TestFiles.png(4, 3, 30));
    TestFiles.write(folder.resolve("set/train/cat/notes.txt"), new byte[1]);
    TestFiles.write(folder.resolve("set/train/.cache/x.png"), TestFiles.png(4, 3, 0));
    Files.createDirectories(folder.resolve("set/train/bird"));
    TestFiles.write(folder.resolve("set/val/dog/d.png"), TestFiles.png(4, 3, 40));
  }

  @Test
  void imageFolder() throws Exception {
    folderTree();
    try (DataSource source = Datasets.open(folder)) {
      assertThat(source.description())
          .isEqualTo(
              "image folder "
                  + folder
                  + ": 3 train + 1 validation samples (val), 3 classes, 4×3 RGB");
      assertThat(source.classes()).containsExactly("bird", "cat", "dog");
      Dataset train = source.train();
      assertThat(List.of(train.label(0), train.label(1), train.label(2))).containsExactly(1, 2, 2);
      assertThat(train.name(1)).isEqualTo("set/train/dog/a.PNG");
      assertThat(pixel(train, 1, 3, 2, 0)).isEqualTo(10);
      Dataset validation = Objects.requireNonNull(source.validation());
      assertThat(validation.label(0)).isEqualTo(2);
    }
  }

  @Test
  void classFoldersWithoutTrain() throws Exception {
    TestFiles.write(folder.resolve("cat/1.png"), TestFiles.png(2, 2, 1));
    TestFiles.write(folder.resolve("dog/1.png"), TestFiles.png(3, 2, 2));
    Files.createDirectories(folder.resolve("docs"));
    assertThat(Datasets.open(folder).description())
        .isEqualTo(
            "image folder "
                + folder
                + ": 2 samples, 2 classes, sizes differ, for instance 2×2 RGB");
  }

  @Test
  void flatFolderIsNotLabelled() throws Exception {
    Files.write(folder.resolve("a.jpg"), TestFiles.bytes("grey.jpg"));
    DataSource source = Datasets.open(folder);
    assertThat(source.description())
        .isEqualTo("image folder " + folder + ": 1 samples, not labelled, 41×29 grey");
    assertThat(source.isLabelled()).isFalse();
  }

  @Test
  void zipOfAnImageFolder() throws Exception {
    Map<String, byte[]> entries = new LinkedHashMap<>();
    entries.put("set/test/cat/1.png", TestFiles.png(2, 2, 3));
    entries.put("set/train/cat/1.png", TestFiles.png(2, 2, 1));
    entries.put("set/train/dog/1.png", TestFiles.png(2, 2, 2));
    entries.put("__MACOSX/set/train/dog/1.png", new byte[3]);
    entries.put("../../train/dog/evil.png", TestFiles.png(2, 2, 9));
    entries.put("/etc/evil.png", TestFiles.png(2, 2, 9));
    Path zip = TestFiles.zip(folder.resolve("set.zip"), entries);
    try (DataSource source = Datasets.open(zip)) {
      assertThat(source.description())
          .isEqualTo(
              "zip of an image folder "
                  + zip
                  + ": 2 train + 1 validation samples (test), 2 classes, 2×2 RGB; 2 entries left"
                  + " out: their names lead outside of the archive");
      assertThat(pixel(source.train(), 1, 0, 0, 2)).isEqualTo(2);
    }
  }

  @Test
  void cifar10() throws Exception {
    Path inner = folder.resolve("cifar-10-batches-bin");
    for (int batch = 1; batch <= 5; batch++) {
      TestFiles.write(inner.resolve("data_batch_" + batch + ".bin"), cifar(1, batch, batch + 1));
    }
    TestFiles.write(inner.resolve("test_batch.bin"), cifar(1, 9));
    TestFiles.write(
        inner.resolve("batches.meta.txt"),
        "airplane\nautomobile\nbird\ncat\ndeer\ndog\nfrog\nhorse\nship\ntruck\n\n"
            .getBytes(StandardCharsets.UTF_8));
    DataSource source = Datasets.open(folder);
    assertThat(source.description())
        .isEqualTo(
            "CIFAR-10 binary batches "
                + inner
                + ": 10 train + 1 validation samples (test_batch.bin), 10 classes, 32×32 RGB");
    assertThat(source.classes()).startsWith("airplane").endsWith("truck");
    Dataset train = source.train();
    assertThat(train.label(3)).isEqualTo(3);
    assertThat(train.name(3)).isEqualTo("sample 1 of data_batch_2.bin");
    // Planes hold label, label + 100 and label + 200; the first pixel of a plane is 1.
    assertThat(pixel(train, 3, 31, 31, 0)).isEqualTo(3);
    assertThat(pixel(train, 3, 31, 31, 1)).isEqualTo(103);
    assertThat(pixel(train, 3, 31, 31, 2)).isEqualTo(203);
    assertThat(pixel(train, 3, 0, 0, 2)).isEqualTo(1);
  }

  @Test
  void cifar100CountsTheFineLabel() throws Exception {
    TestFiles.write(folder.resolve("train.bin"), cifar(2, 99, 5));
    DataSource source = Datasets.open(folder);
    assertThat(source.description())
        .isEqualTo("CIFAR-100 binary batches " + folder + ": 2 samples, 100 classes, 32×32 RGB");
    assertThat(source.train().label(0)).isEqualTo(99);
  }

  static byte[] cifar(int labelBytes, int... labels) {
    ByteBuffer out = ByteBuffer.allocate(labels.length * (labelBytes + 3072));
    for (int label : labels) {
      out.put(new byte[labelBytes - 1]).put((byte) label);
      for (int plane = 0; plane < 3; plane++) {
        byte[] values = new byte[1024];
        Arrays.fill(values, (byte) (label + 100 * plane));
        values[0] = 1;
        out.put(values);
      }
    }
    return out.array();
  }

  @Test
  void idxFilesPlainAndGzipped() throws Exception {
    byte[] images =
        TestFiles.idx(
            new int[] {2, 1, 3}, (byte) 1, (byte) 2, (byte) 3, (byte) 4, (byte) 5, (byte) -1);
    Path gz = folder.resolve("train-images-idx3-ubyte.gz");
    try (GZIPOutputStream out = new GZIPOutputStream(Files.newOutputStream(gz))) {
      out.write(images);
    }
    TestFiles.write(
        folder.resolve("train-labels-idx1-ubyte"),
        TestFiles.idx(new int[] {2}, (byte) 0, (byte) 1));
    TestFiles.write(folder.resolve("t10k-images.idx3-ubyte"), images);
    TestFiles.write(
        folder.resolve("t10k-labels.idx1-ubyte"), TestFiles.idx(new int[] {2}, (byte) 1, (byte) 0));
    DataSource source = Datasets.open(folder);
    assertThat(source.description())
        .isEqualTo(
            "IDX files "
                + folder
                + ": 2 train + 2 validation samples (t10k-images.idx3-ubyte), 2 classes, 3×1 grey");
    assertThat(pixel(source.train(), 1, 2, 0, 0)).isEqualTo(255);
    assertThat(source.train().label(1)).isEqualTo(1);
    assertThat(Datasets.open(gz).description())
        .isEqualTo("IDX file " + gz + ": 2 samples, 2 classes, 3×1 grey");
  }

  @Test
  void npzFile() throws Exception {
    Path file = TestFiles.DATA.resolve("text.npz");
    DataSource source = Datasets.open(file);
    assertThat(source.description())
        .isEqualTo(
            "arrays "
                + file
                + ": 5 samples, 3 classes, attention_mask INT32[6], flags BOOL[], input_ids"
                + " INT64[6], weights FLOAT16[]");
    NamedArrays arrays = (NamedArrays) source.train();
    assertThat(arrays.label(3)).isEqualTo(2);
    assertThat(arrays.fields().get(2))
        .isEqualTo(new NamedArrays.Field("input_ids", ElementType.INT64, List.of(6)));
    assertThat(arrays.row(4, 2).getLong(8 * 5)).isEqualTo(29 % 11);
    assertThat(arrays.row(2, 1).get(0)).isEqualTo((byte) 1);
    assertThat(arrays.row(4, 1).get(0)).isEqualTo((byte) 0);
  }

  @Test
  void directoryOfNpzFiles() throws Exception {
    byte[] rows =
        TestFiles.npy(
            "|u1", "2, 3", false, (byte) 1, (byte) 2, (byte) 3, (byte) 4, (byte) 5, (byte) 6);
    TestFiles.zip(folder.resolve("train.npz"), Map.of("x.npy", rows));
    TestFiles.zip(folder.resolve("val.npz"), Map.of("x.npy", rows));
    assertThat(Datasets.open(folder).description())
        .isEqualTo(
            "arrays "
                + folder
                + ": 2 train + 2 validation samples (val.npz), not labelled, x UINT8[3]");
  }

  @Test
  void digits() throws Exception {
    DataSource source = Datasets.open("digits");
    assertThat(source.description())
        .isEqualTo("built-in digits digits: 1,797 samples, 10 classes, 8×8 grey");
    Dataset digits = source.train();
    int[] counts = new int[10];
    for (int i = 0; i < digits.size(); i++) {
      counts[digits.label(i)]++;
    }
    // As scikit-learn's load_digits: numpy.bincount(y), X[0][2:6] = 5 13 9 1, X[0].sum() = 294.
    assertThat(counts).containsExactly(178, 182, 177, 183, 181, 182, 181, 179, 174, 180);
    assertThat(pixel(digits, 0, 2, 0, 0)).isEqualTo(80); // 5/16 of 255
    assertThat(pixel(digits, 0, 3, 0, 0)).isEqualTo(207); // 13/16 of 255
    assertThat(sum(digits, 0)).isBetween(294 * 255 / 16 - 32, 294 * 255 / 16 + 32);
  }
}
