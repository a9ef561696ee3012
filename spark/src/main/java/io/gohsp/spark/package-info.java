/**
 * The command line program on Apache Spark: {@link io.gohsp.spark.SparkMain} starts it, {@link
 * io.gohsp.spark.SparkWorkers} gives its tasks to executors. Scheduling, shipping and retrying are
 * Spark's. The only package that sees Spark, which whoever starts the program brings; depends on
 * {@code cli} and {@code workers}.
 */
@NullMarked
package io.gohsp.spark;

import org.jspecify.annotations.NullMarked;
