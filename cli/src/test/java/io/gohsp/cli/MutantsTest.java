package io.gohsp.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.gohsp.cli.MutantCampaign.Outcome;
import java.io.IOException;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Damaged models are inspected and pruned, or refused; the program itself never fails over one. */
class MutantsTest {
  private static final int FEW = 40;
  private static final int FROM = Integer.getInteger("gohsp.mutants.from", FEW);
  private static final int TO = Integer.getInteger("gohsp.mutants", 100_000);

  /** Of how many that are pruned one is run and compared. */
  private static final int COMPARED = Integer.getInteger("gohsp.mutants.compared", 10);

  @TempDir Path directory;
  private MutantCampaign campaign;

  @BeforeEach
  void begin() throws IOException {
    campaign = new MutantCampaign(directory);
  }

  @Test
  void someMutants() throws IOException {
    for (int number = 0; number < FEW; number++) {
      campaign.run(number, COMPARED);
    }

    assertThat(campaign.failures()).isEmpty();
    assertThat(campaign.counts()).containsKeys(Outcome.REFUSED, Outcome.PRUNED);
  }

  /** An axis of a weight whose parts are known only together, sliced where they are. */
  @Test
  void mutantThatOnceBroke() throws IOException {
    assertThat(campaign.run(93, COMPARED)).isEqualTo(Outcome.REFUSED);
    assertThat(campaign.failures()).isEmpty();
  }

  @Test
  @Tag("slow") // hours; -Dgohsp.mutants=N tries fewer
  void manyMutants() throws IOException {
    int told = 0;
    for (int number = FROM; number < TO; number++) {
      System.out.print(number + " ");
      System.out.println(campaign.run(number, COMPARED));
      campaign.failures().stream().skip(told).forEach(System.out::println);
      told = campaign.failures().size();
    }
    System.out.println(campaign.counts());

    assertThat(campaign.failures()).isEmpty();
  }
}
