/// Scenarios from the field, run end to end: the programs that were assembled, real etcd, real processes.
package io.flota.examples;
