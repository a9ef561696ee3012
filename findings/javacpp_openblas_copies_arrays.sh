#!/bin/sh
# OpenBLAS as JavaCPP packs it (org.bytedeco:openblas:0.3.19-1.5.7, Linux x86-64), called with Java arrays: each call copies every array into memory newly allocated for it, and back afterwards, also those that the
# function only reads. Of large ones the C library asks the system for that memory each time, so that each call touches all of its pages for the first time. Seen as page faults of 20 products of a matrix of
# 2,200 x 2,200 doubles (38.7 MB, 9,453 pages) with a vector: 9,453 and a few for each call with double[], next to none with direct DoubleBuffers. Ends with 0 as long as that is so.
set -eu
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
cat >pom.xml <<'POM'
<project><modelVersion>4.0.0</modelVersion><groupId>x</groupId><artifactId>x</artifactId><version>1</version><dependencies>
<dependency><groupId>org.bytedeco</groupId><artifactId>javacpp</artifactId><version>1.5.7</version></dependency>
<dependency><groupId>org.bytedeco</groupId><artifactId>javacpp</artifactId><version>1.5.7</version><classifier>linux-x86_64</classifier></dependency>
<dependency><groupId>org.bytedeco</groupId><artifactId>openblas</artifactId><version>0.3.19-1.5.7</version></dependency>
<dependency><groupId>org.bytedeco</groupId><artifactId>openblas</artifactId><version>0.3.19-1.5.7</version><classifier>linux-x86_64</classifier></dependency>
</dependencies></project>
POM
mvn -q -B dependency:copy-dependencies -DoutputDirectory=lib
cat >Faults.java <<'JAVA'
import static org.bytedeco.openblas.global.openblas_nolapack.*;

import java.nio.*;
import java.nio.file.*;

public class Faults {
  static long faults() throws Exception {
    String status = Files.readString(Path.of("/proc/self/stat"));
    return Long.parseLong(status.substring(status.lastIndexOf(')') + 2).split(" ")[7]);
  }

  static DoubleBuffer direct(int numbers) {
    return ByteBuffer.allocateDirect(8 * numbers).order(ByteOrder.nativeOrder()).asDoubleBuffer();
  }

  public static void main(String[] arguments) throws Exception {
    int n = 2200;
    int calls = 20;
    double[] matrix = new double[n * n], x = new double[n], y = new double[n];
    DoubleBuffer matrixOutside = direct(n * n), xOutside = direct(n), yOutside = direct(n);
    long arrays = 0, buffers = 0;
    for (int round = 0; round < 2; round++) { // the second counts: all is loaded then
      long start = faults();
      for (int i = 0; i < calls; i++) cblas_dgemv(CblasRowMajor, CblasNoTrans, n, n, 1, matrix, n, x, 1, 0, y, 1);
      arrays = (faults() - start) / calls;
      start = faults();
      for (int i = 0; i < calls; i++) cblas_dgemv(CblasRowMajor, CblasNoTrans, n, n, 1, matrixOutside, n, xOutside, 1, 0, yOutside, 1);
      buffers = (faults() - start) / calls;
    }
    System.out.println("page faults of a call with double[]: " + arrays + ", with DoubleBuffer: " + buffers);
    if (arrays < n * n * 8L / 4096 || buffers > 100) System.exit(1);
  }
}
JAVA
OPENBLAS_NUM_THREADS=1 OMP_NUM_THREADS=1 java -XX:+UseSerialGC -Xmn24m -cp 'lib/*' -Dorg.bytedeco.javacpp.cachedir="$work/cache" Faults.java
