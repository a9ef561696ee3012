#!/bin/sh
# OpenBLAS's Java binding by JavaCPP (org.bytedeco:openblas:0.3.19-1.5.7, Linux x86-64): openblas_nolapack.blas_set_num_threads looks up four symbols by name in all libraries of the process at every call, three of which
# (MKL's) are in none, so that a call takes about a millisecond. The function that it finds, called through a pointer that was looked up once, takes less than a microsecond. What calls BLAS on small matrices and sets the
# threads around each call spends nearly all of its time there. Ends with 0 as long as a call by the binding takes at least fifty times as long as one through the pointer.
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
cat >Threads.java <<'JAVA'
import org.bytedeco.javacpp.Loader;
import org.bytedeco.openblas.global.openblas_nolapack;
import org.bytedeco.openblas.presets.openblas_nolapack.SetNumThreads;
public class Threads {
  static class Direct extends SetNumThreads {
    Direct() { put(Loader.addressof("openblas_set_num_threads")); }
  }
  static double micros(int calls, Runnable call) {
    double best = Double.MAX_VALUE;
    for (int round = 0; round < 5; round++) {
      long start = System.nanoTime();
      for (int i = 0; i < calls; i++) call.run();
      best = Math.min(best, (System.nanoTime() - start) / 1e3 / calls);
    }
    return best;
  }
  public static void main(String[] arguments) {
    openblas_nolapack.blas_set_num_threads(1);
    Direct direct = new Direct();
    double binding = micros(200, () -> openblas_nolapack.blas_set_num_threads(1));
    double pointer = micros(20000, () -> direct.call(1));
    System.out.printf("microseconds a call: binding %.1f, pointer %.3f%n", binding, pointer);
    if (binding < 50 * pointer) System.exit(1);
  }
}
JAVA
OPENBLAS_NUM_THREADS=1 OMP_NUM_THREADS=1 java -cp 'lib/*' -Dorg.bytedeco.javacpp.cachedir="$work/cache" Threads.java
