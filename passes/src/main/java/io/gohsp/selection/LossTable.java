package io.gohsp.selection;

import io.gohsp.cost.Cost;
import io.gohsp.normalize.WorkingModel;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * What it costs the loss to keep only some of one kind of group: a row of METHOD.md section 10's
 * tables, from which a knapsack spreads a budget. To second order, with everything else whole.
 *
 * @param blocks names of the blocks it is about: one, or several that share their weights
 * @param kind of group; where query-key and value columns are one axis, the former stands for both
 * @param positions how many heads, columns of a head or neurons there are
 * @param positionsPerUnit so many of them go together
 * @param loss element k - 1: the loss where k units stay, each head having its own best; falling,
 *     the last one 0
 * @param unitParams parameters that one unit less saves
 * @param unitMacs multiply-accumulates that it saves
 * @param reasonToKeep why everything stays whatever the budget; empty if some may go
 */
public record LossTable(
    List<String> blocks,
    GroupKind kind,
    int positions,
    int positionsPerUnit,
    List<Double> loss,
    long unitParams,
    long unitMacs,
    String reasonToKeep) {
  public LossTable {
    blocks = List.copyOf(blocks);
    loss = List.copyOf(loss);
  }

  /** How many units there are. */
  public int units() {
    return loss.size();
  }

  /** The loss where so many units stay. */
  public double at(int units) {
    return loss.get(units - 1);
  }

  /** The fewest units that cost at most so much. */
  public int within(double most) {
    int units = units();
    while (units > 1 && at(units - 1) <= most) {
      units--;
    }
    return units;
  }

  /**
   * All tables of a model, in the order of its blocks.
   *
   * @param losses what each group costs the loss when its turn to go comes, in one unit
   */
  public static List<LossTable> of(WorkingModel working, Importance losses) {
    Choices choices = Choices.of(working.analysis(), working.blocks(), losses);
    List<Choice> all = choices.all();
    Map<Choice, Integer> everything = new LinkedHashMap<>();
    all.forEach(choice -> everything.put(choice, choice.units()));
    List<Cost> saved = new CandidateCost(working, all, Map.of()).savings();
    List<LossTable> tables = new ArrayList<>();
    for (Choice choice : all) {
      Cost unit = saved.get(tables.size());
      String reason = choice.reasonToKeep();
      tables.add(
          new LossTable(
              choice.members().stream()
                  .map(member -> working.blocks().get(member.block()).name())
                  .distinct()
                  .toList(),
              choice.kind(),
              choice.members().get(0).axis().size(),
              choice.positionsPerUnit(),
              losses(choice.worth(choices.headsKept(choice, everything))),
              unit.params(),
              unit.macs(),
              reason == null ? "" : reason));
    }
    return tables;
  }

  /**
   * From what goes to what stays.
   *
   * @param worth of the first, the second unit and so on, falling
   */
  private static List<Double> losses(double[] worth) {
    List<Double> losses = new ArrayList<>();
    double sum = 0;
    for (int unit = worth.length - 1; unit >= 0; unit--) {
      losses.add(0, sum);
      sum += worth[unit];
    }
    return losses;
  }
}
