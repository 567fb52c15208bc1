/// Which scheduler leads: the one whose lease the leader key lives under. There is no leading without that key, and
/// every write of a leader compares it. Beside it stands where each scheduler serves, under the same lease.
package io.flota.scheduler.election;
