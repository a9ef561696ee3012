package io.gohsp.data;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Whatever happens to a file: it is read, or there is an error that says so. */
class DamagedFilesTest {
  private static final int ATTEMPTS = 400;

  @TempDir Path folder;

  private static byte[] damage(byte[] whole, int attempt) {
    byte[] damaged = whole.clone();
    SampleRandom random = new SampleRandom(2, 0, attempt);
    for (int change = random.nextInt(4); change >= 0; change--) {
      damaged[random.nextInt(damaged.length)] = (byte) random.nextLong();
    }
    return damaged;
  }

  /** Opens damaged copies of a file and reads all samples; how often that was refused. */
  private int refused(String name, byte[] whole) throws IOException {
    int refused = 0;
    for (int attempt = 0; attempt < ATTEMPTS; attempt++) {
      Path file = folder.resolve(attempt + name);
      Files.write(file, damage(whole, attempt));
      try (DataSource source = Datasets.open(file);
          ImageDecoder decoder = new ImageDecoder()) {
        for (int i = 0; i < source.train().size(); i++) {
          if (source.train() instanceof Images images) {
            images.read(i, decoder, new Pixels());
          }
        }
      } catch (DataException | CorruptSampleException e) {
        refused++;
      }
      Files.delete(file);
    }
    return refused;
  }

  @Test
  void npz() throws IOException {
    assertThat(refused(".npz", TestFiles.bytes("text.npz"))).isBetween(1, ATTEMPTS - 1);
  }

  @Test
  void zip() throws IOException {
    Map<String, byte[]> entries = new LinkedHashMap<>();
    entries.put("train/cat/1.png", TestFiles.png(2, 2, 3));
    entries.put("train/dog/1.png", TestFiles.png(2, 2, 2));
    byte[] zip = Files.readAllBytes(TestFiles.zip(folder.resolve("whole.zip"), entries));
    assertThat(refused(".zip", zip)).isBetween(1, ATTEMPTS - 1);
  }

  @Test
  void idx() throws IOException {
    byte[] images = TestFiles.idx(new int[] {2, 3, 4}, new byte[24]);
    assertThat(refused("-images-idx3-ubyte", images)).isBetween(1, ATTEMPTS - 1);
  }
}
