/// Runs units as units of the machine's systemd, over D-Bus: what is wanted of each and what systemd says of it
/// ([io.flota.agent.runtime.systemd.Units]), what outlives the agent, and the connection to systemd.
package io.flota.agent.runtime.systemd;
