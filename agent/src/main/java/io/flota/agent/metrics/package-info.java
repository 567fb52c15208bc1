/// What an agent counts and measures, for Prometheus. Nothing else knows of it.
package io.flota.agent.metrics;
