package io.gohsp.text;

import io.gohsp.ir.Attribute;
import io.gohsp.ir.Graph;
import io.gohsp.ir.Node;
import io.gohsp.ir.OpId;
import io.gohsp.ir.Value;
import io.gohsp.ir.ValueType;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Reads a graph, main, nested, or a function's body, from its inputs to the end of its nodes. */
final class GraphParser {
  private static final int MAX_DEPTH = 32;

  /** A name that is declared with a type, or without. */
  private record Declaration(Token name, @Nullable ValueType type) {}

  private final TokenStream in;
  private final Graph graph;
  private final Scope scope;
  private final boolean elidable;
  private final TypeParser types;
  private final TensorParser tensors;
  private final AttributeParser attributes;
  private final List<Declaration> outputs = new ArrayList<>();
  private final Map<String, Declaration> declared = new LinkedHashMap<>();

  /**
   * @param graph empty
   * @param outer what names around the graph stand for
   * @param elidable whether contents of initializers may be left out
   */
  GraphParser(TokenStream in, Graph graph, @Nullable Scope outer, boolean elidable) {
    this.in = in;
    this.graph = graph;
    this.scope = new Scope(outer);
    this.elidable = elidable;
    this.types = new TypeParser(in);
    this.tensors = new TensorParser(in);
    this.attributes = new AttributeParser(in, this::subgraph);
  }

  void parse() {
    if (scope.depth() > MAX_DEPTH) {
      throw in.error(in.peek(), "graphs are nested more than " + MAX_DEPTH + " deep");
    }
    in.list("(", ")", this::input);
    in.expect("=>");
    in.list("(", ")", () -> outputs.add(declaration("the name of an output")));
    if (in.at("<")) {
      in.list("<", ">", this::initializerOrDeclaration);
    }
    in.expect("{");
    while (!in.accept("}")) {
      node();
    }
    outputs.forEach(output -> graph.addOutput(typed(resolve(output.name()), output)));
    declared.values().forEach(this::declare);
  }

  private Declaration declaration(String what) {
    ValueType type = types.optional();
    return new Declaration(in.name(what), type);
  }

  private void input() {
    Token start = in.peek();
    Declaration input = declaration("the name of an input");
    checkFree(input.name());
    Value value = graph.addInput(input.name().text(), input.type());
    scope.define(value);
    if (in.accept("=")) {
      graph.markInitializer(value, tensors.parse(input.type(), start, elidable));
    }
  }

  private void initializerOrDeclaration() {
    Token start = in.peek();
    Declaration entry = declaration("the name of an initializer or value");
    String name = entry.name().text();
    if (!in.accept("=")) {
      if (declared.put(name, entry) != null) {
        throw in.error(
            entry.name(), "the type of " + Identifiers.quoted(name) + " is declared twice");
      }
      return;
    }
    var contents = tensors.parse(entry.type(), start, elidable);
    Value input = scope.own(name);
    if (input != null && input.constant() == null) { // then this is the input's default
      graph.markInitializer(input, contents);
    } else {
      checkFree(entry.name());
      scope.define(graph.addInitializer(name, contents));
    }
  }

  /** Label, outputs, operator, attributes and inputs; the attributes may come last. */
  private void node() {
    String label = "";
    if (in.accept("[")) {
      label = in.peek().isName() ? in.next().text() : "";
      in.expect("]");
    }
    List<Token> outputNames = names("=");
    in.expect("=");
    OpId op = operator();
    List<Attribute> found = attributeList();
    in.expect("(");
    List<@Nullable Value> inputs = new ArrayList<>();
    names(")").forEach(name -> inputs.add(name.text().isEmpty() ? null : resolve(name)));
    in.expect(")");
    if (found.isEmpty()) {
      found = attributeList();
    }
    List<@Nullable Value> results = new ArrayList<>();
    outputNames.forEach(name -> results.add(name.text().isEmpty() ? null : result(name)));
    Node node = graph.append(op, label, inputs, results);
    found.forEach(node::setAttribute);
  }

  private Value result(Token name) {
    checkFree(name);
    Value value = graph.newValue(name.text());
    scope.define(value);
    return value;
  }

  /**
   * Names with commas between them; an empty one, or none before a comma, stands for an absent
   * value.
   */
  private List<Token> names(String end) {
    List<Token> names = new ArrayList<>();
    while (!in.at(end)) {
      if (in.at(",")) {
        names.add(new Token(Token.Kind.STRING, "", in.peek().offset()));
      } else {
        names.add(in.nameOrEmpty("a name, ',' or '" + end + "'"));
      }
      if (!in.accept(",")) {
        break;
      }
    }
    return names;
  }

  private OpId operator() {
    List<String> parts = new ArrayList<>();
    do {
      parts.add(in.name("an operator").text());
    } while (in.accept("."));
    String type = parts.remove(parts.size() - 1);
    String overload = in.accept(":") ? in.name("an overload").text() : "";
    return new OpId(OnnxText.domain(String.join(".", parts)), type, overload);
  }

  private List<Attribute> attributeList() {
    Map<String, Attribute> list = new LinkedHashMap<>();
    if (in.accept("<")) {
      do {
        Token name = in.peek();
        Attribute attribute = attributes.parse();
        if (list.put(attribute.name(), attribute) != null) {
          throw in.error(
              name, "attribute " + Identifiers.quoted(attribute.name()) + " is given twice");
        }
      } while (in.accept(","));
      in.expect(">");
    }
    return List.copyOf(list.values());
  }

  private Graph subgraph() {
    Graph nested = graph.newSubgraph(in.nameOrEmpty("the name of a graph").text());
    new GraphParser(in, nested, scope, elidable).parse();
    return nested;
  }

  private void declare(Declaration declaration) {
    Value value = scope.own(declaration.name().text());
    if (value == null) {
      throw in.error(
          declaration.name(),
          "the graph has no value " + Identifiers.quoted(declaration.name().text()));
    }
    graph.declare(typed(value, declaration));
  }

  private Value typed(Value value, Declaration declaration) {
    ValueType type = declaration.type();
    if (type != null && value.type() != null && !type.equals(value.type())) {
      throw in.error(
          declaration.name(),
          "declared as "
              + TypeText.print(type)
              + " here and as "
              + TypeText.print(value.type())
              + " elsewhere");
    }
    if (type != null) {
      value.setType(type);
    }
    return value;
  }

  private Value resolve(Token name) {
    Value value = scope.find(name.text());
    if (value == null) {
      throw in.error(name, "nothing before this defines " + Identifiers.quoted(name.text()));
    }
    return value;
  }

  private void checkFree(Token name) {
    boolean takenInModel =
        graph == graph.model().graph()
            && !graph.model().names().fresh(name.text()).equals(name.text());
    if (scope.own(name.text()) != null || takenInModel) {
      throw in.error(name, Identifiers.quoted(name.text()) + " is defined twice");
    }
  }
}
