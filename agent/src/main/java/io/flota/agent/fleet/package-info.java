/// fleet's HTTP API on every machine: what is asked here, a scheduler answers.
package io.flota.agent.fleet;
