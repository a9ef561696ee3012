package io.gohsp.data;

import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.assertj.core.api.AbstractThrowableAssert;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Bad data: what is said about them. */
class DataErrorsTest {
  @TempDir Path folder;

  private AbstractThrowableAssert<?, ?> opening(Path path) {
    return assertThatThrownBy(() -> Datasets.open(path)).isInstanceOf(DataException.class);
  }

  @Test
  void nothingThere() {
    Path path = folder.resolve("nowhere");
    opening(path)
        .hasMessage(
            path
                + ": does not exist (give CIFAR binary batches, an image folder"
                + " (train/<class>/*.jpg) or a zip of one, IDX files (MNIST), an .npz file, or the"
                + " name digits)");
  }

  @Test
  void anAddressOfAnotherFileSystem() {
    for (String address : List.of("hdfs://name:8020/images", "s3a://b/images", "file:/images")) {
      assertThatThrownBy(() -> Datasets.open(address))
          .isInstanceOf(DataException.class)
          .hasMessageStartingWith(
              address + ": is an address, which only gohsp on Apache Spark reads (add")
          .hasMessageContaining("hadoop fs -get");
    }
  }

  @Test
  void nothingRecognised() throws Exception {
    Path file = Files.writeString(folder.resolve("a.csv"), "1,2,3");
    opening(file).hasMessageStartingWith(file + ": is of no known form (give CIFAR");
    opening(folder)
        .hasMessage(
            folder
                + ": holds no images (expected train/<class>/*.jpg and val/<class>/*.jpg,"
                + " <class>/*.jpg, or just *.jpg or *.png)");
    Files.writeString(folder.resolve("a.webp"), "RIFF");
    opening(folder)
        .hasMessage(
            folder + ": holds images, but none is JPEG, PNG or BMP (convert them to JPEG or PNG)");
  }

  @Test
  void foldersThatDoNotFitTogether() throws Exception {
    TestFiles.write(folder.resolve("train/cat/1.png"), TestFiles.png(1, 1, 0));
    TestFiles.write(folder.resolve("val/dog/1.png"), TestFiles.png(1, 1, 0));
    opening(folder)
        .hasMessage(
            folder
                + ": val/dog/1.png is of a class that train does not have (the folders below val/"
                + " must be named like those below train)");
    TestFiles.write(folder.resolve("train/loose.png"), TestFiles.png(1, 1, 0));
    opening(folder)
        .hasMessage(
            folder
                + ": images lie both in class folders and beside them, such as train/loose.png"
                + " (move them into a class folder or remove them)");
  }

  @Test
  void validationOnly() throws Exception {
    TestFiles.write(folder.resolve("val/dog/1.png"), TestFiles.png(1, 1, 0));
    opening(folder)
        .hasMessage(
            folder
                + ": has a folder val but none named train (name the other folder train, or give"
                + " the folder val itself)");
  }

  @Test
  void damagedZip() throws Exception {
    Path zip = TestFiles.zip(folder.resolve("a.zip"), Map.of("cat/1.png", TestFiles.png(1, 1, 0)));
    byte[] bytes = Files.readAllBytes(zip);
    Files.write(zip, Arrays.copyOf(bytes, bytes.length - 30));
    opening(zip).hasMessageStartingWith(zip + ": cannot be read: ");
  }

  @Test
  void cifarOfTheWrongLengthOrLabel() throws Exception {
    byte[] batch = DatasetsTest.cifar(1, 3);
    for (int i = 1; i <= 4; i++) {
      TestFiles.write(folder.resolve("data_batch_" + i + ".bin"), batch);
    }
    Path fifth = folder.resolve("data_batch_5.bin");
    opening(folder)
        .hasMessage(
            fifth + ": is missing, but other batches of CIFAR-10 are there (copy it there)");
    TestFiles.write(fifth, Arrays.copyOf(batch, 3000));
    opening(folder)
        .hasMessage(
            fifth
                + ": 3000 bytes, expected a multiple of 3073, the length of a CIFAR-10 record (the"
                + " file is incomplete or of another kind; fetch it again)");
    TestFiles.write(fifth, DatasetsTest.cifar(1, 3, 10));
    opening(folder)
        .hasMessage(
            "sample 1 of "
                + fifth
                + ": label 10, expected 0 to 9 (the file is damaged or of another kind; fetch it"
                + " again)");
    TestFiles.write(fifth, batch);
    TestFiles.write(folder.resolve("batches.meta.txt"), new byte[] {'a', '\n'});
    opening(folder).hasMessageContaining("1 class names, expected 10");
  }

  @Test
  void idxFiles() throws Exception {
    Path images = folder.resolve("train-images-idx3-ubyte");
    Path labels = folder.resolve("train-labels-idx1-ubyte");
    TestFiles.write(images, TestFiles.idx(new int[] {2, 1, 1}, (byte) 1, (byte) 2));
    TestFiles.write(labels, TestFiles.idx(new int[] {3}, (byte) 1, (byte) 2, (byte) 3));
    opening(folder)
        .hasMessage(
            labels
                + ": 3 labels for 2 images in "
                + images
                + " (give the labels that belong to these images)");
    TestFiles.write(labels, TestFiles.idx(new int[] {3}, (byte) 1));
    opening(folder)
        .hasMessage(
            labels + ": only 1 values, expected 3 for [3] (the file is damaged; fetch it again)");
    TestFiles.write(images, TestFiles.idx(new int[] {1 << 30, 1 << 30, 2}));
    opening(folder).hasMessageContaining("are not positive or too large");
    TestFiles.write(images, new byte[] {1, 2, 3});
    opening(folder).hasMessageContaining("not an IDX file of unsigned bytes with 3 dimensions");
  }

  @Test
  void validationWithMoreClasses() throws Exception {
    byte[] images = TestFiles.idx(new int[] {1, 1, 1}, (byte) 1);
    TestFiles.write(folder.resolve("train-images-idx3-ubyte"), images);
    TestFiles.write(folder.resolve("t10k-images-idx3-ubyte"), images);
    TestFiles.write(
        folder.resolve("train-labels-idx1-ubyte"), TestFiles.idx(new int[] {1}, (byte) 1));
    opening(folder)
        .hasMessage(
            folder + ": only one of its parts has labels (copy the other part's labels there)");
    TestFiles.write(
        folder.resolve("t10k-labels-idx1-ubyte"), TestFiles.idx(new int[] {1}, (byte) 2));
    opening(folder)
        .hasMessageContaining("class 2 does not occur in the train part, which has 2 classes");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '#',
      value = {
        "<f4#1, 2#true#the array is in Fortran order (columns first) (save"
            + " numpy.ascontiguousarray(array))",
        ">f4#1, 2#false#elements are >f4, expected little-endian floats, whole numbers or booleans",
        "|O#1, 2#false#elements are |O, expected",
        "<U5#1, 2#false#elements are <U5, expected",
        "<f4#3, 1#false#ends after 2 of 3 rows (the file is incomplete; write it again)",
        "<f4#1, 1#false#is longer than its shape says",
        "<f4##false#has shape [], expected one row a sample",
        "<f4#0, 4#false#has shape [0, 4], expected one row a sample",
        "<f4#3000000000, 3000000000#false#are too large",
        "<f4#1, 1000000000#false#has shape [1, 1000000000]: empty or too large",
      })
  void npyArrays(String descr, String shape, boolean fortran, String message) throws Exception {
    String dims = shape == null ? "" : shape;
    byte[] array = TestFiles.npy(descr, dims, fortran, new byte[8]);
    Path file = TestFiles.zip(folder.resolve("a.npz"), Map.of("x.npy", array));
    opening(file).hasMessageStartingWith(file + "[x]: ").hasMessageContaining(message);
  }

  @Test
  void npzThatDoesNotFitInMemory() throws Exception {
    byte[] array = TestFiles.npy("<f8", "2000000, 100000", false, new byte[8]);
    Path file = TestFiles.zip(folder.resolve("a.npz"), Map.of("x.npy", array));
    opening(file).hasMessageContaining("1,600,000,000,000 bytes do not fit into the memory");
  }

  @Test
  void npzLabels() throws Exception {
    byte[] rows = TestFiles.npy("|u1", "2, 1", false, (byte) 1, (byte) 2);
    Map<String, byte[]> entries = new LinkedHashMap<>();
    entries.put("x.npy", rows);
    entries.put("labels.npy", TestFiles.npy("|u1", "3", false, (byte) 0, (byte) 1, (byte) 1));
    Path file = TestFiles.zip(folder.resolve("a.npz"), entries);
    opening(file)
        .hasMessage(file + ": labels has 3 rows, but x has 2 (give every array one row a sample)");
    entries.put("labels.npy", TestFiles.npy("|i1", "2", false, (byte) 0, (byte) -1));
    TestFiles.zip(file, entries);
    opening(file).hasMessageContaining("row 1 is -1, expected a class from 0 to 1048575");
    entries.put("labels.npy", TestFiles.npy("|u1", "2, 1", false, (byte) 0, (byte) 1));
    TestFiles.zip(file, entries);
    opening(file)
        .hasMessage(
            file
                + "[labels]: rows are UINT8[1], expected one whole number a sample (give class"
                + " numbers from 0, for instance labels.argmax(1) of one-hot rows)");
    entries.remove("x.npy");
    TestFiles.zip(file, entries);
    opening(file).hasMessageContaining("holds no arrays besides labels");
    TestFiles.zip(file, Map.of("x.txt", rows));
    opening(file).hasMessageContaining("entry x.txt is not an array");
  }

  @Test
  void moreClassesThanTheModelHas() {
    assertThatThrownBy(() -> Datasets.open("digits").requireClasses(9))
        .isInstanceOf(DataException.class)
        .hasMessage(
            "digits: 10 classes, but the model tells 9 apart (use data with the model's classes, or"
                + " a model with as many outputs)");
  }
}
