package io.gohsp.cli;

import io.gohsp.text.Printable;
import java.io.PrintWriter;
import java.io.Writer;
import picocli.CommandLine.Model.CommandSpec;

/**
 * Where commands print. What they print may quote a file, so everything but the ends of lines that
 * {@code println} adds is made {@link Printable}. Help, whose colours are ours, goes past this.
 */
final class Printed extends PrintWriter {
  private Printed(Writer to) {
    super(to, true);
  }

  /** Standard output of a command. */
  static PrintWriter out(CommandSpec spec) {
    return new Printed(spec.commandLine().getOut());
  }

  /** Standard error of a command. */
  static PrintWriter err(CommandSpec spec) {
    return new Printed(spec.commandLine().getErr());
  }

  /** The same for any writer. */
  static PrintWriter over(PrintWriter writer) {
    return new Printed(writer);
  }

  @Override
  public void write(String text, int offset, int length) {
    String shown = Printable.of(text.substring(offset, offset + length));
    super.write(shown, 0, shown.length());
  }

  @Override
  public void write(char[] text, int offset, int length) {
    write(new String(text, offset, length), 0, length);
  }

  @Override
  public void write(int unit) {
    write(String.valueOf((char) unit), 0, 1);
  }
}
