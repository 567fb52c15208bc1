package io.flota.registry;

import com.google.protobuf.ByteString;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.Message;
import com.google.protobuf.UnknownFieldSet;

/// The fields of a message that only newer versions know. Values that are changed by others than those who wrote them
/// (units, placements, policies, failures, endpoints, the valve) carry them along.
final class Unread {
    private Unread() {}

    static ByteString of(Message message) {
        var fields = message.getUnknownFields();
        return fields.isEmpty() ? ByteString.EMPTY : fields.toByteString();
    }

    /// @param unread of such a message
    static UnknownFieldSet fields(ByteString unread) {
        try {
            return unread.isEmpty() ? UnknownFieldSet.getDefaultInstance() : UnknownFieldSet.parseFrom(unread);
        } catch (InvalidProtocolBufferException e) {
            throw new IllegalStateException("not the unknown fields of a message: " + unread, e);
        }
    }
}
