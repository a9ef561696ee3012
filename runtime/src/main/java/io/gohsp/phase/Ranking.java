package io.gohsp.phase;

import io.gohsp.method.TrainedMethod;
import io.gohsp.study.Study;
import io.gohsp.train.Evaluation;

/**
 * What plans are made of. It is not kept: a decision is what follows from it.
 *
 * @param dense the original on the validation part
 * @param findings a method's, of what was studied
 */
record Ranking(Evaluation dense, Study study, TrainedMethod.Findings findings) {}
