/// What operators ask of a scheduler: the Cluster service, over gRPC and over the lean carrier.
/// Reads are answered from the model alone; writes go to etcd and come back through the model.
package io.flota.scheduler.api;
