package io.gohsp;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.gohsp.create.VitArchitecture;
import io.gohsp.create.VitBuilder;
import io.gohsp.equivalence.NotVerifiable;
import io.gohsp.equivalence.Provenance;
import io.gohsp.equivalence.Verification;
import io.gohsp.fixture.Narrowings;
import io.gohsp.io.OnnxReader;
import io.gohsp.io.OnnxWriter;
import io.gohsp.ir.Model;
import io.gohsp.ir.ModelException;
import io.gohsp.method.Methods;
import io.gohsp.normalize.WorkingModel;
import io.gohsp.ort.Device;
import io.gohsp.plan.InvalidOption;
import io.gohsp.plan.PruningPlan;
import io.gohsp.plan.StreamPlan;
import io.gohsp.text.OnnxText;
import io.gohsp.verify.Verdict;
import io.gohsp.work.Fingerprint;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class PrunerTest {
  private static final Path EXTERNAL =
      Path.of("..", "testdata", "fixtures", "timm_vit__external", "model.onnx");

  @TempDir Path directory;

  private static Model vit() {
    return VitBuilder.build(new VitArchitecture(8, 3, 4, 16, 2, 4, 24, 5), 1);
  }

  @Test
  void prunesAModelThatWasNeverInAFile() throws IOException {
    Model original = vit();
    byte[] before = OnnxWriter.toBytes(original);
    Path out = directory.resolve("out.onnx");

    PrunedModel pruned = Pruner.of(original).heads("2").neurons("50%").prune();
    VerifiedModel result = pruned.verify().write(out);

    assertThat(result.verdict().passed()).isTrue();
    assertThat(pruned.after().params()).isLessThan(pruned.before().params());
    assertThat(OnnxWriter.toBytes(original)).isEqualTo(before);
    Model written = OnnxReader.read(out);
    assertThat(written.metadata())
        .containsKeys(Provenance.PLAN, Provenance.VERIFICATION)
        .doesNotContainKeys(Provenance.SOURCE, Provenance.COMMAND);
    Provenance provenance = Provenance.of(written);
    assertThat(provenance.plan().blocks()).isEqualTo(pruned.plan().blocks());
    assertThat(
            Verification.STANDARD
                .compare(original, provenance.plan(), provenance.mode(), written)
                .passed())
        .isTrue();
  }

  @Test
  void tellsWhatItDoes() {
    List<String> phases = new ArrayList<>();

    Pruner.of(vit()).keepMacs(0.8).progress(phases::add).prune().verify();

    assertThat(phases).containsExactly("analysing", "choosing", "pruning", "verifying");
  }

  @Test
  void anEmptyPlanChangesNothing() throws IOException {
    Path out = directory.resolve("out.onnx");
    Model original = vit();

    PruningPlan whole = Pruner.of(original).heads("1").prune().plan().ofEverything();
    PrunedModel same = Pruner.of(original).apply(whole);
    Verdict verdict = same.writeVerified(out, Verification.STANDARD);

    assertThat(same.isCopy()).isTrue();
    assertThat(verdict.passed()).isTrue();
    assertThat(verdict.samples()).isZero();
    assertThat(Files.readAllBytes(out)).isEqualTo(OnnxWriter.toBytes(original));
  }

  /** One that lost its blocks, say: nothing would go, without a word. */
  @Test
  void aPlanOfNoBlocksFitsNoModelThatHasSome() {
    PruningPlan none = new PruningPlan(List.of(), Map.of());
    List<StreamPlan> streams = Narrowings.some(WorkingModel.normalized(vit()), new Random(1));
    assertThat(streams).isNotEmpty();
    for (PruningPlan plan : List.of(none, none.narrowing(streams))) {
      assertThatThrownBy(() -> Pruner.of(vit()).apply(plan))
          .isInstanceOf(ModelException.BadPlan.class)
          .hasMessageContaining("the plan has 0 blocks, the model ");
    }
  }

  @Test
  void whatIsPrunedTwiceForgetsTheFirstTime() {
    Model once = Pruner.of(vit()).heads("3").command("first").prune().model();

    Model twice = Pruner.of(once).neurons("12").prune().model();

    assertThat(twice.metadata()).doesNotContainKey(Provenance.COMMAND);
    assertThat(Provenance.of(twice).plan().blocks().get(0).heads()).isEqualTo(3);
  }

  @Test
  void fingerprintCoversSideFiles() throws Exception {
    ByteArrayOutputStream all = new ByteArrayOutputStream();
    all.write(Files.readAllBytes(EXTERNAL));
    all.write(Files.readAllBytes(EXTERNAL.resolveSibling("model.onnx.data")));
    byte[] expected = MessageDigest.getInstance("SHA-256").digest(all.toByteArray());

    assertThat(Fingerprint.of(OnnxReader.read(EXTERNAL)))
        .isEqualTo(HexFormat.of().formatHex(expected));
  }

  @Test
  void whatCannotRunCannotBeVerified() {
    Verification impossible = new Verification(2, 0, Map.of("nothing", 3L), Device.CPU, 0);
    PrunedModel pruned = Pruner.of(vit()).heads("2").prune();
    Path out = directory.resolve("out.onnx");

    assertThatThrownBy(() -> pruned.writeVerified(out, impossible))
        .isInstanceOf(NotVerifiable.class)
        .hasMessageStartingWith("cannot be verified: no input has a dimension \"nothing\"");
    assertThat(directory).isEmptyDirectory();
  }

  @Test
  void modelsWithoutAPlanSaySo() {
    assertThatThrownBy(() -> Provenance.of(vit()))
        .isInstanceOf(ModelException.BadPlan.class)
        .hasMessage(
            "carries no plan in its metadata (give the plan with --plan, or prune with gohsp)");
  }

  @ParameterizedTest
  @ValueSource(strings = {"gohsp", "sgmp", "taylor", "ssp", "s2vite"})
  void methodsThatLookAtDataNeedIt(String name) {
    assertThatThrownBy(() -> Methods.named(name))
        .isInstanceOf(InvalidOption.class)
        .hasMessage(
            "the method \"%s\" looks at data; give --data, or choose one of synthetic, somp, random, zeros",
            name);
  }

  @Test
  void methodsGoByTheirNames() {
    assertThat(Methods.ALL).allSatisfy(m -> assertThat(Methods.named(m.name())).isSameAs(m));
    assertThat(Methods.ZEROS.mustEqual()).isEqualTo(Verdict.Mode.PLAIN);
    assertThat(Methods.SOMP.mustEqual()).isEqualTo(Verdict.Mode.MASKED);
  }

  /** What has no blocks may be anything, and is not run to find that out. */
  @Test
  void aModelWithoutBlocksIsNotRun() {
    Model model =
        OnnxText.parse(
            """
            <ir_version: 8, opset_import: ["" : 17]>
            g (float[N,4] x) => (float[N,4] y) { y = Relu(x) }
            """);
    List<String> phases = new ArrayList<>();
    Pruner pruner = Pruner.of(model).heads("50%").progress(phases::add);
    assertThatThrownBy(pruner::prune)
        .isInstanceOf(ModelException.NothingToPrune.class)
        .hasMessageContaining("no attention and no MLP");
    assertThat(phases).containsExactly("analysing");
  }
}
