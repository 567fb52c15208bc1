package io.flota.scheduler.fleet;

import com.google.common.collect.ImmutableList;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Base64;
import java.util.List;
import java.util.Optional;

/// Says which page of a list is meant: fleet's, two numbers of 16 bits.
///
/// @param limit how many are on a page
/// @param page from 1
record PageToken(int limit, int page) {
    static final int HIGHEST = 0xffff;

    /// @param next empty on the last page
    record Page<T>(ImmutableList<T> items, String next) {}

    /// @param values of the request's `nextPageToken`
    /// @param limit the only one that is granted
    static PageToken of(List<String> values, int limit) throws FleetException {
        if (values.size() > 1) {
            throw FleetException.badRequest("too many values for page token");
        }
        var token = values.isEmpty() ? new PageToken(limit, 1) : decode(values.getFirst());
        if (token.limit != limit) {
            throw FleetException.badRequest("token limit must be " + limit);
        }
        if (token.page == 0) {
            throw FleetException.badRequest("token page must be greater than zero");
        }
        return token;
    }

    private static PageToken decode(String text) throws FleetException {
        try {
            var bytes = ByteBuffer.wrap(Base64.getUrlDecoder().decode(text)).order(ByteOrder.LITTLE_ENDIAN);
            if (bytes.remaining() >= 2 * Short.BYTES) {
                return new PageToken(Short.toUnsignedInt(bytes.getShort()), Short.toUnsignedInt(bytes.getShort()));
            }
        } catch (IllegalArgumentException _) {
            // said below, as for one that is too short
        }
        throw FleetException.badRequest("page token is none: take the nextPageToken of the page before");
    }

    String encode() {
        var bytes = ByteBuffer.allocate(2 * Short.BYTES).order(ByteOrder.LITTLE_ENDIAN);
        bytes.putShort((short) limit).putShort((short) page);
        return Base64.getUrlEncoder().encodeToString(bytes.array());
    }

    /// This page of all; beyond the last it is empty.
    <T> Page<T> cut(List<T> all) {
        int from = (int) Math.min((page - 1L) * limit, all.size());
        int to = (int) Math.min((long) page * limit, all.size());
        var next = Optional.of(new PageToken(limit, page + 1)).filter(_ -> to < all.size() && page < HIGHEST);
        return new Page<>(ImmutableList.copyOf(all.subList(from, to)), next.map(PageToken::encode).orElse(""));
    }
}
