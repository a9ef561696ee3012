package io.gohsp.text;

import io.gohsp.ir.Attribute;
import io.gohsp.ir.Attribute.Content;
import io.gohsp.ir.Graph;
import io.gohsp.text.Token.Kind;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Reads attributes: {@code axis = 1}, {@code scales: floats = []}, {@code alpha: float = @alpha}.
 */
final class AttributeParser {
  private static final Map<Class<? extends Content>, AttributeType> TYPES =
      Map.of(
          Attribute.IntValue.class, AttributeType.INT,
          Attribute.FloatValue.class, AttributeType.FLOAT,
          Attribute.StringValue.class, AttributeType.STRING,
          Attribute.TensorValue.class, AttributeType.TENSOR,
          Attribute.GraphValue.class, AttributeType.GRAPH,
          Attribute.IntsValue.class, AttributeType.INTS,
          Attribute.FloatsValue.class, AttributeType.FLOATS,
          Attribute.StringsValue.class, AttributeType.STRINGS,
          Attribute.GraphsValue.class, AttributeType.GRAPHS);

  private final TokenStream in;
  private final TypeParser types;
  private final TensorParser tensors;
  private final Supplier<Graph> subgraph;

  /**
   * @param subgraph reads a graph into the one that the attribute's node is in
   */
  AttributeParser(TokenStream in, Supplier<Graph> subgraph) {
    this.in = in;
    this.types = new TypeParser(in);
    this.tensors = new TensorParser(in);
    this.subgraph = subgraph;
  }

  /** One attribute, from its name on. */
  Attribute parse() {
    String name = in.name("the name of an attribute").text();
    AttributeType annotated = null;
    if (in.accept(":")) {
      Token word = in.peek();
      annotated = AttributeType.of(in.identifier("the type of an attribute"));
      if (annotated == null) {
        throw in.error(
            word, "expected the type of an attribute, such as int or floats, found " + word);
      }
    }
    in.expect("=");
    Token start = in.peek();
    Content content = in.at("[") ? list(annotated) : single(annotated);
    AttributeType found = typeOf(content);
    if (annotated != null && found != null && found != annotated) {
      throw in.error(
          start, "expected a value of type " + annotated.text() + ", found " + found.text());
    }
    return new Attribute(name, content, null);
  }

  private Content single(@Nullable AttributeType annotated) {
    Token token = in.peek();
    if (in.accept("@")) {
      int code = annotated == null ? 0 : annotated.code();
      return new Attribute.Reference(in.name("the name of the function's attribute").text(), code);
    }
    if (token.isName() && in.peek(1).isSymbol("(") && !types.atType()) {
      return new Attribute.GraphValue(subgraph.get());
    }
    if (types.atType()) {
      return tensor();
    }
    if (in.atDecimal() || (token.is(Kind.INTEGER) && annotated == AttributeType.FLOAT)) {
      return new Attribute.FloatValue(in.float32());
    }
    return switch (token.kind()) {
      case INTEGER -> new Attribute.IntValue(in.integer("a number"));
      case STRING -> new Attribute.StringValue(in.next().text());
      default -> throw in.expected("the value of an attribute");
    };
  }

  private Content tensor() {
    Token start = in.peek();
    var type = types.parse();
    boolean named = in.peek().isName() && (in.peek(1).isSymbol("=") || in.peek(1).isSymbol("{"));
    if (named) { // the IR has no place for the name
      in.next();
    }
    in.accept("=");
    if (in.at(",") || in.at(">")) {
      throw in.error(start, "attributes that are types cannot be read from text");
    }
    return new Attribute.TensorValue(tensors.parse(type, start, false));
  }

  private Content list(@Nullable AttributeType annotated) {
    Token start = in.peek();
    AttributeType element =
        annotated == AttributeType.FLOATS
            ? AttributeType.FLOAT
            : null; // whole numbers become floats
    List<Content> items = new ArrayList<>();
    in.list(
        "[",
        "]",
        () -> {
          Token token = in.peek();
          Content item = single(element);
          if (!items.isEmpty() && items.get(0).getClass() != item.getClass()) {
            throw in.error(
                token,
                "the values of a list should be of one kind, such as only 1.0, 2.5 or only 1, 2");
          }
          items.add(item);
        });
    AttributeType type = items.isEmpty() ? annotated : listOf(typeOf(items.get(0)));
    if (type == null) {
      String problem = "expected a list of numbers, texts or graphs";
      throw in.error(
          start,
          items.isEmpty() ? "an empty list needs its type, as in \"x: ints = []\"" : problem);
    }
    return switch (type) {
      case INTS ->
          new Attribute.IntsValue(each(items, Attribute.IntValue.class, Attribute.IntValue::value));
      case FLOATS ->
          new Attribute.FloatsValue(
              each(items, Attribute.FloatValue.class, Attribute.FloatValue::value));
      case STRINGS ->
          new Attribute.StringsValue(
              each(items, Attribute.StringValue.class, Attribute.StringValue::value));
      case GRAPHS ->
          new Attribute.GraphsValue(
              each(items, Attribute.GraphValue.class, Attribute.GraphValue::value));
      default ->
          throw in.error(start, "attributes of type " + type.text() + " cannot be read from text");
    };
  }

  private static <C extends Content, T> List<T> each(
      List<Content> items, Class<C> kind, Function<C, T> value) {
    return items.stream().map(kind::cast).map(value).toList();
  }

  private static @Nullable AttributeType listOf(@Nullable AttributeType element) {
    return element == null
        ? null
        : switch (element) {
          case INT -> AttributeType.INTS;
          case FLOAT -> AttributeType.FLOATS;
          case STRING -> AttributeType.STRINGS;
          case GRAPH -> AttributeType.GRAPHS;
          default -> null;
        };
  }

  /** Null for a reference, whose type only the annotation tells. */
  private static @Nullable AttributeType typeOf(Content content) {
    return TYPES.get(content.getClass());
  }
}
