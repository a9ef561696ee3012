package io.gohsp.data;

import java.util.List;

/**
 * Samples in a fixed order, with a class each if they are labelled. Safe for use by several
 * threads.
 */
public sealed interface Dataset permits Images, NamedArrays {
  /** Number of samples. */
  int size();

  boolean isLabelled();

  /**
   * The class of a sample, from 0.
   *
   * @throws IllegalStateException if the samples are not labelled
   */
  int label(int index);

  /** Names of the classes in the order of their numbers; empty if the samples are not labelled. */
  List<String> classes();

  /** What messages call a sample: its file, or its place in a file, counted from 0. */
  String name(int index);

  /** The samples with these indices, in this order. */
  Dataset subset(int[] indices);
}
