package io.gohsp.phase;

import static org.assertj.core.api.Assertions.assertThat;

import io.gohsp.calibration.Calibration;
import io.gohsp.create.VitArchitecture;
import io.gohsp.create.VitBuilder;
import io.gohsp.data.Augmentation;
import io.gohsp.data.DataSource;
import io.gohsp.data.Datasets;
import io.gohsp.data.Preparation;
import io.gohsp.data.Splits;
import io.gohsp.engine.OrtEngine;
import io.gohsp.equivalence.Verification;
import io.gohsp.ort.OrtOptions;
import io.gohsp.train.Objective;
import io.gohsp.train.Supervision;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class ChainTest {
  private final List<String> done = new ArrayList<>();
  private final Map<String, String> kept = new LinkedHashMap<>();

  /** Writes its name behind what it is given, and may keep that. */
  private final class Writing implements Phase<String, String> {
    private final String name;
    private final boolean keeps;

    Writing(String name, boolean keeps) {
      this.name = name;
      this.keeps = keeps;
    }

    @Override
    public Part part() {
      return Part.STUDY;
    }

    @Override
    public String run(String before, Run run) {
      done.add(name);
      return before + name;
    }

    @Override
    public @Nullable String recall(Run run) {
      return kept.get(name);
    }

    @Override
    public void keep(String outcome, Run run) {
      if (keeps) {
        kept.put(name, outcome);
      }
    }
  }

  private static Run untaught() {
    try (DataSource source = Datasets.open(Datasets.DIGITS)) {
      Splits splits = Splits.of(source, 0, 0);
      OrtOptions options = OrtOptions.DEFAULT.withThreads(1);
      Calibration calibration =
          new Calibration(
              inputs ->
                  Preparation.STANDARD.samples(splits.calibration(), inputs, Augmentation.NONE),
              16,
              options,
              0);
      return new Run(
          new Material(
              VitBuilder.build(new VitArchitecture(8, 1, 4, 16, 1, 4, 24, 10), 1),
              splits,
              Preparation.STANDARD,
              calibration,
              new OrtEngine(options)),
          new Supervision(false, Objective.Distillation.STANDARD, 0, Augmentation.NONE),
          Verification.STANDARD,
          16,
          Work.NONE,
          RunListener.NONE);
    }
  }

  private String run(Run run, @Nullable Phase<String, String> between) {
    return Chain.of(">", run)
        .then(new Writing("a", true))
        .then(new Writing("b", true))
        .optionally(between)
        .then(new Writing("c", false))
        .run();
  }

  @Test
  void goesOnBehindTheLastPhaseThatWasKept() {
    try (Run run = untaught()) {
      assertThat(run(run, null)).isEqualTo(">abc");
      assertThat(done).containsExactly("a", "b", "c");

      done.clear();
      assertThat(run(run, new Writing("-", false))).isEqualTo(">ab-c");
      assertThat(done).containsExactly("-", "c");

      done.clear();
      kept.remove("b");
      assertThat(run(run, null)).isEqualTo(">abc");
      assertThat(done).containsExactly("b", "c");
    }
  }
}
