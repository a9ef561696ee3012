package io.gohsp.ranking;

import io.gohsp.fixture.Fixture;
import io.gohsp.ir.Graph;
import io.gohsp.ir.Model;
import io.gohsp.ir.Node;
import io.gohsp.ir.Use;
import io.gohsp.ir.Value;
import io.gohsp.lower.Lowering;
import io.gohsp.ort.HostTensor;
import io.gohsp.ort.OrtOptions;
import io.gohsp.ort.OrtProgram;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * Similarities of heads in double precision, from attention maps and outputs of heads that the
 * lowered model is made to return. Knows nothing of axis factors: maps are the results of Softmax
 * nodes, [groups, heads, queries, keys] or [groups * heads, queries, keys], groups of one image
 * side by side.
 */
final class HeadReference {
  private final int heads;
  private final int images;
  private final boolean[][] real;

  /** Maps and outputs of a layer, row-major. */
  private record Layer(HostTensor maps, HostTensor outputs) {}

  private final List<Layer> layers = new ArrayList<>();

  /**
   * @param real whether each token of each image counts; empty if all do
   */
  HeadReference(Fixture fixture, int heads, int images, boolean[][] real) {
    this.heads = heads;
    this.images = images;
    this.real = real;
    Model model = Lowering.of(fixture.model()).model();
    Graph graph = model.graph();
    graph.clearOutputs();
    List<Value> returned = new ArrayList<>();
    for (Node node : graph.nodes()) {
      if (node.is("Softmax") && product(node.output()) != null) {
        returned.add(node.output());
        returned.add(product(node.output()).output());
      }
    }
    returned.forEach(graph::addOutput);
    try (OrtProgram program = OrtProgram.compile(model, OrtOptions.VERIFY.withThreads(1))) {
      Map<String, HostTensor> results = program.run(inputs(fixture, program));
      for (int i = 0; i < returned.size(); i += 2) {
        layers.add(
            new Layer(
                results.get(returned.get(i).name()), results.get(returned.get(i + 1).name())));
      }
    }
  }

  /** The fixture's inputs; lowered models take FLOAT where the original takes halves. */
  static Map<String, HostTensor> inputs(Fixture fixture, OrtProgram program) {
    Map<String, HostTensor> feed = fixture.inputs(program);
    feed.replaceAll(
        (name, tensor) ->
            tensor.type().isFloating()
                ? HostTensor.ofFloats(tensor.dims(), tensor.floats())
                : tensor);
    return feed;
  }

  private static Node product(Value maps) {
    for (Use use : maps.uses()) {
      Node node = use.node();
      if (node.is("MatMul") && use.index() == 0) {
        return node;
      }
      if (node.is("Identity") || node.is("Cast") || node.is("Dropout") || node.is("Where")) {
        Node further = product(node.output());
        if (further != null) {
          return further;
        }
      }
    }
    return null;
  }

  int layers() {
    return layers.size();
  }

  /** S of one image by what the heads attend to. */
  double[][] attention(int layer, int image) {
    HostTensor maps = layers.get(layer).maps();
    long[] dims = maps.dims();
    int queries = (int) dims[dims.length - 2];
    int keys = (int) dims[dims.length - 1];
    double[] a = maps.doubles();
    int groups = a.length / heads / queries / keys / images;
    double[][] s = new double[heads][heads];
    for (int i = 0; i < heads; i++) {
      for (int j = 0; j < heads; j++) {
        double sum = 0;
        int rows = 0;
        for (int group = image * groups; group < (image + 1) * groups; group++) {
          for (int q = 0; q < queries; q++) {
            if (real.length == 0 || real[image][q]) {
              int first = ((group * heads + i) * queries + q) * keys;
              int second = ((group * heads + j) * queries + q) * keys;
              sum += 1 - divergence(a, first, second, keys) / Math.log(2);
              rows++;
            }
          }
        }
        s[i][j] = sum / rows;
      }
    }
    return s;
  }

  /** The Jensen-Shannon divergence by its definition. */
  private static double divergence(double[] a, int first, int second, int keys) {
    double sum = 0;
    for (int k = 0; k < keys; k++) {
      double p = a[first + k];
      double q = a[second + k];
      double m = (p + q) / 2;
      sum += (p > 0 ? p * Math.log(p / m) : 0) / 2 + (q > 0 ? q * Math.log(q / m) : 0) / 2;
    }
    return sum;
  }

  /** S of one image by what the heads return. */
  double[][] output(int layer, int image) {
    return cosines(vectors(layer, image, null));
  }

  /**
   * S of one image by what the heads add to the stream.
   *
   * @param weight [heads * d, D]
   */
  double[][] contribution(int layer, int image, double[][] weight) {
    return cosines(vectors(layer, image, weight));
  }

  private double[][] vectors(int layer, int image, double[][] weight) {
    HostTensor outputs = layers.get(layer).outputs();
    long[] dims = outputs.dims();
    int queries = (int) dims[dims.length - 2];
    int d = (int) dims[dims.length - 1];
    double[] o = outputs.doubles();
    int groups = o.length / heads / queries / d / images;
    int width = weight == null ? d : weight[0].length;
    double[][] vectors = new double[heads][groups * queries * width];
    for (int h = 0; h < heads; h++) {
      int at = 0;
      for (int group = image * groups; group < (image + 1) * groups; group++) {
        for (int q = 0; q < queries; q++) {
          for (int column = 0; column < width; column++) {
            int from = ((group * heads + h) * queries + q) * d;
            double value = 0;
            if (real.length == 0 || real[image][q]) {
              value = weight == null ? o[from + column] : times(o, from, weight, h * d, d, column);
            }
            vectors[h][at++] = value;
          }
        }
      }
    }
    return vectors;
  }

  private static double times(double[] o, int from, double[][] weight, int row, int d, int column) {
    double sum = 0;
    for (int i = 0; i < d; i++) {
      sum += o[from + i] * weight[row + i][column];
    }
    return sum;
  }

  private static double[][] cosines(double[][] vectors) {
    int heads = vectors.length;
    double[][] s = new double[heads][heads];
    for (int i = 0; i < heads; i++) {
      for (int j = 0; j < heads; j++) {
        double norms = dot(vectors[i], vectors[i]) * dot(vectors[j], vectors[j]);
        s[i][j] = Math.max(0, dot(vectors[i], vectors[j]) / Math.sqrt(norms));
      }
    }
    return s;
  }

  private static double dot(double[] a, double[] b) {
    double sum = 0;
    for (int i = 0; i < a.length; i++) {
      sum += a[i] * b[i];
    }
    return sum;
  }
}
