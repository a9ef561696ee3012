package io.gohsp.equivalence;

import static org.assertj.core.api.Assertions.assertThat;

import io.gohsp.create.VitArchitecture;
import io.gohsp.create.VitBuilder;
import io.gohsp.ir.Model;
import io.gohsp.ort.HostTensor;
import io.gohsp.ort.OrtOptions;
import io.gohsp.ort.OrtProgram;
import io.gohsp.plan.PruningPlan;
import io.gohsp.verify.SampleInputs;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** How much of the residual stream a comparison takes out of a model. */
class StreamProbesTest {
  /** 257 tokens, on one axis with the batch: a step of 16 leaves 33 of the 514 rows of two. */
  @Test
  void ofManyTokensSomeAreLookedAt() {
    Model model = VitBuilder.build(new VitArchitecture(32, 2, 1, 16, 1, 4, 24, 10), 1);
    StreamProbes probes = StreamProbes.of(model, new PruningPlan(List.of(), Map.of()));
    try (OrtProgram program =
        OrtProgram.compile("probed", probes.in(model), OrtOptions.VERIFY.withThreads(1))) {
      SampleInputs inputs = SampleInputs.find(model, program, Map.of(), 1);
      Map<String, HostTensor> answers = program.run(inputs.sample(0));
      assertThat(probes.labels()).isNotEmpty();
      probes
          .labels()
          .keySet()
          .forEach(
              probe -> assertThat(answers.get(probe).dims()).as(probe).containsExactly(33, 16));
    }
  }
}
