package io.gohsp.ort;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeFalse;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class DeviceTest {
  @Test
  void readsItsOwnNames() {
    assertThat(Device.parse("cpu")).isEqualTo(Device.CPU);
    assertThat(Device.parse("auto")).isEqualTo(Device.AUTO);
    assertThat(Device.parse("cuda")).isEqualTo(new Device.Cuda(0));
    assertThat(Device.parse("cuda:3")).isEqualTo(new Device.Cuda(3)).hasToString("cuda:3");
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "gpu", "cuda:", "cuda:-1", "cuda:99999", "CPU", "cpu:0"})
  void refusesOthersAndSaysWhichThereAre(String text) {
    assertThatThrownBy(() -> Device.parse(text))
        .isInstanceOf(DeviceException.class)
        .hasMessage(
            "there is no device \""
                + text
                + "\"; known are cpu, cuda, cuda:N (the GPU's number) and auto");
  }

  @Test
  void cudaOnTheBuildForProcessorsSaysWhatToInstall() {
    assumeFalse(Device.hasCudaProvider());
    OrtOptions options = OrtOptions.DEFAULT.withDevice(new Device.Cuda(0));
    assertThatThrownBy(() -> OrtProgram.load(Fixtures.model("neg_mlp"), options))
        .isInstanceOf(DeviceException.class)
        .hasMessageContaining("onnxruntime_gpu")
        .hasMessageNotContaining("\n");
  }

  @Test
  void autoTakesTheProcessorWhereThereIsNoCuda() {
    assumeFalse(Device.hasCudaProvider());
    try (OrtProgram program =
        OrtProgram.load(Fixtures.model("neg_mlp"), OrtOptions.DEFAULT.withDevice(Device.AUTO))) {
      assertThat(program.device()).isEqualTo(Device.CPU);
    }
  }

  @Test
  @Tag("gpu")
  void autoTakesTheGpuWhereThereIsOne() {
    assumeTrue(Device.hasCudaProvider());
    try (OrtProgram program =
        OrtProgram.load(Fixtures.model("neg_mlp"), OrtOptions.DEFAULT.withDevice(Device.AUTO))) {
      assertThat(program.device()).isEqualTo(new Device.Cuda(0));
    }
  }
}
