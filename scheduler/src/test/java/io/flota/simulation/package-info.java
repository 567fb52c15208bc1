/// Whole clusters in one thread: the real cores of schedulers and agents on a simulated etcd, systemd, network and
/// clock. Whatever happens follows from a seed.
package io.flota.simulation;
