package io.gohsp.io;

/** The standard operators' domain has two spellings in files, and one in the IR. */
final class Domains {
  private Domains() {}

  static String normalised(String domain) {
    return domain.equals("ai.onnx") ? "" : domain;
  }
}
