/// The scheduler: what operators talk to, and what decides, while it leads, which unit runs on which machine.
/// [io.flota.scheduler.Scheduler] puts the parts together.
package io.flota.scheduler;
