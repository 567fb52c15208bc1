/// The cluster as it stood at one revision of the store: one immutable value, changed in one way. Pure.
package io.flota.scheduler.cluster;
