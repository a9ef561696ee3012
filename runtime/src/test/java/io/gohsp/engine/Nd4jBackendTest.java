package io.gohsp.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.gohsp.ort.Device;
import io.gohsp.ort.DeviceException;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Which backend of ND4J is loaded, on machines of all kinds. */
class Nd4jBackendTest {
  private static final Device.Cuda FIRST = new Device.Cuda(0);

  private record Given(boolean hasCudaBuild, List<Double> gpus) implements Nd4jBackend.Machine {}

  private static Nd4jBackend choose(Device wanted, boolean cudaBuild, Double... gpus) {
    return Nd4jBackend.choose(wanted, new Given(cudaBuild, List.of(gpus)));
  }

  @ParameterizedTest
  @ValueSource(doubles = {3.7, 7.5, 8.0, 8.6})
  void takesGpusThatItHasCodeFor(double capability) {
    assertThat(choose(FIRST, true, capability)).isEqualTo(new Nd4jBackend(FIRST, null));
    assertThat(choose(Device.AUTO, true, capability)).isEqualTo(new Nd4jBackend(FIRST, null));
  }

  @ParameterizedTest
  @ValueSource(doubles = {3.5, 9.0, 10.0, 12.0})
  void saysWhyItLeavesOthersAlone(double capability) {
    Nd4jBackend backend = choose(FIRST, true, capability);
    assertThat(backend.device()).isEqualTo(Device.CPU);
    assertThat(backend.note())
        .isEqualTo(
            "ND4J computes on the processor: cuda:0 has compute capability %s, and ND4J has code for 3.7 to 8.6"
                .formatted(capability));
  }

  @Test
  void countsGpus() {
    assertThat(choose(new Device.Cuda(1), true, 9.0, 8.0).device()).isEqualTo(new Device.Cuda(1));
    assertThatThrownBy(() -> choose(new Device.Cuda(2), true, 9.0, 8.0))
        .isInstanceOf(DeviceException.class)
        .hasMessage("cuda:2 was asked for, but there are 2 GPUs; use cpu");
    assertThatThrownBy(() -> choose(FIRST, true))
        .hasMessage("cuda:0 was asked for, but no NVIDIA GPU found; use cpu");
  }

  @Test
  void autoFallsBack() {
    assertThat(choose(Device.AUTO, true).note())
        .isEqualTo("no NVIDIA GPU found: ND4J computes on the processor");
    assertThat(choose(Device.AUTO, false, 8.0)).isEqualTo(new Nd4jBackend(Device.CPU, null));
    assertThat(choose(Device.CPU, true, 8.0)).isEqualTo(new Nd4jBackend(Device.CPU, null));
  }

  @Test
  void aBuildWithoutCudaRefusesGpus() {
    assertThatThrownBy(() -> choose(FIRST, false, 8.0))
        .isInstanceOf(DeviceException.class)
        .hasMessageContaining("-Pcuda");
  }

  @Test
  void readsWhatTheDriverSays() {
    assertThat(Nd4jBackend.capabilities(Stream.of("8.6", " 9.0 ", "[N/A]", "")))
        .containsExactly(8.6, 9.0);
  }

  @Test
  void preparesThisProcess() {
    assertThat(Nd4jSetup.present().device()).isEqualTo(Device.CPU);
    long limit = Long.getLong("org.bytedeco.javacpp.maxphysicalbytes", 0);
    assertThat(limit).isGreaterThan(Runtime.getRuntime().maxMemory() / 2);
    assertThat(org.bytedeco.javacpp.Pointer.maxPhysicalBytes()).isEqualTo(limit);
  }
}
