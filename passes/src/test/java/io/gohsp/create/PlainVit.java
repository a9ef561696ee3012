package io.gohsp.create;

import java.util.Map;

/**
 * A Vision Transformer written out as loops over double: what the graph must compute, in no way
 * derived from it. Takes one image and weights by timm's names.
 */
final class PlainVit {
  private final VitArchitecture size;
  private final Map<String, float[]> weights;

  PlainVit(VitArchitecture size, Map<String, float[]> weights) {
    this.size = size;
    this.weights = weights;
  }

  private float[] weight(String name) {
    float[] weight = weights.get(name);
    if (weight == null) {
      throw new AssertionError("no weight " + name);
    }
    return weight;
  }

  double[] logits(float[] image) {
    double[][] x = embed(image);
    for (int i = 0; i < size.depth(); i++) {
      String block = "blocks." + i;
      add(
          x,
          linear(
              attention(linear(norm(x, block + ".norm1"), block + ".attn.qkv")),
              block + ".attn.proj"));
      add(
          x,
          linear(gelu(linear(norm(x, block + ".norm2"), block + ".mlp.fc1")), block + ".mlp.fc2"));
    }
    return linear(norm(x, "norm"), "head")[0];
  }

  private double[][] embed(float[] image) {
    int grid = size.image() / size.patch();
    int patchElements = size.channels() * size.patch() * size.patch();
    double[][] patches = new double[size.tokens()][patchElements];
    for (int c = 0; c < size.channels(); c++) {
      for (int row = 0; row < size.image(); row++) {
        for (int column = 0; column < size.image(); column++) {
          int patch = row / size.patch() * grid + column / size.patch();
          int inPatch =
              (c * size.patch() + row % size.patch()) * size.patch() + column % size.patch();
          patches[patch + 1][inPatch] = image[(c * size.image() + row) * size.image() + column];
        }
      }
    }
    double[][] x = linear(patches, "patch_embed.proj");
    for (int t = 0; t < x.length; t++) {
      for (int i = 0; i < size.dim(); i++) {
        double token = t == 0 ? weight("cls_token")[i] : x[t][i];
        x[t][i] = token + weight("pos_embed")[t * size.dim() + i];
      }
    }
    return x;
  }

  private double[][] attention(double[][] qkv) {
    int d = size.headDim();
    double[][] out = new double[qkv.length][size.dim()];
    for (int h = 0; h < size.heads(); h++) {
      int q = h * d;
      int k = size.dim() + h * d;
      int v = 2 * size.dim() + h * d;
      for (int t = 0; t < qkv.length; t++) {
        double[] scores = new double[qkv.length];
        double total = 0;
        for (int u = 0; u < qkv.length; u++) {
          double score = 0;
          for (int i = 0; i < d; i++) {
            score += qkv[t][q + i] * qkv[u][k + i];
          }
          scores[u] = Math.exp(score / Math.sqrt(d));
          total += scores[u];
        }
        for (int u = 0; u < qkv.length; u++) {
          for (int i = 0; i < d; i++) {
            out[t][h * d + i] += scores[u] / total * qkv[u][v + i];
          }
        }
      }
    }
    return out;
  }

  private double[][] linear(double[][] x, String name) {
    float[] w = weight(name + ".weight");
    float[] bias = weight(name + ".bias");
    double[][] y = new double[x.length][bias.length];
    for (int t = 0; t < x.length; t++) {
      for (int o = 0; o < bias.length; o++) {
        y[t][o] = bias[o];
        for (int i = 0; i < x[t].length; i++) {
          y[t][o] += x[t][i] * w[o * x[t].length + i];
        }
      }
    }
    return y;
  }

  private double[][] norm(double[][] x, String name) {
    double[][] y = new double[x.length][size.dim()];
    for (int t = 0; t < x.length; t++) {
      double mean = 0;
      double variance = 0;
      for (double value : x[t]) {
        mean += value / size.dim();
      }
      for (double value : x[t]) {
        variance += (value - mean) * (value - mean) / size.dim();
      }
      for (int i = 0; i < size.dim(); i++) {
        double normed = (x[t][i] - mean) / Math.sqrt(variance + 1e-6);
        y[t][i] = normed * weight(name + ".weight")[i] + weight(name + ".bias")[i];
      }
    }
    return y;
  }

  private static double[][] gelu(double[][] x) {
    for (double[] row : x) {
      for (int i = 0; i < row.length; i++) {
        row[i] = row[i] * normalDistribution(row[i]);
      }
    }
    return x;
  }

  /** By Simpson's rule from 0; exact to 1e-12 where activations are. */
  private static double normalDistribution(double x) {
    int steps = 400;
    double h = x / steps;
    double sum = 0;
    for (int i = 0; i <= steps; i++) {
      double factor = i == 0 || i == steps ? 1 : i % 2 == 1 ? 4 : 2;
      sum += factor * Math.exp(-(h * i) * (h * i) / 2);
    }
    return 0.5 + sum * h / 3 / Math.sqrt(2 * Math.PI);
  }

  private static void add(double[][] x, double[][] y) {
    for (int t = 0; t < x.length; t++) {
      for (int i = 0; i < x[t].length; i++) {
        x[t][i] += y[t][i];
      }
    }
  }
}
