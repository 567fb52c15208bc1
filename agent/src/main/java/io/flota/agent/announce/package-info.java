/// Which endpoints of this machine are to be found, and their keys in the store. [Wanted], [Epochs] and [Drains] decide,
/// and know neither clock nor store; [Announcer] writes.
package io.flota.agent.announce;
