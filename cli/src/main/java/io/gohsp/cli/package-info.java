/**
 * The command line program: one class per command, options that several share as mixins, and one
 * place where errors become messages and exit codes. Depends on everything; start at {@link
 * io.gohsp.cli.Main}.
 */
@NullMarked
package io.gohsp.cli;

import org.jspecify.annotations.NullMarked;
