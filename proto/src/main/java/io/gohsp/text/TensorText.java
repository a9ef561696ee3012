package io.gohsp.text;

import io.gohsp.tensor.Tensor;
import io.gohsp.tensor.TensorData;
import java.util.zip.CRC32;

/** How much of a tensor's contents is printed. */
@FunctionalInterface
public interface TensorText {
  /** The most elements that {@link #BRIEF} and {@link #DIGEST} print. */
  int BRIEF_SIZE = 16;

  /** What stands for contents that were left out. */
  String ELIDED = "{...}";

  /** All elements; only string and complex tensors are left out. Can be read again. */
  TensorText FULL =
      (name, tensor) -> ElementText.hasNotation(tensor.type()) ? ElementText.print(tensor) : ELIDED;

  /** The elements of small tensors. */
  TensorText BRIEF =
      (name, tensor) -> tensor.size() > BRIEF_SIZE ? ELIDED : FULL.contents(name, tensor);

  /**
   * The elements of small tensors, and a checksum of the others, so that equal texts mean equal
   * contents.
   */
  TensorText DIGEST =
      (name, tensor) -> {
        if (tensor.size() <= BRIEF_SIZE) {
          return FULL.contents(name, tensor);
        }
        TensorData data = tensor.data();
        CRC32 checksum = new CRC32();
        for (long at = 0; at < data.byteSize(); at += TensorData.CHUNK) {
          checksum.update(data.view(at, (int) Math.min(TensorData.CHUNK, data.byteSize() - at)));
        }
        return "{... crc32 %08x}".formatted(checksum.getValue());
      };

  /**
   * The text after the type.
   *
   * @param name of the initializer, or of the attribute the tensor is in
   */
  String contents(String name, Tensor tensor);
}
