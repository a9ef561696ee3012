package io.gohsp.io;

/**
 * The field numbers of ONNX's messages that reader and writer treat by hand, one group for each
 * message.
 */
final class Field {
  private Field() {}

  static final int MODEL_IR_VERSION = 1;
  static final int MODEL_PRODUCER_NAME = 2;
  static final int MODEL_PRODUCER_VERSION = 3;
  static final int MODEL_GRAPH = 7;
  static final int MODEL_OPSET_IMPORT = 8;
  static final int MODEL_METADATA = 14;
  static final int MODEL_TRAINING_INFO = 20;
  static final int MODEL_FUNCTION = 25;

  static final int GRAPH_NODE = 1;
  static final int GRAPH_NAME = 2;
  static final int GRAPH_INITIALIZER = 5;
  static final int GRAPH_INPUT = 11;
  static final int GRAPH_OUTPUT = 12;
  static final int GRAPH_VALUE_INFO = 13;
  static final int GRAPH_SPARSE_INITIALIZER = 15;

  static final int FUNCTION_NAME = 1;
  static final int FUNCTION_INPUT = 4;
  static final int FUNCTION_OUTPUT = 5;
  static final int FUNCTION_ATTRIBUTE = 6;
  static final int FUNCTION_NODE = 7;
  static final int FUNCTION_OPSET_IMPORT = 9;
  static final int FUNCTION_DOMAIN = 10;
  static final int FUNCTION_DEFAULT = 11;
  static final int FUNCTION_VALUE_INFO = 12;
  static final int FUNCTION_OVERLOAD = 13;

  static final int NODE_INPUT = 1;
  static final int NODE_OUTPUT = 2;
  static final int NODE_NAME = 3;
  static final int NODE_OP_TYPE = 4;
  static final int NODE_ATTRIBUTE = 5;
  static final int NODE_DOMAIN = 7;
  static final int NODE_OVERLOAD = 8;

  static final int ATTRIBUTE_NAME = 1;
  static final int ATTRIBUTE_FLOAT = 2;
  static final int ATTRIBUTE_INT = 3;
  static final int ATTRIBUTE_STRING = 4;
  static final int ATTRIBUTE_TENSOR = 5;
  static final int ATTRIBUTE_GRAPH = 6;
  static final int ATTRIBUTE_FLOATS = 7;
  static final int ATTRIBUTE_INTS = 8;
  static final int ATTRIBUTE_STRINGS = 9;
  static final int ATTRIBUTE_TENSORS = 10;
  static final int ATTRIBUTE_GRAPHS = 11;
  static final int ATTRIBUTE_DOC = 13;
  static final int ATTRIBUTE_TYPE = 20;
  static final int ATTRIBUTE_REFERENCE = 21;
  static final int ATTRIBUTE_SPARSE_TENSOR = 22;
  static final int ATTRIBUTE_SPARSE_TENSORS = 23;

  static final int TENSOR_DIMS = 1;
  static final int TENSOR_TYPE = 2;
  static final int TENSOR_SEGMENT = 3;
  static final int TENSOR_FLOATS = 4;
  static final int TENSOR_INT32S = 5;
  static final int TENSOR_STRINGS = 6;
  static final int TENSOR_INT64S = 7;
  static final int TENSOR_NAME = 8;
  static final int TENSOR_RAW = 9;
  static final int TENSOR_DOUBLES = 10;
  static final int TENSOR_UINT64S = 11;
  static final int TENSOR_EXTERNAL_DATA = 13;
  static final int TENSOR_DATA_LOCATION = 14;

  /** The first two fields of a sparse tensor are dense ones: the values, and where they lie. */
  static final int SPARSE_VALUES = 1;

  static final int SPARSE_INDICES = 2;

  /** Of a key-value entry as of an operator set: what it is about, and what it says. */
  static final int ENTRY_KEY = 1;

  static final int ENTRY_VALUE = 2;
}
