package io.gohsp.ir;

/**
 * What a file said about an object beyond what the IR models: doc strings, annotations, fields
 * newer than this program. The reader attaches it, the writer starts from it, and nobody else looks
 * inside. That is why a round trip loses nothing.
 */
public interface Residue {}
