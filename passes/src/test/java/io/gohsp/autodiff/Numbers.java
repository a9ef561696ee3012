package io.gohsp.autodiff;

import ai.onnxruntime.OnnxJavaType;
import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession;
import io.gohsp.io.OnnxWriter;
import io.gohsp.ir.Model;
import io.gohsp.ir.Value;
import io.gohsp.ir.ValueType;
import io.gohsp.tensor.ElementType;
import io.gohsp.tensor.Tensor;
import io.gohsp.tensor.TensorData;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.FloatBuffer;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;

/** A model in ONNX Runtime, fed and read as doubles whatever its floating types are. */
public final class Numbers implements AutoCloseable {
  private final OrtEnvironment environment = OrtEnvironment.getEnvironment();
  private final OrtSession session;
  private final Map<String, ElementType> types = new LinkedHashMap<>();

  public Numbers(Model model) throws OrtException {
    this(model, OrtSession.SessionOptions.OptLevel.ALL_OPT);
  }

  public Numbers(Model model, OrtSession.SessionOptions.OptLevel level) throws OrtException {
    for (Value input : model.graph().inputs()) {
      if (input.type() instanceof ValueType.TensorType type) {
        types.put(input.name(), type.element());
      }
    }
    try (OrtSession.SessionOptions options = new OrtSession.SessionOptions()) {
      options.setOptimizationLevel(level);
      options.setIntraOpNumThreads(1);
      session = environment.createSession(OnnxWriter.toBytes(model), options);
    }
  }

  /** All outputs in order; whole numbers are widened. */
  public List<double[]> run(Map<String, Fed> inputs) throws OrtException {
    Map<String, OnnxTensor> feeds = new LinkedHashMap<>();
    try {
      for (Map.Entry<String, Fed> input : inputs.entrySet()) {
        if (types.containsKey(input.getKey())) {
          feeds.put(input.getKey(), tensor(input.getValue(), types.get(input.getKey())));
        }
      }
      List<double[]> outputs = new ArrayList<>();
      try (OrtSession.Result result = session.run(feeds)) {
        for (var entry : result) {
          outputs.add(doubles((OnnxTensor) entry.getValue()));
        }
      }
      return outputs;
    } finally {
      feeds.values().forEach(OnnxTensor::close);
    }
  }

  /** Contents of an input. */
  public static final class Fed {
    private final long[] dims;
    private final double[] values;

    public Fed(long[] dims, double[] values) {
      this.dims = dims;
      this.values = values;
    }

    public long[] dims() {
      return dims;
    }

    /** The contents themselves: changing them changes what is fed. */
    public double[] values() {
      return values;
    }

    public static Fed of(Tensor tensor) {
      double[] values = new double[Math.toIntExact(tensor.size())];
      if (tensor.type() == ElementType.DOUBLE) {
        tensor.data().bytes().asDoubleBuffer().get(values);
      } else {
        float[] floats = tensor.floats();
        for (int i = 0; i < values.length; i++) {
          values[i] = floats[i];
        }
      }
      return new Fed(tensor.dims(), values);
    }
  }

  /** A tensor of the type from doubles. */
  static Tensor tensor(ElementType type, long[] dims, double... values) {
    ByteBuffer bytes =
        ByteBuffer.allocate(Math.toIntExact(type.bytes(values.length)))
            .order(ByteOrder.LITTLE_ENDIAN);
    for (double value : values) {
      switch (type) {
        case DOUBLE -> bytes.putDouble(value);
        case FLOAT -> bytes.putFloat((float) value);
        case INT64 -> bytes.putLong((long) value);
        case INT32 -> bytes.putInt((int) value);
        case BOOL, UINT8 -> bytes.put((byte) value);
        default -> throw new IllegalArgumentException(type + " inputs are not supported here");
      }
    }
    return new Tensor(type, dims, new TensorData.Heap(bytes.flip()));
  }

  private OnnxTensor tensor(Fed fed, ElementType type) throws OrtException {
    Tensor tensor =
        type == ElementType.FLOAT16
            ? Tensor.ofFloats(type, fed.dims(), floats(fed.values()))
            : tensor(type, fed.dims(), fed.values());
    ByteBuffer bytes =
        ByteBuffer.allocateDirect(Math.toIntExact(tensor.data().byteSize()))
            .order(ByteOrder.nativeOrder());
    bytes.put(tensor.data().bytes()).flip();
    return OnnxTensor.createTensor(
        environment, bytes, fed.dims(), OnnxJavaType.valueOf(type.name()));
  }

  private static float[] floats(double[] values) {
    float[] floats = new float[values.length];
    for (int i = 0; i < floats.length; i++) {
      floats[i] = (float) values[i];
    }
    return floats;
  }

  private static double[] doubles(OnnxTensor tensor) {
    if (tensor.getInfo().type == OnnxJavaType.FLOAT16) {
      FloatBuffer widened = tensor.getFloatBuffer();
      return IntStream.range(0, widened.remaining()).mapToDouble(widened::get).toArray();
    }
    ByteBuffer bytes = tensor.getByteBuffer().order(ByteOrder.nativeOrder());
    double[] values = new double[Math.toIntExact(tensor.getInfo().getNumElements())];
    for (int i = 0; i < values.length; i++) {
      values[i] =
          switch (tensor.getInfo().type) {
            case DOUBLE -> bytes.getDouble();
            case FLOAT -> bytes.getFloat();
            case INT64 -> bytes.getLong();
            case INT32 -> bytes.getInt();
            default -> bytes.get();
          };
    }
    return values;
  }

  @Override
  public void close() throws OrtException {
    session.close();
  }
}
