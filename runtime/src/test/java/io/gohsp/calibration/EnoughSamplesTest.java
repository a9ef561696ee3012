package io.gohsp.calibration;

import static org.assertj.core.api.Assertions.assertThat;

import io.gohsp.create.VitArchitecture;
import io.gohsp.create.VitBuilder;
import io.gohsp.data.ModelInputs;
import io.gohsp.fixture.GeneratedTransformer;
import io.gohsp.fixture.GeneratedTransformer.Form;
import io.gohsp.fixture.GeneratedTransformer.Layer;
import io.gohsp.ir.Model;
import io.gohsp.ir.ValueType.TensorType;
import io.gohsp.normalize.WorkingModel;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class EnoughSamplesTest {
  /** With the class token 5, 17, 65 and 197 tokens: 4,096 tokens are 820, 241, 64 and 21 images. */
  @ParameterizedTest
  @CsvSource({"8, 820", "16, 241", "32, 128", "56, 128"})
  void imagesOfManyTokensSayMore(int size, int enough) {
    Model model = VitBuilder.build(new VitArchitecture(size, 3, 4, 16, 2, 4, 24, 5), 1);

    assertThat(samples(model, List.of(3, size, size), 5000)).isEqualTo(enough);
  }

  /** A model of any length. */
  @ParameterizedTest
  @CsvSource({"17, 241", "145, 128"})
  void theSamplesSayWhatTheModelLeavesOpen(int tokens, int enough) {
    Layer layer = new Layer(Form.SOFTMAX, 2, 3, 3, 9);
    Model model = new GeneratedTransformer(List.of(layer), true, 1).model();
    TensorType type = (TensorType) model.graph().inputs().get(0).type();
    int channels = Math.toIntExact(type.shape().get(2).value());

    assertThat(samples(model, List.of(tokens, channels), 5000)).isEqualTo(enough);
  }

  @Test
  void allOfFew() {
    Model model = VitBuilder.build(new VitArchitecture(32, 3, 4, 16, 2, 4, 24, 5), 1);

    assertThat(samples(model, List.of(3, 32, 32), 100)).isEqualTo(100);
  }

  private static int samples(Model model, List<Integer> dims, int all) {
    String input = model.graph().inputs().get(0).name();
    Calibration calibration = RandomArrays.of(input, dims, all, 0).calibration(4);
    return EnoughSamples.of(WorkingModel.normalized(model), calibration)
        .samples()
        .apply(ModelInputs.of(model))
        .dataset()
        .size();
  }
}
