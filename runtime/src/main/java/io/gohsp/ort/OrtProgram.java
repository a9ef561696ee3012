package io.gohsp.ort;

import ai.onnxruntime.NodeInfo;
import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OnnxValue;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession;
import ai.onnxruntime.OrtSession.SessionOptions;
import io.gohsp.io.InPlaceModel;
import io.gohsp.ir.Location;
import io.gohsp.ir.Model;
import io.gohsp.ir.ModelException;
import io.gohsp.ir.ValueType;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * A model made ready to run. Holds native memory until it is closed. May be run from several
 * threads at once, but not closed while it runs.
 */
public final class OrtProgram implements AutoCloseable {
  /** ONNX Runtime's name for the directory that a model without a path refers to. */
  private static final String WEIGHTS_IN = "session.model_external_initializers_file_folder_path";

  /**
   * Models with more bytes made in memory go by way of a file: ONNX Runtime would copy them twice
   * while it reads.
   */
  private static final long SPOOL_FROM = 32L << 20;

  private final String name;
  private final @Nullable Path source;
  private final Device device;
  private final OrtSession session;
  private final Map<String, ValueType> inputs;
  private final Map<String, ValueType> outputs;

  private OrtProgram(String name, @Nullable Path source, Device device, OrtSession session)
      throws OrtException {
    this.name = name;
    this.source = source;
    this.device = device;
    this.session = session;
    this.inputs = types(session.getInputNames(), session.getInputInfo());
    this.outputs = types(session.getOutputNames(), session.getOutputInfo());
  }

  private static Map<String, ValueType> types(Set<String> names, Map<String, NodeInfo> infos) {
    Map<String, ValueType> types = new LinkedHashMap<>();
    for (String name : names) {
      types.put(name, TensorBridge.typeOf(infos.get(name).getInfo()));
    }
    return Collections.unmodifiableMap(types);
  }

  /**
   * Makes the model in a file ready to run.
   *
   * @throws ModelException.Malformed if there is no such file
   * @throws ModelException.ExecutionFailed if ONNX Runtime refuses the model
   * @throws DeviceException if the device cannot be used
   */
  public static OrtProgram load(Path model, OrtOptions options) {
    if (!Files.isReadable(model) || Files.isDirectory(model)) {
      throw new ModelException.Malformed(Location.of(model), "cannot be read as a file");
    }
    return open(
        String.valueOf(model.getFileName()),
        model,
        options,
        sessionOptions -> Environment.get().createSession(model.toString(), sessionOptions));
  }

  /**
   * Makes a serialized model ready to run.
   *
   * @param name what messages call it, such as "the training graph"
   * @param model the whole file; direct memory is read without copying; may be dropped afterwards
   * @throws ModelException.ExecutionFailed if ONNX Runtime refuses the model
   * @throws DeviceException if the device cannot be used
   */
  public static OrtProgram load(String name, ByteBuffer model, OrtOptions options) {
    return open(name, null, options, sessionOptions -> create(model, sessionOptions));
  }

  /** {@link #compile(String, Model, OrtOptions)} under the name of the model's file or graph. */
  public static OrtProgram compile(Model model, OrtOptions options) {
    Path source = model.source();
    return compile(
        source == null ? model.graph().name() : String.valueOf(source.getFileName()),
        model,
        options);
  }

  /**
   * Makes a model ready to run. Weights that still lie in the files they were read from are used
   * there; what was made in memory is copied.
   *
   * @param name what messages call it
   * @throws ModelException.ExecutionFailed if ONNX Runtime refuses the model
   * @throws DeviceException if the device cannot be used
   */
  public static OrtProgram compile(String name, Model model, OrtOptions options) {
    InPlaceModel image = InPlaceModel.of(model);
    return image.length() > SPOOL_FROM
        ? Spool.compile(name, model, options)
        : compile(name, model.source(), image, options);
  }

  static OrtProgram compile(
      String name, @Nullable Path source, InPlaceModel image, OrtOptions options) {
    Path directory = image.directory().orElse(null);
    return open(
        name,
        source,
        options,
        sessionOptions -> {
          if (directory != null) {
            sessionOptions.addConfigEntry(WEIGHTS_IN, directory.toString());
          }
          return create(image.message(), sessionOptions);
        });
  }

  static OrtSession create(ByteBuffer model, SessionOptions options) throws OrtException {
    if (model.isDirect()) {
      return Environment.get().createSession(model.slice(), options);
    }
    byte[] bytes = new byte[model.remaining()];
    model.duplicate().get(bytes);
    return Environment.get().createSession(bytes, options);
  }

  /** Makes the session, given the options it shall have. */
  interface Factory {
    OrtSession create(SessionOptions options) throws OrtException;
  }

  static OrtProgram open(String name, @Nullable Path source, OrtOptions options, Factory factory) {
    if (!(options.device() instanceof Device.Auto)) {
      return open(name, source, options.device(), options, factory);
    }
    if (Device.hasCudaProvider()) {
      try {
        return open(name, source, new Device.Cuda(0), options, factory);
      } catch (DeviceException noGpu) { // a build for GPUs on a machine without one
        return open(name, source, Device.CPU, options, factory);
      }
    }
    return open(name, source, Device.CPU, options, factory);
  }

  private static OrtProgram open(
      String name, @Nullable Path source, Device device, OrtOptions options, Factory factory) {
    if (device instanceof Device.Cuda && !Device.hasCudaProvider()) {
      throw new DeviceException(
          device
              + " was asked for, but this ONNX Runtime is built for the processor only; put"
              + " com.microsoft.onnxruntime:onnxruntime_gpu in its place (CUDA 12 and cuDNN 9 needed)"
              + " or use cpu");
    }
    try (SessionOptions native_ = Sessions.options(device, options)) {
      OrtSession session = DeepStack.call(() -> factory.create(native_));
      return new OrtProgram(name, source, device, session);
    } catch (OrtException e) {
      if (device instanceof Device.Cuda && !OrtFailure.isModelError(e)) {
        throw new DeviceException(device + " cannot be used: " + e.getMessage(), e);
      }
      throw OrtFailure.of(source, "ONNX Runtime refuses " + name, e);
    }
  }

  /** What messages call this program: the file's name, or what its maker said. */
  public String name() {
    return name;
  }

  /** The file it was read from, if it was read from one. */
  public @Nullable Path source() {
    return source;
  }

  /** Where it runs; never {@link Device#AUTO}. */
  public Device device() {
    return device;
  }

  /** What must be fed, in the model's order; inputs with a default are not listed. */
  public Map<String, ValueType> inputs() {
    return inputs;
  }

  /** What a run returns, in the model's order. */
  public Map<String, ValueType> outputs() {
    return outputs;
  }

  /**
   * Runs the model once.
   *
   * @param feed a tensor for every input
   * @return copies of all outputs, in the model's order
   * @throws ModelException.ExecutionFailed if the feed does not fit or ONNX Runtime fails
   * @throws ModelException.Unsupported if an output is not a dense tensor
   */
  public Map<String, HostTensor> run(Map<String, HostTensor> feed) {
    try (Binding binding = bind(feed, Map.of())) {
      return binding.run();
    }
  }

  /**
   * Ties tensors to inputs and outputs once, for many runs.
   *
   * @param feed a tensor for every input; what is written to its (direct) memory later is seen by
   *     the next run
   * @param results direct memory for the outputs that shall be computed, each with exactly the
   *     shape the output will have; empty for all outputs in memory of ONNX Runtime
   * @throws ModelException.ExecutionFailed if names or types do not fit
   */
  public Binding bind(Map<String, HostTensor> feed, Map<String, HostTensor> results) {
    return new Binding(this, feed, results);
  }

  OrtSession session() {
    return session;
  }

  HostTensor toHost(String output, OnnxValue value) throws OrtException {
    try {
      return TensorBridge.toHost(value);
    } catch (IllegalArgumentException e) {
      throw new ModelException.Unsupported(
          new Location(source, null, null),
          "output \"" + output + "\" " + e.getMessage(),
          "remove it from the model's outputs");
    }
  }

  OnnxTensor toOnnx(String input, HostTensor tensor) throws OrtException {
    try {
      return TensorBridge.toOnnx(tensor);
    } catch (IllegalArgumentException e) {
      throw new ModelException.Unsupported(
          new Location(source, null, null),
          "\"" + input + "\": " + e.getMessage(),
          "put a Cast behind this input");
    }
  }

  ModelException.ExecutionFailed failure(Map<String, HostTensor> feed, Exception e) {
    return OrtFailure.of(source, "cannot run " + name + " on " + feed, e);
  }

  /** Frees the native memory. */
  @Override
  public void close() {
    try {
      session.close();
    } catch (OrtException e) {
      throw OrtFailure.of(source, "cannot close " + name, e);
    }
  }

  @Override
  public String toString() {
    return name + " on " + device;
  }
}
