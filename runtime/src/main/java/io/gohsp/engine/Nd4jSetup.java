package io.gohsp.engine;

import com.sun.management.OperatingSystemMXBean;
import io.gohsp.ort.Device;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.net.URL;
import java.util.Collections;
import java.util.Enumeration;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.nd4j.common.config.ND4JClassLoading;
import org.nd4j.linalg.factory.Nd4j;

/**
 * What ND4J must be told before its first class is loaded. Everything here that touches ND4J calls
 * {@link #prepare} first; an application that uses ND4J itself calls it before that, or sets the
 * system properties as it likes: what is set already stays.
 *
 * <p>The number of threads is not among them. ND4J takes it from the environment variable
 * OMP_NUM_THREADS alone, which the launcher sets to 1 unless it is set: the vector operations of
 * training gain nothing from more.
 */
public final class Nd4jSetup {
  /** Part of the machine's memory that the process may take before ND4J gives up. */
  private static final double MEMORY = 0.8;

  private static @Nullable Nd4jBackend chosen;

  private Nd4jSetup() {}

  /** Where ND4J computes; on the processor if nobody has prepared anything else. */
  public static Nd4jBackend present() {
    return prepare(Device.CPU);
  }

  /**
   * Sets properties and chooses where ND4J computes. The first call decides for the whole process.
   *
   * @return where ND4J computes now
   * @throws io.gohsp.ort.DeviceException if the device cannot be used, or if ND4J computes
   *     elsewhere already
   */
  public static synchronized Nd4jBackend prepare(Device device) {
    Nd4jBackend present = chosen;
    if (present != null) {
      if (device instanceof Device.Cuda
          && present.device() == Device.CPU
          && present.note() == null) {
        throw new io.gohsp.ort.DeviceException(
            device + " was asked for, but ND4J computes on the processor in this process already");
      }
      return present;
    }
    Nd4jBackend backend = Nd4jBackend.choose(device, new ThisMachine());
    limitMemory();
    setIfAbsent("org.nd4j.log.initialization", "false");
    setIfAbsent("org.nd4j.versioncheck", "false");
    if (backend.device() == Device.CPU) {
      // Left alone, ND4J takes any GPU there is, also one that it has no code for.
      ND4JClassLoading.setNd4jClassloader(new WithoutCuda(Nd4jSetup.class.getClassLoader()));
    }
    if (backend.device() instanceof Device.Cuda cuda) {
      Nd4j.getAffinityManager().unsafeSetDevice(cuda.index());
    }
    chosen = backend;
    return backend;
  }

  /**
   * What JavaCPP must be told before its first class is loaded; leaves open where ND4J computes.
   */
  public static void limitMemory() {
    // JavaCPP counts all memory of the process, ONNX Runtime's too, against four times the heap.
    setIfAbsent("org.bytedeco.javacpp.maxphysicalbytes", Long.toString((long) (MEMORY * memory())));
  }

  private static void setIfAbsent(String property, String value) {
    if (System.getProperty(property) == null) {
      System.setProperty(property, value);
    }
  }

  /** Bytes of memory that this process may use: the machine's, or the container's. */
  private static long memory() {
    return ManagementFactory.getPlatformMXBean(OperatingSystemMXBean.class).getTotalMemorySize();
  }

  /** Shows the backends of ND4J that are on the class path, but for CUDA's. */
  private static final class WithoutCuda extends ClassLoader {
    private static final String BACKENDS = "META-INF/services/org.nd4j.linalg.factory.Nd4jBackend";

    WithoutCuda(ClassLoader parent) {
      super(parent);
    }

    @Override
    public Enumeration<URL> getResources(String name) throws IOException {
      Enumeration<URL> all = super.getResources(name);
      if (!name.equals(BACKENDS)) {
        return all;
      }
      List<URL> others =
          Collections.list(all).stream().filter(url -> !url.toString().contains("cuda")).toList();
      return Collections.enumeration(others);
    }
  }
}
