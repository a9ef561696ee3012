package io.gohsp.op;

import io.gohsp.ir.ModelException;
import io.gohsp.ir.Node;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * {@code Einsum}. A label is a letter or {@link #ELLIPSIS}, which stands for any number of axes
 * that broadcast.
 *
 * @param operands labels of each operand's axes
 * @param output labels of the result's axes; where the equation leaves them out: the ellipsis, then
 *     the letters that occur once, in alphabetical order
 */
public record EinsumOp(Node node, List<List<String>> operands, List<String> output) {
  public static final String ELLIPSIS = "...";

  /**
   * @throws ModelException.Malformed if the equation is not one or does not go with the number of
   *     operands
   */
  public static EinsumOp of(Node node) {
    String equation = node.stringAttribute("equation", "").replace(" ", "");
    int arrow = equation.indexOf("->");
    String left = arrow < 0 ? equation : equation.substring(0, arrow);
    List<List<String>> operands =
        Arrays.stream(left.split(",", -1)).map(term -> labels(node, term)).toList();
    if (operands.size() != node.inputs().size()) {
      throw Axes.malformed(
          node,
          "\""
              + equation
              + "\" has "
              + operands.size()
              + " terms for "
              + node.inputs().size()
              + " operands");
    }
    List<String> output =
        arrow < 0 ? implied(operands) : labels(node, equation.substring(arrow + 2));
    for (String label : output) {
      if (!label.equals(ELLIPSIS) && operands.stream().noneMatch(term -> term.contains(label))) {
        throw Axes.malformed(
            node, "\"" + equation + "\" returns " + label + ", which no operand has");
      }
    }
    return new EinsumOp(node, operands, output);
  }

  private static List<String> labels(Node node, String term) {
    List<String> labels = new ArrayList<>();
    for (int i = 0; i < term.length(); i++) {
      if (term.startsWith(ELLIPSIS, i) && !labels.contains(ELLIPSIS)) {
        labels.add(ELLIPSIS);
        i += ELLIPSIS.length() - 1;
      } else if (Character.isLetter(term.charAt(i))) {
        labels.add(term.substring(i, i + 1));
      } else {
        throw Axes.malformed(node, "\"" + term + "\" is no term of an equation");
      }
    }
    return List.copyOf(labels);
  }

  private static List<String> implied(List<List<String>> operands) {
    Map<String, Integer> occurrences = new TreeMap<>();
    operands.forEach(term -> term.forEach(label -> occurrences.merge(label, 1, Integer::sum)));
    List<String> output = new ArrayList<>();
    if (occurrences.remove(ELLIPSIS) != null) {
      output.add(ELLIPSIS);
    }
    occurrences.forEach(
        (label, count) -> {
          if (count == 1) {
            output.add(label);
          }
        });
    return List.copyOf(output);
  }

  /**
   * The same with one label for each axis: the ellipsis becomes "...k" to "...1", counted from its
   * end, as broadcasting aligns axes.
   *
   * @param ranks of the operands
   * @throws ModelException.Malformed if an operand's rank does not go with its term
   */
  public EinsumOp expanded(List<Integer> ranks) {
    List<List<String>> expanded = new ArrayList<>();
    int longest = 0;
    for (int i = 0; i < operands.size(); i++) {
      List<String> term = operands.get(i);
      boolean open = term.contains(ELLIPSIS);
      int hidden = ranks.get(i) - term.size() + (open ? 1 : 0);
      if (hidden < 0 || (hidden > 0 && !open)) {
        throw Axes.malformed(
            node, "the term " + String.join("", term) + " does not go with rank " + ranks.get(i));
      }
      expanded.add(expand(term, hidden));
      longest = Math.max(longest, hidden);
    }
    return new EinsumOp(node, List.copyOf(expanded), expand(output, longest));
  }

  private static List<String> expand(List<String> term, int hidden) {
    List<String> labels = new ArrayList<>();
    for (String label : term) {
      if (label.equals(ELLIPSIS)) {
        for (int i = hidden; i > 0; i--) {
          labels.add(ELLIPSIS + i);
        }
      } else {
        labels.add(label);
      }
    }
    return List.copyOf(labels);
  }
}
