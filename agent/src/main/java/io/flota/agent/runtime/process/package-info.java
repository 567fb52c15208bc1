/// Processes, signals to them and files that outlive them, for runtimes.
package io.flota.agent.runtime.process;
