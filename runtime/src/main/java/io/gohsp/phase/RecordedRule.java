package io.gohsp.phase;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.gohsp.engine.FlatVector;
import io.gohsp.plan.PruningPlan;
import io.gohsp.soft.PruningRule;
import io.gohsp.soft.Remaining;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.Map;

/** A rule whose history survives an interruption too, for the report. */
final class RecordedRule implements PruningRule {
  private static final ObjectMapper JSON = new ObjectMapper();

  private final PruningRule rule;
  private final Map<Long, Remaining> history;

  /** What a checkpoint keeps: the rule's own memo, and the history. */
  private record Memo(String rule, LinkedHashMap<Long, Remaining> history) {}

  /**
   * @param history what the rule has told so far; it goes on adding to it
   */
  RecordedRule(PruningRule rule, Map<Long, Remaining> history) {
    this.rule = rule;
    this.history = history;
  }

  @Override
  public PruningPlan plan() {
    return rule.plan();
  }

  @Override
  public void moments(Collection<FlatVector> vectors) {
    rule.moments(vectors);
  }

  @Override
  public void beforeUpdate(long step) {
    rule.beforeUpdate(step);
  }

  @Override
  public void afterUpdate(long step, double rate) {
    rule.afterUpdate(step, rate);
  }

  @Override
  public Map<String, FlatVector> state() {
    return rule.state();
  }

  @Override
  public String memo() {
    try {
      return JSON.writeValueAsString(new Memo(rule.memo(), new LinkedHashMap<>(history)));
    } catch (JsonProcessingException e) {
      throw new AssertionError("text in memory can be written", e);
    }
  }

  @Override
  public void restore(String text) {
    try {
      Memo memo = JSON.readValue(text, Memo.class);
      rule.restore(memo.rule());
      history.clear();
      history.putAll(memo.history());
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("a checkpoint that is as it was written is understood", e);
    }
  }
}
