/// Calls of the Cluster service over the lean carrier: protobuf messages on a plain socket, because a gRPC stack would
/// take half a second to start.
package io.flota.unitctl.client;
