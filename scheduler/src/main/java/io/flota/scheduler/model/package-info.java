/// The scheduler's one view of the cluster: written by one thread as the store tells, read by everybody.
package io.flota.scheduler.model;
