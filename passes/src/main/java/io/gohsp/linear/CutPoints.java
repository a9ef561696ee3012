package io.gohsp.linear;

import io.gohsp.ir.Graph;
import io.gohsp.ir.Model;
import io.gohsp.ir.Node;
import io.gohsp.ir.Traversal;
import io.gohsp.ir.Value;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;

/**
 * Where the main graph of a model can be cut in two. A place is a number of nodes, in the graph's
 * order; what flows across is all that is made before it (or fed) and read behind it, and depends
 * on what is fed. Of a plain transformer that is the residual stream, between the layers of a block
 * as well; of a text encoder its mask too. What depends on constants alone is computed again.
 */
public final class CutPoints {
  private final Map<String, Integer> places = new HashMap<>();

  /** By value that depends on inputs: before which place it is made, and behind which read. */
  private final Map<Value, Integer> made = new LinkedHashMap<>();

  private final Map<Value, Integer> read = new HashMap<>();

  private CutPoints(Graph graph) {
    Set<Value> varying = new HashSet<>();
    for (Value input : graph.inputs()) {
      if (input.constant() == null) {
        varying.add(input);
        made.put(input, 0);
      }
    }
    int place = 0;
    for (Node node : graph.nodes()) {
      Set<Value> operands = operands(node, graph);
      for (Value operand : operands) {
        read.put(operand, place);
      }
      place++;
      // A random number is one only once.
      boolean varies = operands.stream().anyMatch(varying::contains) || isRandom(node);
      for (Value output : node.presentOutputs().toList()) {
        places.put(output.name(), place);
        if (varies) {
          varying.add(output);
          made.put(output, place);
        }
      }
    }
  }

  public static CutPoints of(Model model) {
    return new CutPoints(model.graph());
  }

  /** Values of the graph that a node reads, itself or in graphs within it. */
  private static Set<Value> operands(Node node, Graph graph) {
    Set<Value> operands = new LinkedHashSet<>();
    Stream.concat(Stream.of(node), node.subgraphs().flatMap(Traversal::nodesWithin))
        .flatMap(Node::presentInputs)
        .filter(value -> value.graph() == graph)
        .forEach(operands::add);
    return operands;
  }

  private static boolean isRandom(Node node) {
    String type = node.op().type();
    return type.startsWith("Random") || type.equals("Bernoulli") || type.equals("Multinomial");
  }

  /**
   * The place right behind the node that makes a value.
   *
   * @return -1 if no node of the main graph makes it
   */
  public int behind(String value) {
    return places.getOrDefault(value, -1);
  }

  /**
   * The last of the places in front of the node that makes a value across which fewest values flow;
   * 0, where the inputs are, if no node of the main graph makes it.
   */
  public int narrowest(String value) {
    int best = 0;
    int fewest = Integer.MAX_VALUE;
    for (int place = 0; place < behind(value); place++) {
      int values = across(place).size();
      if (values <= fewest) {
        fewest = values;
        best = place;
      }
    }
    return best;
  }

  /** Names of the values that flow across a place, in the order in which they are made. */
  public List<String> across(int place) {
    List<String> across = new ArrayList<>();
    made.forEach(
        (value, from) -> {
          if (from <= place && read.getOrDefault(value, -1) >= place) {
            across.add(value.name());
          }
        });
    return across;
  }
}
