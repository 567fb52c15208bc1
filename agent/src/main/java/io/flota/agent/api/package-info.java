/// What schedulers ask of this agent on behalf of operators, over gRPC.
package io.flota.agent.api;
