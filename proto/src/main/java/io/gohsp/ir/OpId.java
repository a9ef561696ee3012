package io.gohsp.ir;

/**
 * Which operator a node calls.
 *
 * @param domain empty for the standard operators ({@code ai.onnx} is read as empty)
 * @param type the operator's name in its domain
 * @param overload tells local functions of one name apart; usually empty
 */
public record OpId(String domain, String type, String overload) {
  /** Where ONNX Runtime's own operators live. */
  public static final String MICROSOFT = "com.microsoft";

  /** A standard operator. */
  public static OpId of(String type) {
    return new OpId("", type, "");
  }

  public static OpId of(String domain, String type) {
    return new OpId(domain, type, "");
  }

  @Override
  public String toString() {
    return (domain.isEmpty() ? "" : domain + "::")
        + type
        + (overload.isEmpty() ? "" : ":" + overload);
  }
}
