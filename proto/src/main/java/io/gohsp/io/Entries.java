package io.gohsp.io;

import com.google.protobuf.MessageLite;
import io.gohsp.onnx.OperatorSetIdProto;
import io.gohsp.onnx.StringStringEntryProto;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import java.util.function.BiFunction;
import java.util.function.Consumer;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Maps that are repeated entries in a file. Entries that say what they said are written as they
 * were, in their old order; changed ones stand where they stood, new ones at the end.
 */
final class Entries {
  private Entries() {}

  static void putOpsets(
      WireMessage message, int field, @Nullable Span old, Map<String, Long> opsets) {
    put(
        message,
        field,
        old,
        opsets,
        span -> Map.entry(Opset.of(span).domain(), Opset.of(span).version()),
        (domain, version) ->
            OperatorSetIdProto.newBuilder().setDomain(domain).setVersion(version).build());
  }

  static void putMetadata(
      WireMessage message, int field, @Nullable Span old, Map<String, String> metadata) {
    put(
        message,
        field,
        old,
        metadata,
        span -> Map.entry(Entry.of(span).key(), Entry.of(span).value()),
        (key, value) -> StringStringEntryProto.newBuilder().setKey(key).setValue(value).build());
  }

  private static <V> void put(
      WireMessage message,
      int field,
      @Nullable Span old,
      Map<String, V> current,
      Function<Span, Map.Entry<String, V>> parse,
      BiFunction<String, V, MessageLite> make) {
    Map<String, V> read = new LinkedHashMap<>();
    forEach(
        old,
        field,
        cursor -> {
          Map.Entry<String, V> entry = parse.apply(cursor.content());
          read.put(entry.getKey(), entry.getValue());
        });
    Set<String> written = new HashSet<>();
    forEach(
        old,
        field,
        cursor -> {
          String key = parse.apply(cursor.content()).getKey();
          V value = current.get(key);
          if (value != null && value.equals(read.get(key))) {
            message.keep(cursor);
            written.add(key);
          } else if (value != null && written.add(key)) {
            message.put(field, make.apply(key, value));
          }
        });
    current.forEach(
        (key, value) -> {
          if (written.add(key)) {
            message.put(field, make.apply(key, value));
          }
        });
  }

  private static void forEach(@Nullable Span message, int field, Consumer<WireCursor> action) {
    if (message == null) {
      return;
    }
    WireCursor cursor = message.fields();
    while (cursor.next()) {
      if (cursor.is(field, WireCursor.BYTES)) {
        action.accept(cursor);
      }
    }
  }
}
