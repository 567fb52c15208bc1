package io.flota.store;

import com.google.common.collect.ImmutableList;
import com.google.protobuf.ByteString;
import java.util.List;

/// Writes that happen together, if all conditions hold. A key may be written once in a transaction.
///
/// @param conditions at most [#MAX_OPERATIONS]
/// @param writes at most [#MAX_OPERATIONS]
public record Transaction(ImmutableList<Condition> conditions, ImmutableList<Write> writes) {
    /// etcd's default `--max-txn-ops`: more conditions or more writes than this are refused.
    public static final int MAX_OPERATIONS = 128;

    public Transaction {
        if (conditions.size() > MAX_OPERATIONS || writes.size() > MAX_OPERATIONS) {
            throw new IllegalArgumentException("a transaction of " + conditions.size() + " conditions and "
                    + writes.size() + " writes; etcd takes " + MAX_OPERATIONS + " of each");
        }
    }

    public static Transaction of(List<Condition> conditions, List<Write> writes) {
        return new Transaction(ImmutableList.copyOf(conditions), ImmutableList.copyOf(writes));
    }

    /// What must be true of a key when the transaction is applied.
    public sealed interface Condition {
        String key();
    }

    /// The key does not exist.
    public record Absent(String key) implements Condition {}

    /// The key exists and was last written at this revision.
    public record Unchanged(String key, long modRevision) implements Condition {}

    /// The key exists and has done so since this revision, whatever its value.
    public record SameLife(String key, long createRevision) implements Condition {}

    /// The key was not written after this revision; it need not exist.
    public record NotWrittenAfter(String key, long revision) implements Condition {}

    /// One change of a key.
    public sealed interface Write {
        String key();
    }

    /// @param leaseId the lease under which the key lives; 0 for none
    public record Put(String key, ByteString value, long leaseId) implements Write {}

    public record Delete(String key) implements Write {}
}
