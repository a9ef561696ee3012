package io.gohsp.text;

import io.gohsp.ir.Attribute;
import io.gohsp.ir.Function;
import io.gohsp.ir.Graph;
import io.gohsp.ir.Model;
import io.gohsp.ir.OpId;
import io.gohsp.text.Token.Kind;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Reads a model: header, main graph, functions. */
final class ModelParser {
  private final TokenStream in;
  private final boolean elidable;

  ModelParser(TokenStream in, boolean elidable) {
    this.in = in;
    this.elidable = elidable;
  }

  Model parse() {
    Header header = header();
    Model model = new Model(in.nameOrEmpty("the name of the graph").text(), null);
    model.setIrVersion(header.irVersion);
    model.opsets().putAll(header.opsets);
    model.metadata().putAll(header.metadata);
    new GraphParser(in, model.graph(), null, elidable).parse();
    while (!in.peek().is(Kind.END)) {
      model.addFunction(function(model));
    }
    return model;
  }

  /** What stands in angle brackets before a model or a function. */
  private static final class Header {
    long irVersion;
    String domain = "";
    String overload = "";
    final Map<String, Long> opsets = new LinkedHashMap<>();
    final Map<String, String> metadata = new LinkedHashMap<>();
  }

  private Header header() {
    Header header = new Header();
    if (in.at("<")) {
      in.list("<", ">", () -> entry(header));
    }
    return header;
  }

  private void entry(Header header) {
    Token key = in.peek();
    in.identifier("a key such as ir_version");
    in.expect(":");
    switch (key.text()) {
      case "ir_version" -> header.irVersion = in.integer("a version");
      case "opset_import" -> in.list("[", "]", () -> opset(header));
      case "metadata_props" -> in.list("[", "]", () -> metadata(header));
      case "domain" -> header.domain = in.string("a domain in quotes");
      case "overload" -> header.overload = in.string("an overload in quotes");
      case "producer_name", "producer_version", "doc_string" -> in.string("a text in quotes");
      case "model_version" -> in.integer("a version");
      default ->
          throw in.error(
              key,
              "expected ir_version, opset_import, metadata_props, producer_name, producer_version, model_version,"
                  + " doc_string, domain or overload, found "
                  + key);
    }
  }

  private void opset(Header header) {
    String domain = OnnxText.domain(in.string("a domain in quotes"));
    in.expect(":");
    header.opsets.put(domain, in.integer("a version"));
  }

  private void metadata(Header header) {
    String key = in.string("a key in quotes");
    in.expect(":");
    header.metadata.put(key, in.string("a text in quotes"));
  }

  private Function function(Model model) {
    Header header = header();
    String name = in.name("the name of a function").text();
    List<String> attributes = new ArrayList<>();
    Map<String, Attribute> defaults = new LinkedHashMap<>();
    Graph body = model.newFunctionBody(name);
    if (in.at("<")) {
      in.list("<", ">", () -> attribute(attributes, defaults));
    }
    new GraphParser(in, body, null, elidable).parse();
    OpId id = new OpId(OnnxText.domain(header.domain), name, header.overload);
    return new Function(id, body, attributes, defaults, header.opsets, null);
  }

  /** A name alone, or an attribute whose value is the default. */
  private void attribute(List<String> attributes, Map<String, Attribute> defaults) {
    Token name = in.peek();
    boolean hasDefault = in.peek(1).isSymbol(":") || in.peek(1).isSymbol("=");
    if (!hasDefault) {
      attributes.add(in.name("the name of an attribute").text());
      return;
    }
    AttributeParser parser =
        new AttributeParser(
            in,
            () -> {
              throw in.error(name, "the default of an attribute cannot be a graph");
            });
    defaults.put(name.text(), parser.parse());
  }
}
