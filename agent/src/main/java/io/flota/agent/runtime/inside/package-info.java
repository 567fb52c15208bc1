/// Runs programs inside units that consist of processes of this machine: `nsenter` from util-linux takes them into the
/// namespaces of the unit's main process.
package io.flota.agent.runtime.inside;
