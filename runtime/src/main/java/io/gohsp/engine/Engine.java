package io.gohsp.engine;

import io.gohsp.engine.FlatVector.Slice;
import io.gohsp.ir.Model;
import io.gohsp.ir.ModelException;
import io.gohsp.ort.HostTensor;
import java.util.Map;

/** Something that executes graphs. */
public interface Engine {
  /** What the command line calls it. */
  String name();

  /** What of it changes the last bits of a result, as text. */
  String identity();

  /**
   * Makes a graph ready to run over given memory.
   *
   * @param name what messages call it
   * @param fed memory that inputs are read from at every run, by the input's name
   * @param into memory that outputs are written to at every run, by the output's name
   * @throws ModelException.Unsupported listing the operators that the engine does not have
   * @throws ModelException.ExecutionFailed if the engine refuses the graph
   */
  Executable compile(String name, Model model, Map<String, Slice> fed, Map<String, Slice> into);

  /** A graph ready to run. Used by one thread at a time. Holds memory until it is closed. */
  interface Executable extends AutoCloseable {
    /**
     * Runs once.
     *
     * @param data the inputs that are not fed from memory; copied
     * @return the outputs that are not written to memory, valid until the next run
     * @throws ModelException.ExecutionFailed if the data does not fit or the engine fails
     */
    Map<String, HostTensor> run(Map<String, HostTensor> data);

    @Override
    void close();
  }
}
