package io.gohsp.spark;

import java.lang.reflect.InvocationTargetException;
import org.jspecify.annotations.Nullable;

/** What has to be on the class path, looked at by name: it may not be there. */
final class Setup {
  private static final String SCALA = "2.13.";
  private static final String SPARK = "4.";

  private static final String SUBMIT =
      "start it with spark-submit of Apache Spark 4.2 for Scala 2.13, or as gohsp COMMAND --spark"
          + " MASTER (docs/CLUSTER.md)";

  private Setup() {}

  /** What is wrong with it, and what to do; null if nothing is. */
  static @Nullable String problem(ClassLoader loader) {
    String versions =
        problem(
            constant(loader, "org.apache.spark.package$", "SPARK_VERSION"),
            constant(loader, "scala.util.Properties$", "versionNumberString"));
    if (versions != null) {
      return versions;
    }
    if (!isThere(loader, "io.gohsp.cli.Main")) {
      return "the program's libraries are missing; name all jars of its folder lib but slf4j-*.jar"
          + " with --jars, separated by commas";
    }
    if (!isThere(loader, "io.gohsp.onnx.ModelProto")) {
      return "Spark's protobuf comes before the program's, and is older; add --conf"
          + " spark.driver.userClassPathFirst=true --conf spark.executor.userClassPathFirst=true";
    }
    return null;
  }

  /**
   * What is wrong with the versions that were found; null if nothing is.
   *
   * @param spark null if there is no Spark
   * @param scala null if there is no Scala
   */
  static @Nullable String problem(@Nullable String spark, @Nullable String scala) {
    if (spark == null) {
      return "Apache Spark is not on the class path; " + SUBMIT;
    }
    if (scala == null || !scala.startsWith(SCALA)) {
      return "this Spark is for Scala " + scala + ", gohsp for Scala 2.13; " + SUBMIT;
    }
    if (!spark.startsWith(SPARK)) {
      return "this is Spark " + spark + ", and gohsp needs Spark 4; " + SUBMIT;
    }
    return null;
  }

  /** Whether a class can be used; its initialiser may find that what it needs is too old. */
  private static boolean isThere(ClassLoader loader, String name) {
    try {
      Class.forName(name, true, loader);
      return true;
    } catch (ClassNotFoundException | LinkageError | RuntimeException e) {
      return false;
    }
  }

  /** What a method without arguments of a Scala object returns; null if there is no such thing. */
  private static @Nullable String constant(ClassLoader loader, String object, String method) {
    try {
      Class<?> type = Class.forName(object, true, loader);
      Object instance = type.getField("MODULE$").get(null);
      return String.valueOf(type.getMethod(method).invoke(instance));
    } catch (ClassNotFoundException
        | NoSuchFieldException
        | NoSuchMethodException
        | IllegalAccessException
        | InvocationTargetException
        | LinkageError e) {
      return null;
    }
  }
}
