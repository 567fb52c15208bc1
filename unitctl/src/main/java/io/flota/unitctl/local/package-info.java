/// A whole cluster on this machine: real etcd members, schedulers and agents as processes on loopback addresses, and
/// the buttons that make them fail. What the cluster is to look like is computed ([Blueprint], pure); [LocalCluster]
/// makes it so; [Enclosure] holds the processes of one node together, so that it fails as a machine fails.
package io.flota.unitctl.local;
