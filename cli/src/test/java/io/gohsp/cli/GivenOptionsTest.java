package io.gohsp.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import picocli.CommandLine.ParseResult;

/** What goes to processes that run in another folder. */
class GivenOptionsTest {
  private static ParseResult train(String data, String classes) {
    return Main.commandLine()
        .parseArgs(
            "train",
            "m.onnx",
            "-o",
            "o.onnx",
            "--teacher=t.onnx",
            "--data",
            data,
            "--classes",
            classes)
        .subcommand();
  }

  private static String absolute(String file) {
    return Path.of(file).toAbsolutePath().toString();
  }

  @Test
  void filesBecomeAbsoluteAndNamesStay() {
    assertThat(GivenOptions.of(train("digits", "imagenet"), Set.of("--output"), true))
        .containsExactly("--teacher=" + absolute("t.onnx"), "--data=digits", "--classes=imagenet");
    assertThat(GivenOptions.of(train("images", "map.json"), Set.of("--output"), true))
        .contains("--data=" + absolute("images"), "--classes=" + absolute("map.json"));
    assertThat(GivenOptions.of(train("hdfs://host/images", "map.json"), Set.of(), true))
        .contains("--data=hdfs://host/images");
    assertThat(GivenOptions.of(train("images", "map.json"), Set.of(), false))
        .contains("--data=images", "--classes=map.json");
  }

  @Test
  void whatIsReadIsNamed() {
    assertThat(GivenOptions.read(train("images", "map.json").commandSpec()))
        .isEqualTo(
            List.of(
                Path.of(absolute("m.onnx")),
                Path.of("t.onnx"),
                Path.of("images"),
                Path.of("map.json")));
  }
}
