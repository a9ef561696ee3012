package io.gohsp.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.gohsp.pipeline.Workload;
import io.gohsp.pipeline.Workload.Part;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** How long a run takes, by a clock that the test turns on. */
class RunClockTest {
  private static final Workload WORK =
      new Workload(
          Map.of(
              Part.ORIGINAL,
              100.0,
              Part.STUDY,
              300.0,
              Part.CUT,
              100.0,
              Part.RECOVER,
              200.0,
              Part.TUNE,
              1000.0));

  private long now;
  private final RunClock clock = new RunClock(WORK, () -> now);

  private void passes(double seconds) {
    now += (long) (seconds * 1e9);
  }

  @Test
  void whatIsLeftFollowsFromWhatIsOver() {
    assertThat(clock.begins("measuring accuracy")).isNull();
    assertThat(clock.left()).as("nothing is known yet").isEmpty();
    passes(5); // 0.05 s a sample
    assertThat(clock.begins("choosing bases")).isEqualTo("about 1 min 25 s in all");
    passes(3);
    assertThat(clock.begins("comparing heads")).as("the same part").isNull();
    assertThat(clock.left()).isEqualTo(" (about 1 min 17 s left)");
    passes(100); // longer than thought
    assertThat(clock.left()).as("of this part nothing").isEqualTo(" (about 1 min 5 s left)");
    assertThat(clock.begins("cutting")).as("once is enough").isNull();
    assertThat(clock.left()).isEqualTo(" (about 5 min 51 s left)"); // 108 s for 400
    assertThat(clock.begins("verifying the cut")).isNull();
  }

  @Test
  void trainingKnowsItsOwnSpeed() {
    Workload soft = new Workload(Map.of(Part.ORIGINAL, 10.0, Part.SOFT, 50.0, Part.CUT, 20.0));
    RunClock run = new RunClock(soft, () -> now);
    run.begins("measuring accuracy");
    passes(10);
    run.begins("pruning gradually");
    assertThat(run.secondsLeft(7)).isEqualTo(27);
  }

  @Test
  void shortRunsAreNotTold() {
    clock.begins("measuring accuracy");
    passes(0.1);
    assertThat(clock.begins("choosing bases")).isNull();
    assertThat(clock.left()).isEmpty();
  }

  @Test
  void trialsOfASearchAreOnePart() {
    assertThat(Part.of("recovering", Part.TRIALS)).isEqualTo(Part.TRIALS);
    assertThat(Part.of("trying 50% of params", Part.STUDY)).isEqualTo(Part.TRIALS);
    assertThat(Part.of("cutting", Part.TRIALS)).isEqualTo(Part.CUT);
    assertThat(Part.of("cutting", null)).as("a run that goes on").isEqualTo(Part.CUT);
  }
}
