package io.gohsp.cli;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.fields;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noMethods;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;
import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption.Predefined;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The arrows between packages and the few rules that hold across all of them. */
class ArchitectureTest {
  private static final String[] PASSES = {
    "io.gohsp.op..",
    "io.gohsp.pass..",
    "io.gohsp.rewrite..",
    "io.gohsp.shape..",
    "io.gohsp.normalize..",
    "io.gohsp.axis..",
    "io.gohsp.vit..",
    "io.gohsp.gate..",
    "io.gohsp.rank..",
    "io.gohsp.autodiff..",
    "io.gohsp.linear..",
    "io.gohsp.lower..",
    "io.gohsp.cost..",
    "io.gohsp.plan..",
    "io.gohsp.selection..",
    "io.gohsp.prune..",
  };

  /** Every module's classes: the last module sees all of them. */
  private static final JavaClasses PROGRAM =
      new ClassFileImporter()
          .withImportOption(Predefined.DO_NOT_INCLUDE_TESTS)
          .withImportOption(location -> !location.contains("-tests.jar"))
          .importPackages("io.gohsp");

  @Test
  void seesTheWholeProgram() {
    assertThat(PROGRAM.contain("io.gohsp.onnx.ModelProto")).isTrue();
    assertThat(PROGRAM.contain("io.gohsp.cli.Main")).isTrue();
  }

  @Test
  void packagesFormNoCycle() {
    slices()
        .matching("io.gohsp.(*)..")
        .should()
        .beFreeOfCycles()
        .allowEmptyShould(true)
        .check(PROGRAM);
  }

  @Test
  void nothingBehindTheFrontDoorLooksBack() {
    noClasses()
        .that()
        .resideOutsideOfPackages(
            "io.gohsp", "io.gohsp.report..", "io.gohsp.cli..", "io.gohsp.spark..")
        .should()
        .dependOnClassesThat()
        .resideInAPackage("io.gohsp")
        .check(PROGRAM);
  }

  @Test
  void plansDoNotKnowHowTheyAreChosen() {
    noClasses()
        .that()
        .resideInAPackage("io.gohsp.plan..")
        .should()
        .dependOnClassesThat()
        .resideInAPackage("io.gohsp.selection..")
        .check(PROGRAM);
  }

  @Test
  void passesSeeNoExecutionEngine() {
    noClasses()
        .that()
        .resideInAnyPackage(PASSES)
        .should()
        .dependOnClassesThat()
        .resideInAnyPackage("ai.onnxruntime..", "org.nd4j..")
        .allowEmptyShould(true)
        .check(PROGRAM);
  }

  @Test
  void onlyTrainingSeesTheTensorLibrary() {
    noClasses()
        .that()
        .resideOutsideOfPackages(
            "io.gohsp.engine..", "io.gohsp.nd4j..", "io.gohsp.train..", "io.gohsp.soft..")
        .should()
        .dependOnClassesThat()
        .resideInAnyPackage("org.nd4j..")
        .check(PROGRAM);
  }

  @Test
  void onlyTrainingAndLinearAlgebraSeeNativeNumbers() {
    noClasses()
        .that()
        .resideOutsideOfPackages(
            "io.gohsp.engine..",
            "io.gohsp.linalg..",
            "io.gohsp.nd4j..",
            "io.gohsp.train..",
            "io.gohsp.soft..")
        .should()
        .dependOnClassesThat()
        .resideInAnyPackage("org.bytedeco..")
        .check(PROGRAM);
  }

  @Test
  void onlyOnePackageSeesOnnxRuntime() {
    noClasses()
        .that()
        .resideOutsideOfPackage("io.gohsp.ort..")
        .should()
        .dependOnClassesThat()
        .resideInAnyPackage("ai.onnxruntime..")
        .check(PROGRAM);
  }

  @ParameterizedTest
  @ValueSource(strings = {"equals", "hashCode"})
  void nodesAndValuesAreComparedByIdentity(String method) {
    noMethods()
        .that()
        .areDeclaredInClassesThat()
        .haveNameMatching("io\\.gohsp\\.ir\\.(Node|Value)")
        .should()
        .haveName(method)
        .allowEmptyShould(true)
        .check(PROGRAM);
  }

  @Test
  void passesHaveNoState() {
    fields()
        .that()
        .areDeclaredInClassesThat()
        .implement("io.gohsp.pass.Pass")
        .should()
        .beFinal()
        .allowEmptyShould(true)
        .check(PROGRAM);
  }

  @ParameterizedTest
  @ValueSource(strings = {"proto", "passes", "runtime", "cli"})
  void everyPackageSaysWhatItIsFor(String module) throws IOException {
    Path sources = Path.of("..", module, "src", "main", "java");
    if (Files.notExists(sources)) {
      return;
    }
    try (Stream<Path> files = Files.walk(sources)) {
      List<Path> silent =
          files
              .filter(file -> file.toString().endsWith(".java"))
              .map(Path::getParent)
              .distinct()
              .filter(directory -> Files.notExists(directory.resolve("package-info.java")))
              .toList();
      assertThat(silent).as("packages without package-info.java").isEmpty();
    }
  }
}
