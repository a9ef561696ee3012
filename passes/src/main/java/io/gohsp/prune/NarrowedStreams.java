package io.gohsp.prune;

import io.gohsp.axis.Factor;
import io.gohsp.axis.Fixed;
import io.gohsp.ir.Location;
import io.gohsp.ir.Model;
import io.gohsp.ir.ModelException;
import io.gohsp.normalize.MergeCopies;
import io.gohsp.normalize.RemoveUnused;
import io.gohsp.normalize.WorkingModel;
import io.gohsp.plan.Keep;
import io.gohsp.plan.Keeps;
import io.gohsp.plan.StreamPlan;
import io.gohsp.stream.Directions;
import io.gohsp.stream.Stream;
import io.gohsp.stream.Streams;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.IntStream;

/**
 * Residual streams that lose channels. That is a cut of its own, before that of the blocks: a model
 * with narrower streams is a model like any other.
 */
final class NarrowedStreams {
  private NarrowedStreams() {}

  /**
   * The model with narrower streams; the one given stays as it is.
   *
   * @throws ModelException.BadPlan if the plans do not fit the model
   */
  static Model cut(Model model, List<StreamPlan> plans) {
    Set<String> unused = RemoveUnused.unused(model);
    Streams streams = Streams.of(WorkingModel.normalized(model, node -> false, false));
    WorkingModel target = streams.model();
    Map<Stream, Directions> directions = new LinkedHashMap<>();
    Map<Factor, Keep> keeps = new LinkedHashMap<>();
    for (StreamPlan plan : plans) {
      Stream stream = find(streams, plan, Location.of(model));
      directions.put(stream, plan.directions());
      keeps.put(stream.factor(), Keep.of(IntStream.range(0, plan.kept()).boxed().toList()));
    }
    streams.turn(directions);
    new PrunePass(target.analysis(), target.facts(), new Keeps(keeps)).run(target.model());
    streams.close();
    MergeCopies.run(target.copies());
    RemoveUnused.run(target.model(), unused);
    OptimizerNames.run(target.model());
    ListedInitializers.run(target.model());
    return target.model();
  }

  /**
   * A model with what goes of its streams switched off at full width.
   *
   * @param original whose streams they are
   * @param masked the original, perhaps with masks or switches
   * @throws ModelException.BadPlan if the plans do not fit the model
   */
  static Model mask(Model original, Model masked, List<StreamPlan> plans) {
    Streams streams = Streams.of(WorkingModel.normalized(original, node -> false, false));
    Map<Stream, Directions> directions = new LinkedHashMap<>();
    for (StreamPlan plan : plans) {
      directions.put(find(streams, plan, Location.of(original)), plan.directions());
    }
    Model target = WorkingModel.normalized(masked, node -> false, false).model();
    streams.narrow(directions, target);
    return target;
  }

  private static Stream find(Streams streams, StreamPlan plan, Location location) {
    Stream stream = streams.named(plan.stream());
    if (stream == null || stream.width() != plan.width()) {
      throw new ModelException.BadPlan(
          location,
          plan.stream()
              + " of the plan was made for "
              + plan.width()
              + " channels, the model has "
              + (stream == null ? "no such stream" : stream.width()),
          "use a plan that was made for this architecture");
    }
    Fixed obstacle = stream.obstacle();
    if (obstacle != null) {
      throw new ModelException.BadPlan(
          obstacle.node() == null ? location : obstacle.node().location(),
          plan.stream() + " cannot be narrowed: " + obstacle.reason(),
          "leave it out of the plan");
    }
    int width = stream.width(plan.directions().count());
    if (width != plan.kept() || !Streams.areIndependent(stream, plan.directions())) {
      throw new ModelException.BadPlan(
          location,
          plan.stream()
              + " would keep "
              + plan.kept()
              + " channels, but its "
              + plan.directions().count()
              + " directions "
              + (width == plan.kept() ? "depend on each other" : "make up " + width),
          "write the plan again");
    }
    return stream;
  }
}
