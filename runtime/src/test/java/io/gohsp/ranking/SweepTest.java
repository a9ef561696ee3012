package io.gohsp.ranking;

import io.gohsp.fixture.Fixture;
import io.gohsp.normalize.WorkingModel;
import io.gohsp.ort.*;
import io.gohsp.rank.*;
import java.util.*;
import org.junit.jupiter.api.Test;

class SweepTest {
  @Test
  void sweep() throws Exception {
    try (var w = new java.io.PrintWriter("/tmp/rk/sweep.txt")) {
      for (Fixture f : Fixture.all()) {
        StringBuilder line = new StringBuilder(f.name());
        for (Similarity s : Similarity.values()) {
          try {
            HeadGraph g = HeadGraph.of(f.model(), s);
            List<String> want =
                WorkingModel.normalized(f.model()).blocks().stream()
                    .filter(b -> b.attention() != null)
                    .map(b -> b.name() + ":" + b.attention().headCount())
                    .toList();
            List<String> have = g.parts().stream().map(p -> p.block() + ":" + p.heads()).toList();
            if (!want.equals(have)) line.append(" BLOCKS " + want + have);
            try (OrtProgram p = OrtProgram.compile(g.model(), OrtOptions.VERIFY.withThreads(1))) {
              Map<String, HostTensor> feed = new LinkedHashMap<>();
              f.inputs(p)
                  .forEach(
                      (n, t) ->
                          feed.put(
                              n,
                              t.type().isFloating()
                                  ? HostTensor.ofFloats(t.dims(), t.floats())
                                  : t));
              var out = p.run(feed);
              for (HostTensor t : out.values()) {
                double[] d = t.doubles();
                line.append(
                    " | "
                        + t
                        + " "
                        + String.format("%.4f", Arrays.stream(d).min().getAsDouble())
                        + ".."
                        + String.format("%.4f", Arrays.stream(d).max().getAsDouble()));
                break;
              }
            }
          } catch (Throwable e) {
            line.append(" | " + s + " " + e.getClass().getSimpleName() + " " + e.getMessage());
          }
        }
        w.println(line);
        w.flush();
      }
    }
  }
}
