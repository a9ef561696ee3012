package io.gohsp.calibration;

import io.gohsp.io.OnnxReader;
import io.gohsp.io.OnnxWriter;
import io.gohsp.ir.Model;
import io.gohsp.workers.Shards;
import io.gohsp.workers.SharedBytes;
import java.io.Serializable;
import java.util.List;

/**
 * Other processes that see the same samples. Samples are cut into parts, always the same for so
 * many batches, whoever looks at them; what the parts come to is taken in their order, so that it
 * makes no difference who ends first or how many processes there are.
 */
public interface Spread {
  /** Batches of a part, at least; fewer would only be more sums to send. */
  int BATCHES = 16;

  /** Parts, at most. */
  int PARTS = 32;

  /** Bytes of a model, at most: what an array holds. */
  long SENT = Integer.MAX_VALUE - 64;

  /** Sums over samples, as a value that can be sent. */
  interface Sums extends Serializable {
    /** What is added up, in a word. */
    default String name() {
      return getClass().getSimpleName();
    }

    /**
     * Adds up a part.
     *
     * @param all the samples
     * @param part from 0
     */
    List<double[]> of(Calibration all, int part, int parts);
  }

  /**
   * Has all parts added up, and adds these up number by number.
   *
   * @param of the samples, as many as they are in batches
   */
  List<double[]> added(Sums sums, Calibration of, int parts);

  /** Has all parts added up, and returns these, those of the first part first. */
  List<double[]> joined(Sums sums, Calibration of, int parts);

  /** Makes bytes ready that {@link Sums} hold. */
  SharedBytes share(byte[] bytes);

  /** How many sums are computed at once. */
  int slots();

  /** The same processes, where they see the validation samples. */
  Spread seeingValidation();

  /** Into how many parts so many batches are cut. */
  static int parts(int batches) {
    return Math.max(1, Math.min(PARTS, batches / BATCHES));
  }

  /** Where a part begins; that of the part behind the last is where all end. */
  static int first(int part, int parts, int count) {
    return Math.toIntExact((long) part * count / parts);
  }

  /**
   * The samples of a part.
   *
   * @param batches that all are
   * @param batch samples in one
   */
  static Calibration part(Calibration all, int part, int parts, int batches, int batch) {
    return all.batches(first(part, parts, batches), first(part + 1, parts, batches), batch);
  }

  /** Whether a model is small enough to be sent. */
  static boolean canSend(Model model) {
    return OnnxWriter.bytesLength(model) <= SENT;
  }

  /**
   * Shards, wherever the samples are seen.
   *
   * @param of the samples
   * @param model that they are seen by
   * @param summing makes ready what adds them up, wherever that is
   */
  static Shards shards(Calibration of, Model model, Summing summing) {
    Spread spread = of.spread();
    if (spread == null || !canSend(model)) {
      return Shards.HERE;
    }
    return (count, here) -> {
      // One part for each of them, which compiles the model once; shards do not depend on parts.
      try (SharedBytes sent = spread.share(OnnxWriter.toBytes(model))) {
        return spread.joined(
            new OfShards(sent, summing, count), of, Math.min(spread.slots(), count));
      }
    };
  }

  /** What adds up shards, as a value that can be sent. */
  interface Summing extends Serializable {
    Shards.Summing of(Model model, Calibration all);
  }

  /** Each part adds up some of the shards. */
  record OfShards(SharedBytes model, Summing summing, int count) implements Sums {
    @Override
    public String name() {
      return summing.getClass().getSimpleName();
    }

    @Override
    public List<double[]> of(Calibration all, int part, int parts) {
      return summing
          .of(OnnxReader.read(model.bytes(), null), all)
          .sums(first(part, parts, count), first(part + 1, parts, count));
    }
  }
}
