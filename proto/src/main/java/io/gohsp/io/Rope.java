package io.gohsp.io;

import java.io.IOException;
import java.nio.channels.WritableByteChannel;
import java.util.ArrayList;
import java.util.List;

/**
 * Pieces one after the other. Its length is known before a byte is written, which is what the wire
 * format asks for, and weights never meet in memory.
 */
final class Rope implements Piece {
  private final List<Piece> pieces = new ArrayList<>();
  private long length;

  Rope add(Piece piece) {
    pieces.add(piece);
    length = Math.addExact(length, piece.length());
    return this;
  }

  @Override
  public long length() {
    return length;
  }

  @Override
  public void writeTo(WritableByteChannel out) throws IOException {
    for (Piece piece : pieces) {
      piece.writeTo(out);
    }
  }
}
