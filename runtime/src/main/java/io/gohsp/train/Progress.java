package io.gohsp.train;

import com.fasterxml.jackson.annotation.JsonAutoDetect;
import io.gohsp.data.Position;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Everything about a run that is not a vector: what a checkpoint keeps beside them. */
@JsonAutoDetect(fieldVisibility = JsonAutoDetect.Visibility.ANY)
final class Progress {
  /** Updates made. */
  long step;

  /** Learning rate of the last of them. */
  double rate;

  /** The next batch. */
  Position position = Position.START;

  /** In how many runs the gradients of a batch are computed. */
  int parts = 1;

  /** Sums over the epoch so far. */
  double lossSum;

  int batches;
  long correct;
  long samples;

  /** The best epoch so far. */
  @Nullable Evaluation best;

  final List<EpochReport> epochs = new ArrayList<>();

  /** What the step rule wants to be told when the run continues. */
  String memo = "";

  /** How long the log was then. */
  long logBytes;

  /** The checksum of those bytes. */
  long logChecksum;

  void beginEpoch() {
    lossSum = 0;
    batches = 0;
    correct = 0;
    samples = 0;
  }
}
