/// The watchdog over units that depend on the machine's lease: a process beside the agent that kills them in time,
/// whatever became of the agent.
package io.flota.agent.runtime.guard;
