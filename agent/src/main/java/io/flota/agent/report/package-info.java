/// Publishes the states of this machine's units: only what changed, in batches, under the lease of the registration.
package io.flota.agent.report;
