/// Decides which unit runs on which machine: a cluster in, a plan with its reasons out. Pure: no clock, no chance,
/// no ids of its own. [io.flota.scheduler.placement.Planner] is the way in.
package io.flota.scheduler.placement;
