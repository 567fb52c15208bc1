/// What a scheduler counts and measures, for Prometheus. Nothing else knows of it.
package io.flota.scheduler.metrics;
