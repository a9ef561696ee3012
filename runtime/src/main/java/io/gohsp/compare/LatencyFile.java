package io.gohsp.compare;

import io.gohsp.work.WorkFile;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Latencies that were measured, so that the same model is not measured again: times vary. */
final class LatencyFile {
  private final Path file;
  private final List<CellLatency> known;

  private record Contents(List<CellLatency> latencies) {}

  LatencyFile(Path work) {
    file = work.resolve("latency.json");
    Contents there = WorkFile.read(file, Contents.class);
    known = new ArrayList<>(there == null ? List.of() : there.latencies());
  }

  /** What is known of a model under the same conditions. */
  @Nullable CellLatency of(CellResult cell, String conditions) {
    return known.stream()
        .filter(each -> each.method().equals(cell.method()))
        .filter(each -> each.budget().equals(cell.budget()))
        .filter(each -> each.modelSha256().equals(cell.modelSha256()))
        .filter(each -> each.conditions().equals(conditions))
        .findFirst()
        .orElse(null);
  }

  void add(CellLatency latency) {
    known.add(latency);
    WorkFile.write(file, new Contents(known));
  }
}
