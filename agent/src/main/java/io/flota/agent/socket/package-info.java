/// What the agent serves to others on its own machine: HTTP over a unix socket.
package io.flota.agent.socket;
