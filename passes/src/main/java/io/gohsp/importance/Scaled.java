package io.gohsp.importance;

import io.gohsp.axis.AxisLayout;
import io.gohsp.ir.Value;
import java.util.List;

/**
 * A tensor of which parts are scaled with their groups.
 *
 * @param value read by nobody who does not see it scaled
 * @param axes its axes
 * @param shared whether samples have no part in it of their own: it is computed from constants
 * @param members the groups
 */
record Scaled(
    Value value, List<AxisLayout> axes, boolean shared, List<SensitivityGraph.Member> members) {}
