/**
 * Independent pieces of work, and who does them: threads of this process, or a cluster that is told
 * of them in another module. A {@link io.gohsp.workers.Task} is a value that can be sent; {@link
 * io.gohsp.workers.Workers} run many. Depends on nothing of gohsp; start at {@code Workers}.
 */
@NullMarked
package io.gohsp.workers;

import org.jspecify.annotations.NullMarked;
