/// Units as plain processes, for hosts without systemd: a small supervisor inside the agent.
///
/// The pure part reads a unit ([UnitSettings]), decides what becomes of one unit ([UnitMachine]) and in which order
/// units start and stop ([Jobs]). The shell around it spawns, kills, and keeps files. Each process has a shell
/// script as its parent (`shim`), which outlives the agent and writes down how the process ended.
package io.flota.agent.runtime.exec;
