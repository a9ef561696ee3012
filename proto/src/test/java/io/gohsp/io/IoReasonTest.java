package io.gohsp.io;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileSystemException;
import org.junit.jupiter.api.Test;

/** The message that a reason goes into names the file already. */
class IoReasonTest {
  @Test
  void leavesOutTheFile() {
    assertThat(IoReason.of(new AccessDeniedException("a.onnx"))).isEqualTo("permission denied");
    assertThat(IoReason.of(new FileSystemException("a.onnx", null, "Too many open files")))
        .isEqualTo("Too many open files");
    assertThat(IoReason.of(new IOException("Stale file handle"))).isEqualTo("Stale file handle");
    assertThat(IoReason.of(new IOException())).isEqualTo("java.io.IOException");
  }
}
