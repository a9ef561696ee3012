package io.gohsp.calibration;

import io.gohsp.workers.SharedBytes;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.ObjectInputStream;
import java.io.ObjectOutputStream;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;

/**
 * As if other processes saw samples: sums are sent as bytes, and the last part is added up first.
 */
public class SpreadHere implements Spread {
  private final Calibration seen;
  private final Calibration validation;
  private int parts;

  /**
   * @param seen samples as the others see them
   * @param validation likewise those of the validation part
   */
  public SpreadHere(Calibration seen, Calibration validation) {
    this.seen = seen;
    this.validation = validation;
  }

  @Override
  public List<double[]> added(Sums sums, Calibration of, int count) {
    Deque<List<double[]>> found = parts(sums, of, count);
    List<double[]> total = found.pop();
    for (List<double[]> part : found) {
      for (int i = 0; i < total.size(); i++) {
        for (int k = 0; k < total.get(i).length; k++) {
          total.get(i)[k] += part.get(i)[k];
        }
      }
    }
    return total;
  }

  @Override
  public List<double[]> joined(Sums sums, Calibration of, int count) {
    List<double[]> all = new ArrayList<>();
    parts(sums, of, count).forEach(all::addAll);
    return all;
  }

  private Deque<List<double[]>> parts(Sums sums, Calibration of, int count) {
    parts += count;
    Sums sent = sent(sums);
    Deque<List<double[]>> found = new ArrayDeque<>();
    for (int part = count - 1; part >= 0; part--) {
      found.push(sent.of(seen.like(of.picks()).inBatchesOf(of.batch()), part, count));
    }
    return found;
  }

  private static Sums sent(Sums sums) {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (ObjectOutputStream out = new ObjectOutputStream(bytes)) {
      out.writeObject(sums);
      out.flush();
      return (Sums)
          new ObjectInputStream(new ByteArrayInputStream(bytes.toByteArray())).readObject();
    } catch (IOException | ClassNotFoundException e) {
      throw new IllegalStateException(e);
    }
  }

  /** How many parts were added up. */
  public int parts() {
    return parts;
  }

  @Override
  public SharedBytes share(byte[] bytes) {
    return new SharedBytes.Here(bytes);
  }

  @Override
  public int slots() {
    return 2;
  }

  @Override
  public Spread seeingValidation() {
    return new SpreadHere(validation, validation) {
      @Override
      public List<double[]> joined(Sums sums, Calibration of, int count) {
        SpreadHere.this.parts += count;
        return super.joined(sums, of, count);
      }
    };
  }
}
