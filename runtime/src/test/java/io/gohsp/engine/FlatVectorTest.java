package io.gohsp.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.gohsp.ir.Model;
import io.gohsp.ort.OrtOptions;
import io.gohsp.text.OnnxText;
import java.nio.FloatBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.nd4j.linalg.api.ndarray.INDArray;

/** One memory for Java, ND4J and ONNX Runtime. */
class FlatVectorTest {
  private static final String NEGATE =
      """
      <ir_version: 8, opset_import: ["" : 17]>
      negate (float[2, 3] x) => (float[2, 3] y) { y = Neg(x) }
      """;

  @Test
  void whatOneWritesTheOthersRead() {
    FlatVector in = FlatVector.allocate(10);
    FlatVector out = FlatVector.allocate(9);
    in.array().assign(5); // ND4J writes, over the whole
    FlatVector.Slice x = in.slice(3, 2, 3);
    x.array().putScalar(0, 2, 7); // and through a view
    in.floats().put(3, 1); // Java writes
    assertThat(x.array().getFloat(0, 0)).isEqualTo(1);
    try (Engine.Executable program = negate(x, out.slice(2, 2, 3))) {
      program.run(Map.of()); // ONNX Runtime reads and writes
      assertThat(floats(out)).containsExactly(0, 0, -1, -5, -7, -5, -5, -5, 0);
      assertThat(out.array().getFloat(4)).isEqualTo(-7);
      assertThat(out.range(3, 5).sumNumber().floatValue()).isEqualTo(-12);
      in.array().muli(2);
      program.run(Map.of());
      assertThat(floats(out)).containsExactly(0, 0, -2, -10, -14, -10, -10, -10, 0);
    }
  }

  /** Nobody holds the vectors' arrays while ONNX Runtime reads and writes the memory. */
  @Test
  void memoryOutlivesTheArraysOverIt() {
    List<Engine.Executable> programs = new ArrayList<>();
    List<FloatBuffer> results = new ArrayList<>();
    for (int i = 0; i < 20; i++) {
      FlatVector in = FlatVector.allocate(6);
      FlatVector out = FlatVector.allocate(6);
      in.array().assign(i + 1);
      in.range(0, 3).muli(2);
      programs.add(negate(in.slice(0, 2, 3), out.slice(0, 2, 3)));
      results.add(out.floats());
    }
    for (int round = 0; round < 3; round++) {
      System.gc();
      for (int i = 0; i < 20; i++) {
        FlatVector.allocate(5000).array().assign(99); // takes what was freed
        programs.get(i).run(Map.of());
        assertThat(results.get(i).get(0)).isEqualTo(-2f * (i + 1));
        assertThat(results.get(i).get(5)).isEqualTo(-1f * (i + 1));
      }
    }
    programs.forEach(Engine.Executable::close);
  }

  @Test
  void startsAtACacheLineAndIsZero() {
    FlatVector vector = FlatVector.allocate(33);
    assertThat(vector.size()).isEqualTo(33);
    assertThat(floats(vector)).containsOnly(0);
    INDArray array = vector.array();
    assertThat(array.data().address() % 64).isZero();
  }

  @Test
  void refusesSizesThatCannotBe() {
    assertThatThrownBy(() -> FlatVector.allocate(0)).isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> FlatVector.allocate(Integer.MAX_VALUE))
        .isInstanceOf(IllegalArgumentException.class);
  }

  private static Engine.Executable negate(FlatVector.Slice x, FlatVector.Slice y) {
    Model model = OnnxText.parse(NEGATE);
    return new OrtEngine(OrtOptions.DEFAULT.withThreads(1))
        .compile("negate", model, Map.of("x", x), Map.of("y", y));
  }

  private static float[] floats(FlatVector vector) {
    float[] values = new float[vector.size()];
    vector.floats().get(values);
    return values;
  }
}
