package io.gohsp.equivalence;

import static org.assertj.core.api.Assertions.assertThat;

import io.gohsp.Pruner;
import io.gohsp.fixture.Cuts;
import io.gohsp.fixture.Cuts.Part;
import io.gohsp.fixture.Fixture;
import io.gohsp.fixture.Tampering;
import io.gohsp.io.OnnxReader;
import io.gohsp.io.OnnxWriter;
import io.gohsp.ir.Model;
import io.gohsp.ir.ModelException;
import io.gohsp.normalize.WorkingModel;
import io.gohsp.ort.Device;
import io.gohsp.ort.OrtOptions;
import io.gohsp.ort.OrtProgram;
import io.gohsp.plan.PruningPlan;
import io.gohsp.prune.Pruning;
import io.gohsp.verify.Expected;
import io.gohsp.verify.Rounding;
import io.gohsp.verify.SampleInputs;
import io.gohsp.verify.Verdict;
import io.gohsp.verify.Verifier;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/**
 * Whatever changes a true output by more than the tolerance, on inputs that the verification does
 * not see, is caught; docs/VERIFICATION.md has the table of the whole run ({@code
 * -Dtest.excludedGroups=}).
 */
class TamperingTest {
  private static final OrtOptions OPTIONS = OrtOptions.VERIFY.withThreads(1);
  private static final Verification VERIFICATION = new Verification(3, 0, Map.of(), Device.CPU, 1);

  /** Of the inputs by which an effect is told, which the verification does not use. */
  private static final long HELD_OUT = 4711;

  private static final List<String> FEW = List.of("timm_vit_layerscale", "hf_gpt2_legacy");

  private static final List<String> MANY =
      List.of(
          "timm_vit_legacy_op17_unfused",
          "timm_vit_layerscale",
          "hf_bert_eager_legacy",
          "hf_gpt2_legacy",
          "hf_t5_encoder",
          "timm_swin_legacy",
          "hf_vit_eager_dynamo",
          "timm_vit_relpos_bias",
          "rep_mqa",
          "timm_vit__fp16_keepio",
          "timm_vit__fp16_weights_cast",
          "timm_vit__int8_qdq",
          "hf_vit__int8_dynamic_perchannel",
          "timm_vit__if_captured");

  /** What became of one kind. */
  private static final class Row {
    private int tried;
    private int effective;
    private int caught;
    private int byNumbers;
    private int byStructure;

    private void add(Row other) {
      tried += other.tried;
      effective += other.effective;
      caught += other.caught;
      byNumbers += other.byNumbers;
      byStructure += other.byStructure;
    }

    private String line(String name) {
      return "| %s | %d | %d | %d | %d | %d |%n"
          .formatted(name, tried, effective, caught, byNumbers, byStructure);
    }
  }

  /** Tamperings that have an effect, in the whole run. */
  private static final int BAR = 700;

  private final Map<Tampering, Row> rows = new EnumMap<>(Tampering.class);
  private final List<String> missed = new ArrayList<>();

  @Test
  void fewOfEveryKind() {
    FEW.forEach(name -> tamper(name, 1));
    assertThat(missed).isEmpty();
    assertThat(rows.values().stream().mapToInt(row -> row.effective).sum()).isGreaterThan(15);
  }

  @Test
  @Tag("slow")
  void manyOfEveryKind() {
    MANY.forEach(name -> tamper(name, 5));
    System.out.println(table());
    assertThat(missed).isEmpty();
    assertThat(rows.values().stream().mapToInt(row -> row.effective).sum())
        .isGreaterThanOrEqualTo(BAR);
  }

  private String table() {
    Row all = new Row();
    StringBuilder table = new StringBuilder();
    rows.forEach(
        (kind, row) -> {
          table.append(row.line(kind.words()));
          all.add(row);
        });
    return table + all.line("**all**");
  }

  private void tamper(String fixture, int rounds) {
    Model original = Fixture.of(fixture).model();
    PruningPlan plan =
        Cuts.halves(
            WorkingModel.normalized(original).blocks(), EnumSet.of(Part.HEADS, Part.NEURONS), 3);
    byte[] right = OnnxWriter.toBytes(Pruner.of(original).apply(plan).model());
    Model pruned = OnnxReader.read(right, null);
    Provenance provenance = Provenance.of(pruned);
    Verdict untouched = VERIFICATION.check(original, provenance, pruned, List.of());
    assertThat(untouched.passed()).as("%s: %s", fixture, untouched.summary()).isTrue();
    assertThat(untouched.evidence().structure()).startsWith("graph, attributes and all constants");
    Model cut = Pruning.prune(original, plan);
    try (OrtProgram program = OrtProgram.compile(pruned, OPTIONS);
        Reference reference =
            Reference.of(original, plan, Verdict.Mode.MASKED, VERIFICATION, List.of())) {
      SampleInputs heldOut = SampleInputs.find(pruned, program, Map.of(), HELD_OUT).varied(program);
      Expected truth =
          Expected.of(program, heldOut, 3, List.of(), Rounding.of(pruned, OPTIONS), Map.of());
      for (Tampering kind : Tampering.values()) {
        for (int round = 0; round < rounds; round++) {
          Model tampered = OnnxReader.read(right, null);
          String place = kind.apply(tampered, new Random(31L * fixture.hashCode() + round));
          if (place != null) {
            Model file = OnnxReader.read(OnnxWriter.toBytes(tampered), null);
            Row row = rows.computeIfAbsent(kind, k -> new Row());
            row.tried++;
            if (hasEffect(truth, file)) {
              boolean numbers = !reference.compare(file).passed();
              boolean structure = CutCheck.of(original, provenance, cut, file).refusal() != null;
              judge(row, numbers, structure, fixture + ": " + kind.words() + " at " + place);
            }
          }
        }
      }
    }
  }

  private void judge(Row row, boolean numbers, boolean structure, String what) {
    row.effective++;
    row.byNumbers += numbers ? 1 : 0;
    row.byStructure += structure ? 1 : 0;
    row.caught += numbers || structure ? 1 : 0;
    if (!numbers && !structure) {
      missed.add(what);
    }
  }

  /** Whether a true output changes by more than the tolerance on inputs of its own. */
  private static boolean hasEffect(Expected truth, Model tampered) {
    try (OrtProgram program = OrtProgram.compile(tampered, OPTIONS)) {
      return !Verifier.compare(truth, program, Verdict.Mode.PLAIN).passed();
    } catch (ModelException.ExecutionFailed e) {
      return true;
    }
  }
}
