package io.gohsp.io;

import io.gohsp.ir.Attribute;
import io.gohsp.ir.OpId;
import io.gohsp.ir.Residue;
import io.gohsp.ir.ValueType;
import io.gohsp.tensor.MappedFile;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * What the reader keeps of each message: where it lies, and what of it the IR was told, so that the
 * writer can tell what has changed since. Fields that did not change are written as the bytes they
 * were.
 */
sealed interface Kept extends Residue {
  Span message();

  /**
   * @param files what was read, the model and its side files; never written to
   * @param mapped those of them that are read on
   * @param external whether tensors lay in side files
   * @param inOneFile whether they are to be written into the model
   */
  record OfModel(
      Span message, Set<Path> files, List<MappedFile> mapped, boolean external, boolean inOneFile)
      implements Kept {}

  /**
   * Of a graph, or of a function as the graph that is its body.
   *
   * @param types the types of the values that the message declares, as the IR was told
   * @param declared the names in value_info that belong to values of the graph; others are carried
   *     along
   */
  record OfGraph(Span message, Map<String, ValueType> types, Set<String> declared)
      implements Kept {}

  /** What the node called, and its name. */
  record OfNode(Span message, OpId op, String name) implements Kept {}

  /** What the attribute contained. */
  record OfAttribute(Span message, Attribute.Content content) implements Kept {}

  /** What the function was called. */
  record OfFunction(Span message, OpId id) implements Kept {}
}
