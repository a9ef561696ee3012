#!/bin/sh
# OpenBLAS 0.3.19 as JavaCPP packs it (org.bytedeco:openblas:0.3.19-1.5.7, Linux x86-64), with the kernels that it has for AVX-512 (OPENBLAS_CORETYPE=SKYLAKEX), on an Intel Xeon of family 6, model 207:
# LAPACKE_dpotrf of 2 on the diagonal and 1 elsewhere, 64 x 64 and positive definite, returns a positive info ("not positive definite"). With HASWELL kernels it returns 0. Without the variable this processor gets
# the kernels of Prescott, since 0.3.19 does not know it, which are right, and half as fast as Haswell's. Ends with 0 as long as that is so, and where there is no AVX-512 to try it on.
set -eu
grep -qm1 avx512vl /proc/cpuinfo || { echo "no AVX-512 here"; exit 0; }
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
cat >Factor.java <<'JAVA'
import org.bytedeco.openblas.global.openblas;
public class Factor {
  public static void main(String[] arguments) {
    int n = 64;
    double[] a = new double[n * n];
    for (int i = 0; i < n * n; i++) a[i] = i % (n + 1) == 0 ? 2 : 1;
    System.out.println(openblas.LAPACKE_dpotrf(openblas.LAPACK_COL_MAJOR, (byte) 'U', n, a, n));
  }
}
JAVA
skylake=$(OPENBLAS_CORETYPE=SKYLAKEX OPENBLAS_NUM_THREADS=1 OMP_NUM_THREADS=1 java -cp 'lib/*' -Dorg.bytedeco.javacpp.cachedir="$work/cache" Factor.java)
haswell=$(OPENBLAS_CORETYPE=HASWELL OPENBLAS_NUM_THREADS=1 OMP_NUM_THREADS=1 java -cp 'lib/*' -Dorg.bytedeco.javacpp.cachedir="$work/cache" Factor.java)
echo "info with SKYLAKEX: $skylake, with HASWELL: $haswell"
[ "$haswell" = 0 ] && [ "$skylake" -gt 0 ]
