/// The safety valve: when too many machines vanish at once, the fault may be the leader's own, and it moves no unit of
/// lost machines until enough of them are back or an operator says that they are lost. Pure, but for
/// [io.flota.scheduler.valve.SafetyValve], which asks the store and writes what was decided.
package io.flota.scheduler.valve;
