/**
 * What a pruning run came to, as one page that people read and print, with the same numbers inside
 * it for programs. Depends on the library's front door ({@code io.gohsp}) and on the records of
 * what is shown; nothing but the command line depends on it. Start at {@link
 * io.gohsp.report.PruningReport}, the model of what is shown, and at {@link
 * io.gohsp.report.HtmlReport}, which lists the sections.
 */
@NullMarked
package io.gohsp.report;

import org.jspecify.annotations.NullMarked;
