package example;

import io.gohsp.Pruner;
import io.gohsp.method.Methods;
import java.nio.file.Files;
import java.nio.file.Path;

/** Writes 60 % of a model. Nothing is written unless the cut is verified. */
public final class PruneModel {
  private PruneModel() {}

  /** Arguments: the model, and what to write. */
  public static void main(String[] args) throws Exception {
    Path pruned = Path.of(args[1]);
    Files.createDirectories(pruned.getParent());
    var verified =
        Pruner.read(Path.of(args[0])).keepParams(0.6).method(Methods.SOMP).prune().verify();
    verified.write(pruned);
    System.out.println(pruned.getFileName() + ": " + verified.verdict().summary());
  }
}
