package io.gohsp.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.gohsp.phase.Part;
import io.gohsp.pipeline.Workload;
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
    assertThat(clock.begins(Part.ORIGINAL)).isNull();
    assertThat(clock.left()).as("nothing is known yet").isEmpty();
    passes(5); // 0.05 s a sample
    assertThat(clock.begins(Part.STUDY)).isEqualTo("about 1 min 25 s in all");
    passes(3);
    assertThat(clock.begins(Part.STUDY)).as("the same part").isNull();
    assertThat(clock.left()).isEqualTo(" (about 1 min 17 s left)");
    passes(100); // longer than thought
    assertThat(clock.left()).as("of this part nothing").isEqualTo(" (about 1 min 5 s left)");
    assertThat(clock.begins(Part.CUT)).as("once is enough").isNull();
    assertThat(clock.left())
        .isEqualTo(" (about 1 min 5 s left)"); // solving equations tells nothing
    assertThat(clock.begins(Part.CUT)).isNull();
  }

  @Test
  void trainingKnowsItsOwnSpeed() {
    Workload soft = new Workload(Map.of(Part.ORIGINAL, 10.0, Part.SOFT, 50.0, Part.CUT, 20.0));
    RunClock run = new RunClock(soft, () -> now);
    run.begins(Part.ORIGINAL);
    passes(10);
    run.begins(Part.SOFT);
    assertThat(run.secondsLeft(7)).isEqualTo(27);
  }

  @Test
  void shortRunsAreNotTold() {
    clock.begins(Part.ORIGINAL);
    passes(0.1);
    assertThat(clock.begins(Part.STUDY)).isNull();
    assertThat(clock.left()).isEmpty();
  }

  @Test
  void whatGoesOnForAWhileTellsToo() {
    clock.begins(Part.ORIGINAL);
    passes(1);
    assertThat(clock.measured(10)).as("made ready, perhaps").isNull();
    passes(3);
    assertThat(clock.measured(50)).as("1,650 samples to go").isEqualTo("about 2 min 16 s in all");
    passes(4);
    assertThat(clock.measured(100)).as("once is enough").isNull();
    assertThat(clock.begins(Part.STUDY)).isNull();
  }
}
