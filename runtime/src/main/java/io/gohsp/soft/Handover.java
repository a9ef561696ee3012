package io.gohsp.soft;

import io.gohsp.axis.Contraction;
import io.gohsp.calibration.Calibration;
import io.gohsp.engine.FlatVector;
import io.gohsp.linear.LinearLayer;
import io.gohsp.normalize.WorkingModel;
import io.gohsp.recover.LayerInputs;
import io.gohsp.recover.RecoverySettings;
import io.gohsp.recover.Substitution;
import io.gohsp.train.ParameterStore;
import io.gohsp.vit.Block;
import java.nio.FloatBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.stream.Stream;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/**
 * What shrinks is handed over to what stays, our addition [C] to the source's soft pruning: as the
 * weights by which a layer reads a marked input lose a part, those of its other inputs gain what
 * replaces it best, {@code W_K += s (C_KK + μI)⁻¹ C_KG W_G}. The layer's output stays nearly what
 * it was, so that training need not learn anew what is lost. The layers are those that add up over
 * heads, value columns and neurons; C is measured once, on the dense model.
 */
final class Handover {
  /** A layer whose weight is in training. */
  private static final class Place {
    private final LayerInputs inputs;
    private final LinearLayer layer;
    private final ParameterStore.Entry entry;
    private final INDArray weight; // a view, [inputs, outputs]
    private final INDArray lost; // [inputs, outputs]
    private INDArray substitution; // [inputs, inputs]

    Place(LayerInputs inputs, LinearLayer layer, ParameterStore.Entry entry, FlatVector weights) {
      this.inputs = inputs;
      this.layer = layer;
      this.entry = entry;
      INDArray stored = entry.in(weights).array();
      int n = layer.inputs();
      weight =
          layer.isStoredByInputs()
              ? stored.reshape('c', n, layer.outputs())
              : stored.reshape('c', layer.outputs(), n).transpose();
      lost = Nd4j.create(n, layer.outputs());
      substitution = Nd4j.create(n, n);
    }
  }

  private final List<Place> places = new ArrayList<>();
  private final RecoverySettings settings;

  private Handover(RecoverySettings settings) {
    this.settings = settings;
  }

  /**
   * Measures the layers of a model. Those that are written in a way that is not understood, and
   * those whose weight others read too, are left out.
   *
   * @param working the dense model
   * @param mask of the parameters in training
   */
  static Handover of(
      WorkingModel working, PlanMask mask, Calibration calibration, RecoverySettings settings) {
    List<LinearLayer> layers =
        working.blocks().stream()
            .flatMap(block -> layers(block, working))
            .filter(layer -> mask.isOnlyReader(layer.stored()))
            .toList();
    List<LayerInputs> inputs = LayerInputs.measure(working.model(), layers, calibration);
    Handover handover = new Handover(settings);
    for (int i = 0; i < layers.size(); i++) {
      LinearLayer layer = layers.get(i);
      ParameterStore.Entry entry = Objects.requireNonNull(mask.entry(layer.stored()));
      handover.places.add(new Place(inputs.get(i), layer, entry, mask.store().weights()));
    }
    return handover;
  }

  private static Stream<LinearLayer> layers(Block block, WorkingModel working) {
    Stream<Contraction> attention =
        block.attention() == null ? Stream.empty() : block.attention().outputs().stream();
    Stream<Contraction> mlp = block.mlp() == null ? Stream.empty() : block.mlp().outputs().stream();
    return Stream.concat(attention, mlp)
        .filter(contraction -> contraction.node().graph() == working.model().graph())
        .flatMap(contraction -> LinearLayer.find(contraction.node()).stream());
  }

  /**
   * Computes anew who takes over from whom.
   *
   * @param marked vectors of the store with 1 for each element that goes and 0 for the others; an
   *     input goes if its weights are marked in one of them
   */
  void mark(FlatVector... marked) {
    for (Place place : places) {
      LinearLayer layer = place.layer;
      boolean[] goes = new boolean[layer.inputs()];
      int stride = layer.isStoredByInputs() ? layer.outputs() : 1;
      for (FlatVector vector : marked) {
        FloatBuffer elements = place.entry.in(vector).floats();
        for (int i = 0; i < goes.length; i++) {
          goes[i] |= elements.get(i * stride) != 0;
        }
      }
      double[] all = Substitution.of(place.inputs, goes, settings);
      place.substitution =
          Nd4j.createFromArray(all).castTo(place.lost.dataType()).reshape(goes.length, goes.length);
    }
  }

  /** Hands over what marked weights are about to lose: a part of what they are. */
  void apply(double part) {
    for (Place place : places) {
      place.substitution.mmuli(place.weight, place.lost);
      place.weight.addi(place.lost.muli(part));
    }
  }
}
