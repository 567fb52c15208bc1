/// Reaching machines by the system's `ssh`: the ways that fleetctl went, by its flags.
package io.flota.unitctl.ssh;
