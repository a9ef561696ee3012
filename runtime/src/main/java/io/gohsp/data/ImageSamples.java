package io.gohsp.data;

import io.gohsp.tensor.ElementType;
import io.gohsp.tensor.Tensor;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.FloatBuffer;
import java.util.List;

/** Pictures as a model's input. */
final class ImageSamples implements Samples {
  private final Images images;
  private final Preprocessing preprocessing;
  private final Augmentation augmentation;
  private final NamedArrays.Field field;

  ImageSamples(Images images, Preprocessing preprocessing, Augmentation augmentation) {
    this.images = images;
    this.preprocessing = preprocessing;
    this.augmentation = augmentation;
    field =
        new NamedArrays.Field(preprocessing.input(), preprocessing.type(), preprocessing.dims());
    if (augmentation.mixup() > 0 && field.type() != ElementType.FLOAT) {
      throw new DataException(
          "model", "mixup needs a FLOAT input, not " + field, "train the 32-bit model");
    }
  }

  @Override
  public Images dataset() {
    return images;
  }

  @Override
  public List<NamedArrays.Field> inputs() {
    return List.of(field);
  }

  @Override
  public double mixup() {
    return augmentation.mixup();
  }

  @Override
  public Samples subset(int[] indices) {
    return new ImageSamples(images.subset(indices), preprocessing, augmentation);
  }

  @Override
  public Reader reader() {
    return new PictureReader();
  }

  private final class PictureReader implements Reader {
    private final ImageDecoder decoder = new ImageDecoder();
    private final Pixels pixels = new Pixels();
    private final PictureTransform transform = new PictureTransform(preprocessing, augmentation);
    private final FloatBuffer scratch = FloatBuffer.allocate(preprocessing.elements());

    @Override
    public void read(int index, long seed, int epoch, List<ByteBuffer> targets)
        throws CorruptSampleException {
      images.read(index, decoder, pixels);
      SampleRandom random = new SampleRandom(seed, epoch, index);
      ByteBuffer target = targets.get(0);
      if (field.type() == ElementType.FLOAT) {
        transform.apply(pixels, random, target.asFloatBuffer());
        return;
      }
      transform.apply(pixels, random, scratch.clear());
      target.duplicate().order(ByteOrder.LITTLE_ENDIAN).put(converted(scratch.array()));
    }

    private ByteBuffer converted(float[] values) {
      long[] dims = {values.length};
      if (field.type().isFloating()) {
        return Tensor.ofFloats(field.type(), dims, values).data().bytes();
      }
      long[] whole = new long[values.length];
      for (int i = 0; i < whole.length; i++) {
        whole[i] = Math.round(values[i]);
      }
      return Tensor.ofIntegers(field.type(), dims, whole).data().bytes();
    }

    @Override
    public void close() {
      decoder.close();
    }
  }
}
