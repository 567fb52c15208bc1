/// Units as containers, through Docker's API.
///
/// The pure part reads `[Container]` ([ContainerReader]; [ContainerKeys] says what becomes of each key) and makes of it
/// what Docker is to create ([ContainerPlan]). The shell around it ([Engine]) asks Docker, each call under a time limit
/// of ours.
package io.flota.agent.runtime.docker;
