package io.flota.store;

import com.google.protobuf.ByteString;

/// A key with its value. Revisions are the store's.
///
/// @param leaseId the lease that the key lives under; 0 if none
public record Entry(String key, ByteString value, long createRevision, long modRevision, long leaseId) {}
