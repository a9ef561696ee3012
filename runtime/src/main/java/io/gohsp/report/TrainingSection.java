package io.gohsp.report;

import io.gohsp.report.LineChart.Level;
import io.gohsp.report.LineChart.Point;
import io.gohsp.report.LineChart.Series;
import io.gohsp.report.Timeline.Span;
import io.gohsp.train.EpochReport;
import io.gohsp.train.Evaluation;
import java.util.ArrayList;
import java.util.List;
import java.util.function.ToDoubleFunction;

/** Loss and accuracy over the phases of training. */
final class TrainingSection {
  private TrainingSection() {}

  static void render(PruningReport report, Markup page) {
    List<Span> spans = Timeline.of(report.phases());
    if (spans.stream().allMatch(span -> span.phase().training().epochs().isEmpty())) {
      return;
    }
    Section.open(page, "training", "Training");
    page.open("div", "class", "charts");
    loss(report, spans).render(page);
    accuracy(report, spans).render(page);
    page.close("div");
    page.element(
        "p",
        "Training loss is what was minimised: with a teacher, penalties or smoothing it is no"
            + " cross-entropy of the labels, which validation loss is.",
        "class",
        "note");
    table(spans, score(report), page);
    Section.close(page);
  }

  private static LineChart loss(PruningReport report, List<Span> spans) {
    List<Level> levels = new ArrayList<>();
    if (report.outcome() != null) {
      levels.add(new Level("dense", report.outcome().dense().loss()));
    }
    return new LineChart(
        "loss",
        "Loss",
        "Training and validation loss of every epoch over the updates made; "
            + "the table below has the numbers.",
        "updates",
        "loss",
        false,
        List.of(
            new Series("training", points(spans, EpochReport::loss)),
            new Series("validation", points(spans, epoch -> validation(epoch, Evaluation::loss))),
            atCut(report, spans, Evaluation::loss)),
        spans,
        levels);
  }

  /** What is measured beside the loss. */
  private static String score(PruningReport report) {
    return report.outcome() == null ? "accuracy" : report.outcome().dense().score();
  }

  private static LineChart accuracy(PruningReport report, List<Span> spans) {
    String score = score(report);
    List<Level> levels = new ArrayList<>();
    if (report.outcome() != null) {
      levels.add(new Level("dense", 100 * report.outcome().dense().accuracy()));
    }
    return new LineChart(
        "accuracy",
        Section.title(score),
        "Training and validation "
            + score
            + " of every epoch over the updates made; "
            + "the table below has the numbers.",
        "updates",
        score + ", %",
        false,
        List.of(
            new Series("training", points(spans, epoch -> 100 * epoch.accuracy())),
            new Series(
                "validation",
                points(spans, epoch -> 100 * validation(epoch, Evaluation::accuracy))),
            atCut(report, spans, evaluation -> 100 * evaluation.accuracy())),
        spans,
        levels);
  }

  private static double validation(EpochReport epoch, ToDoubleFunction<Evaluation> quantity) {
    return epoch.validation() == null ? Double.NaN : quantity.applyAsDouble(epoch.validation());
  }

  /** A curve for each phase; what an epoch lacks is no point. */
  private static List<List<Point>> points(
      List<Span> spans, ToDoubleFunction<EpochReport> quantity) {
    List<List<Point>> segments = new ArrayList<>();
    for (Span span : spans) {
      List<Point> points = new ArrayList<>();
      for (EpochReport epoch : span.phase().training().epochs()) {
        double value = quantity.applyAsDouble(epoch);
        if (!Double.isNaN(value)) {
          points.add(new Point(span.start() + epoch.step(), value));
        }
      }
      segments.add(points);
    }
    return segments;
  }

  /** What the model came to between the phases. */
  private static Series atCut(
      PruningReport report, List<Span> spans, ToDoubleFunction<Evaluation> quantity) {
    List<Point> points = new ArrayList<>();
    double cut = Timeline.cut(spans);
    if (report.outcome() != null && !Double.isNaN(cut)) {
      double value = quantity.applyAsDouble(report.outcome().atCut());
      if (!Double.isNaN(value)) {
        points.add(new Point(cut, value));
      }
    }
    return new Series("validation right after the cut", List.of(points));
  }

  private static void table(List<Span> spans, String score, Markup page) {
    page.open("details").element("summary", "Numbers");
    Table table =
        Table.cards(
            page,
            "Training",
            "phase, epoch",
            "updates",
            "learning rate",
            "loss",
            score,
            "validation loss",
            "validation " + score);
    for (Span span : spans) {
      for (EpochReport epoch : span.phase().training().epochs()) {
        boolean kept = epoch.epoch() == span.phase().training().kept();
        double loss = validation(epoch, Evaluation::loss);
        double accuracy = validation(epoch, Evaluation::accuracy);
        table
            .row(span.name() + " " + epoch.epoch() + (kept ? ", kept" : ""))
            .number(span.start() + epoch.step(), Long.toString(span.start() + epoch.step()))
            .number(epoch.rate(), Quantity.scientific(epoch.rate()))
            .number(epoch.loss(), Quantity.fixed(epoch.loss(), 4))
            .number(epoch.accuracy(), Quantity.accuracy(epoch.accuracy()))
            .number(loss, Quantity.fixed(loss, 4))
            .number(accuracy, Quantity.accuracy(accuracy))
            .end();
      }
    }
    table.close();
    page.close("details");
  }
}
